"""Drawing fetches nothing and has an end."""

import pytest

from analytics_pipelines.datasets.charts.draw import chart_of
from analytics_pipelines.datasets.charts.png import ChartTooLarge, FetchingChart, png_of
from analytics_pipelines_tests.datasets.charts.charted import SOURCES

PLAIN = {"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "quantitative"}}}


@pytest.mark.parametrize(
    "part",
    [
        {"data": {"url": "https://example.org/data.json"}},
        {"data": {"url": "file:///etc/passwd", "format": {"type": "csv"}}},
        {"mark": "image"},
        {"mark": {"type": "image"}},
        {"layer": [PLAIN, {"mark": "point", "encoding": {"href": {"value": "https://example.org"}}}]},
        {"transform": [{"lookup": "a", "from": {"data": {"url": "x.csv"}, "key": "a"}}]},
        {"datasets": {"a": [{"url": "x"}]}},
    ],
)
def test_what_names_something_outside_is_refused(part):
    with pytest.raises(FetchingChart, match="names a URL"):
        png_of(PLAIN | part)


def test_a_url_in_the_data_is_only_text():
    specification = chart_of(SOURCES["bars"])
    specification["data"]["values"][0]["x"] = "https://example.org/data.json"
    assert png_of(specification).startswith(b"\x89PNG")


def test_a_chart_of_megabytes_is_refused():
    with pytest.raises(ChartTooLarge, match="4,000,000 bytes"):
        png_of(PLAIN | {"data": {"values": [{"a": "x" * 1000}] * 4500}})
