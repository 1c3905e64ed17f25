"""The form of an upload, as OpenAPI and its route read it."""

import pytest

from analytics_pipelines.datasets.uploads.form import FIELDS, form_body, keeps_original


@pytest.mark.parametrize(("sent", "is_kept"), [("true", True), ("On", True), ("1", True), ("no", False), ("", False)])
def test_the_original_is_kept_where_the_form_says_so(sent, is_kept):
    assert keeps_original({"keep_original": sent}) is is_kept
    assert not keeps_original({})


def test_the_body_tells_each_field():
    schema = form_body("CSV.")["content"]["multipart/form-data"]["schema"]
    assert set(schema["properties"]) == {"file", *FIELDS}
    assert schema["properties"]["file"]["description"] == "CSV."
