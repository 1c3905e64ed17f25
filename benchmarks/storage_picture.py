"""Cost against size as a picture: seconds of the work on the left, milliseconds of the answers on the right."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import vl_convert

from analytics_pipelines.dagster_kit.pictures import SCALE, SCHEMA
from analytics_pipelines.foundation.chart_look import GROUND, LOOK

WORK = {"ingest_s": "ingest", "rollup_s": "rollup", "compare_cold_s": "compare", "publish_s": "publish"}
ANSWERS = "_p95_ms"
AXES = {"axis": {"format": "~s"}, "scale": {"type": "log", "nice": False}}


def draw(figures: Sequence[Mapping[str, float]], file: Path) -> None:
    """Write a PNG with a line for each figure over the sizes, both axes logarithmic."""
    work = [
        {"entries": each["entries"], "seconds": each[name], "work": word}
        for each in figures
        for name, word in WORK.items()
    ]
    answers = [
        {"entries": each["entries"], "p95 ms": value, "question": name.removesuffix(ANSWERS).replace("_", " ")}
        for each in figures
        for name, value in each.items()
        if name.endswith(ANSWERS)
    ]
    spec = {
        "$schema": SCHEMA,
        "hconcat": [_chart(work, "seconds", "work"), _chart(answers, "p95 ms", "question")],
        "resolve": {"scale": {"color": "independent"}},
        "config": {**GROUND, **LOOK},
    }
    file.write_bytes(vl_convert.vegalite_to_png(spec, scale=SCALE))


def _chart(rows: Sequence[Mapping[str, Any]], y: str, color: str) -> dict[str, Any]:
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "line", "point": True, "strokeWidth": 2},
        "encoding": {
            "x": {"field": "entries", "type": "quantitative", **AXES},
            "y": {"field": y, "type": "quantitative", **AXES},
            "color": {"field": color, "type": "nominal"},
        },
        "width": 300,
        "height": 240,
    }
