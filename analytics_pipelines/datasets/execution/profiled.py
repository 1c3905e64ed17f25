"""How the values of a dataset are spread, column by column, with a picture."""

import base64
from dataclasses import dataclass
from typing import Any

import orjson

from analytics_pipelines.datasets.charts.png import png_of
from analytics_pipelines.datasets.execution.at_work import profile
from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.datasets.kept.datasets import DatasetInFull


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiled:
    """Distributions by column, and their picture."""

    columns: list[dict[str, Any]]
    chart_spec: dict[str, Any]
    chart_data: str
    """PNG in base64."""


def profiled(platform: Platform, dataset: DatasetInFull) -> Profiled:
    """The profile of the whole dataset; raises `TimedOut`, `MemoryPassed`."""
    data = str(platform.folders.data(dataset.place))
    content = platform.workers.run(profile, data, dataset.evidence, limits=platform.limits_reading(data))
    told: dict[str, Any] = orjson.loads(content)
    picture = png_of(told["chart_spec"])
    return Profiled(**told, chart_data=base64.b64encode(picture).decode())
