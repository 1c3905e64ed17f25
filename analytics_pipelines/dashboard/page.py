"""The home page as HTML: one template, its style inside it, nothing loaded from elsewhere, no script."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from operator import attrgetter

from jinja2 import Environment, PackageLoader, StrictUndefined

from analytics_pipelines.dashboard.charts import bars
from analytics_pipelines.dashboard.state import PlatformState, TableState
from analytics_pipelines.dashboard.words import human_age, human_bytes, human_count, human_day

PACKAGE = "analytics_pipelines.dashboard"
CURVE = (560, 96)
SPARK = (120, 22)
LAYERS = ("raw", "core", "out")


def home_page(state: PlatformState) -> str:
    """The page for that state."""
    tables = sorted(state.tables, key=in_reading_order)
    return (
        _environment()
        .get_template("home.html")
        .render(
            state=state,
            rooms=[(room, list(each)) for room, each in groupby(tables, key=attrgetter("room"))],
            visits=bars(state.curves.visits, *CURVE),
            stored=bars(state.curves.stored_bytes, *CURVE),
            style=_style(),
        )
    )


def in_reading_order(table: TableState) -> tuple[str, int, str]:
    """By room, then in the order in which rows run: raw, core, out."""
    layer = table.name.split("_", 1)[0]
    return table.room, LAYERS.index(layer) if layer in LAYERS else len(LAYERS), table.name


@cache
def content_security_policy() -> str:
    """Allows our own style, by its hash, and nothing else."""
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'sha256-" + digest + "'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


@cache
def _style() -> str:
    return files(PACKAGE).joinpath("templates", "home.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader(PACKAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {"bytes": human_bytes, "count": human_count, "age": human_age, "day": human_day}
    made.globals["spark"] = lambda points: bars(points, *SPARK)
    return made
