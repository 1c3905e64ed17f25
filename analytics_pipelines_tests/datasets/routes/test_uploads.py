"""The door of uploads, over HTTP, with the process that reads them."""

import gzip

import httpx
import pytest

from analytics_pipelines_tests.datasets.routes.house import CSV, ROWS, House, sent, uploaded


def test_an_upload_becomes_a_dataset_and_says_what_it_holds(anna, house):
    before = house.files()
    answer = uploaded(anna, CSV)
    told = answer["metadata"]
    assert (answer["success"], told["session_id"]) == (True, answer["session_id"])
    assert (told["filename"], told["row_count"], told["column_count"]) == ("sales.csv", ROWS, 4)
    assert told["columns"] == ["sold_at", "region", "price", "quantity"]
    assert told["column_types"] == {"sold_at": "date", "region": "text", "price": "number", "quantity": "integer"}
    price = next(each for each in told["evidence"] if each["name"] == "price")
    assert (price["nulls"], price["least"]) == (0, 10.0)
    assert (told["reading"]["encoding"], told["reading"]["delimiter"]) == ("utf-8", ",")
    assert {"hashed_password", "file_path"} & told.keys() == set()
    (added,) = house.files() - before
    assert added == f"{told['user_id']}/{told['id']}/data.parquet"


def test_packed_and_tabbed_files_are_the_same_rows(anna):
    packed = uploaded(anna, gzip.compress(CSV))["metadata"]
    tabbed = uploaded(anna, CSV.replace(b",", b"\t"))["metadata"]
    assert packed["sha256"] == tabbed["sha256"] == uploaded(anna, CSV)["metadata"]["sha256"]


def test_rows_that_do_not_fit_are_left_out_and_told(anna):
    reading = uploaded(anna, b"a,b\n1,2\n3\n4,5\n6,7,8\n9,10\n")["metadata"]["reading"]
    assert reading["rejected_count"] == 2
    assert [each["line"] for each in reading["rejected"]] == [3, 5]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param(b"", 422, "EmptyUpload", id="nothing"),
        pytest.param(b"%PDF-1.7 a,b\n1,2\n", 422, "NotATable", id="a PDF"),
        pytest.param(b"a,b\n1,\x00\n", 422, "HoldsNul", id="a NUL"),
        pytest.param(b"a\n" + b"1\n" * 150_000, 413, "UploadTooLarge", id="too large"),
        pytest.param(gzip.compress(b"a\n" + b"1\n" * 4_000_000), 422, "TooLargeUnpacked", id="a bomb"),
    ],
)
def test_what_is_refused_is_named_and_leaves_nothing(anna, house, content, status, code):
    before = house.files()
    answer = sent(anna, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert house.files() == before


def test_a_name_is_only_ever_shown(anna, house):
    name = '../../etc/"passwd"\r\nX-Evil: 1.csv'
    answer = anna.post("/api/analytics/upload", files={"file": (name, CSV)})
    told = answer.json()["metadata"]
    assert "/" not in told["filename"]
    assert "\n" not in told["filename"]
    assert "x-evil" not in answer.headers
    assert all(path.endswith(("/data.parquet", "/original")) for path in house.files())


def test_nobody_uploads_without_an_account(house: House):
    assert sent(house.nobody, CSV).status_code == 401


def test_the_limit_of_uploads_is_told_and_held(anna: httpx.Client):
    headers = sent(anna, CSV).headers
    assert headers["ratelimit-limit"].startswith("1000")
    assert int(headers["ratelimit-remaining"]) < 1000
