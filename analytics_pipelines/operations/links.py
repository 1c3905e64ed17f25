"""Where a run can be looked at in Dagster's UI."""

from analytics_pipelines.foundation.settings import Settings

ANYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, not listened on


def run_link(settings: Settings, run_id: str, *, host: str | None) -> str:
    """The run's page; `host` is the name under which the caller reached us, for a UI that listens everywhere."""
    name = settings.dagster_host
    if name in ANYWHERE:
        name = host or "127.0.0.1"
    if ":" in name:
        name = "[" + name + "]"
    return f"http://{name}:{settings.dagster_port}/runs/{run_id}"
