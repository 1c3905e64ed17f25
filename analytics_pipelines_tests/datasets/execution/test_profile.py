"""Profiles, as the process makes them."""

import orjson

from analytics_pipelines.datasets.execution.profile import profile_of
from analytics_pipelines.datasets.uploads.limits import UploadLimits
from analytics_pipelines.datasets.uploads.upload import read_upload, uploaded_data
from analytics_pipelines_tests.datasets.routes.house import CSV


def test_a_profile_has_distributions_and_what_its_picture_is_drawn_from(tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "data.parquet"
    source.write_bytes(CSV)
    read = uploaded_data(read_upload(str(source), str(target), "in.csv", UploadLimits.of(10**6)))
    first = profile_of(str(target), read.columns)
    told = orjson.loads(first)
    assert [each["name"] for each in told["columns"]] == ["sold_at", "region", "price", "quantity"]
    assert told["chart_spec"]["concat"]
    assert profile_of(str(target), read.columns) == first
