"""How charts look wherever they are drawn: on a white ground, so that they read on light and dark pages."""

from typing import Any

COLOURS = ["#3366cc", "#dc7d0b", "#109618", "#990099", "#0099aa", "#b82e2e", "#66792e", "#6633aa"]
LOOK: dict[str, dict[str, Any]] = {
    "view": {"stroke": None},
    "mark": {"color": COLOURS[0]},
    "range": {"category": COLOURS},
    "axis": {"labelColor": "#333", "titleColor": "#333", "gridColor": "#e6e6e6", "domainColor": "#999"},
    "title": {"color": "#222", "fontSize": 14, "anchor": "start"},
    "legend": {"labelColor": "#333", "titleColor": "#333"},
}
"""Parts of a Vega-Lite configuration."""
GROUND: dict[str, Any] = {"background": "white", "padding": 12}
