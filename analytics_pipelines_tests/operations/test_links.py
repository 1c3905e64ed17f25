"""Where a run can be looked at."""

import pytest

from analytics_pipelines.operations.links import run_link
from analytics_pipelines_tests.conftest import settings_in


@pytest.mark.parametrize(
    ("listens", "host", "link"),
    [
        pytest.param("127.0.0.1", "example.org", "http://127.0.0.1:3000/runs/r", id="on loopback"),
        pytest.param("0.0.0.0", "example.org", "http://example.org:3000/runs/r", id="everywhere"),  # noqa: S104 - a setting, not listened on
        pytest.param("0.0.0.0", None, "http://127.0.0.1:3000/runs/r", id="everywhere, caller unknown"),  # noqa: S104 - a setting, not listened on
        pytest.param("::1", "x", "http://[::1]:3000/runs/r", id="on an IPv6 address"),
    ],
)
def test_the_link_leads_to_the_ui(tmp_path, listens, host, link) -> None:
    assert run_link(settings_in(tmp_path, dagster_host=listens), "r", host=host) == link
