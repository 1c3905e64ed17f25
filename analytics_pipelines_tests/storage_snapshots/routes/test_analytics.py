import httpx
import pytest

from analytics_pipelines.storage_snapshots.routes import analytics_bodies as bodies
from analytics_pipelines.storage_snapshots.routes.analytics import router
from analytics_pipelines_tests.apps import small_app
from analytics_pipelines_tests.storage_snapshots.routes.stocked import (
    BAD,
    DAY,
    MB,
    NEWEST,
    body,
    client_of,
    code,
    stocked,
)

MODELS = {
    "heavy-files": bodies.HeavyFiles,
    "inactive-files": bodies.InactiveFiles,
    "recent-activity": bodies.RecentActivity,
    "duplicates": bodies.Duplicates,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with client_of(stocked(tmp_path_factory.mktemp("analytics")), router) as found:
        yield found


def paths(files):
    return [file["path"] for file in files]


@pytest.mark.parametrize("path", MODELS)
def test_answers_have_the_shape_that_the_docs_promise(client, path):
    told = body(client, path)
    assert MODELS[path].model_validate(told).model_dump(mode="json") == told
    assert told["snapshots"] == [
        {"share": share, "date": NEWEST.isoformat(), "taken_at": NEWEST.isoformat() + "T12:00:00Z"}
        for share in ("one", "two")
    ]


def test_heavy_files_are_the_largest_of_all_shares_or_of_one_or_of_a_folder(client):
    told = body(client, "heavy-files", limit=3)
    assert paths(told["files"]) == ["/one/old/copy/tape.tar", "/one/old/tape.tar", "/one/film.mp4"]
    file = told["files"][0]
    assert (file["size"], file["size_du"], file["owner"], file["extension"]) == (500 * MB - 1, 500 * MB, "bob", "tar")
    assert file["mtime"].endswith("T12:00:00Z")
    rest = body(client, "heavy-files", limit=3, cursor=told["next_cursor"])
    assert paths(rest["files"]) == ["/one/logs/app.log", "/two/a.bin", "/two/b.bin"]
    assert rest["next_cursor"] is None
    assert paths(body(client, "heavy-files", share="two", by="size")["files"]) == ["/two/a.bin", "/two/b.bin"]
    assert paths(body(client, "heavy-files", path="one/old/", extension=".MP4")["files"]) == ["/one/old/film.mp4"]


def test_an_older_day_is_told_as_it_was(client):
    told = body(client, "heavy-files", snapshot=DAY.isoformat(), extension="log")
    assert told["files"][0]["size_du"] == 100 * MB
    assert body(client, "heavy-files", extension="log")["files"][0]["size_du"] == 190 * MB
    # On the first day the tape was nine days younger.
    assert body(client, "inactive-files", snapshot=DAY.isoformat(), days=792)["totals"]["files"] == 0


def test_inactive_files_are_those_that_nobody_read_or_changed(client):
    told = body(client, "inactive-files")
    assert paths(told["files"]) == ["/one/old/copy/tape.tar", "/one/old/tape.tar", "/two/a.bin"]
    assert [file["idle_days"] for file in told["files"]] == [400, 800, 700]
    assert told["files"][0]["last_used_at"] == told["files"][0]["atime"]
    totals = told["totals"]
    assert (totals["files"], totals["size_du"], totals["unknown_files"]) == (3, 1050 * MB, 1)
    assert totals["unknown_size_du"] == 50 * MB
    by_mtime = body(client, "inactive-files", by="mtime", days=2, sort="size", share="two")
    assert (paths(by_mtime["files"]), by_mtime["totals"]["unknown_files"]) == (["/two/a.bin", "/two/b.bin"], 0)


def test_recent_activity_is_what_changed_in_a_month_newest_first(client):
    told = body(client, "recent-activity", limit=2)
    assert paths(told["files"]) == ["/one/logs/app.log", "/two/b.bin"]
    assert told["files"][0]["is_new"] is None
    assert (told["total_files"], told["size_du"]) == (3, 540 * MB)
    assert [each["files"] for each in told["by_day"]] == [1, 1, 1]
    assert [each["path"] for each in told["by_folder"]] == ["/one", "/one/logs", "/two"]
    more = body(client, "recent-activity", limit=2, cursor=told["next_cursor"])
    assert paths(more["files"]) == ["/one/film.mp4"]
    assert body(client, "recent-activity", days=1)["files"] == []


def test_duplicates_are_identical_where_hashed_and_potential_elsewhere(client):
    told = body(client, "duplicates")
    first, second = told["groups"]
    assert (first["level"], first["name"], first["hash"], first["reclaimable"]) == (
        "potential",
        "tape.tar",
        None,
        500 * MB,
    )
    assert (second["level"], second["hash"], second["files"], second["reclaimable"]) == ("identical", "c1", 2, 50 * MB)
    assert paths(second["copies"]) == ["/two/a.bin", "/two/b.bin"]
    assert [(each["level"], each["groups"], each["reclaimable"]) for each in told["totals"]] == [
        ("identical", 1, 50 * MB),
        ("potential", 1, 500 * MB),
    ]
    page = body(client, "duplicates", limit=1, copies=1)
    assert len(page["groups"][0]["copies"]) == 1
    assert body(client, "duplicates", limit=1, cursor=page["next_cursor"])["groups"] == [second]
    assert body(client, "duplicates", level="identical")["groups"] == [second]
    assert body(client, "duplicates", min_size=501 * MB)["groups"] == []


@pytest.mark.parametrize("path", MODELS)
@pytest.mark.parametrize(("query", "expected"), [*BAD, ({"cursor": "no cursor"}, (422, "BadCursor"))])
def test_bad_input_is_refused_by_name(client, path, query, expected):
    assert code(client, path, **query) == expected


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("heavy-files", {"by": "colour"}),
        ("heavy-files", {"extension": "x" * 256}),
        ("inactive-files", {"days": 0}),
        ("inactive-files", {"days": 36_501}),
        ("inactive-files", {"by": "ctime"}),
        ("recent-activity", {"days": "many"}),
        ("duplicates", {"min_size": -1}),
        ("duplicates", {"min_size": 2**63}),
        ("duplicates", {"level": "certain"}),
        ("duplicates", {"copies": 0}),
    ],
)
def test_values_out_of_range_are_refused(client, path, query):
    assert code(client, path, **query) == (422, "InvalidRequest")


def test_a_cursor_of_another_question_is_refused(client):
    cursor = body(client, "heavy-files", limit=1)["next_cursor"]
    assert code(client, "heavy-files", limit=1, cursor=cursor, by="size") == (422, "BadCursor")
    assert code(client, "inactive-files", limit=1, cursor=cursor) == (422, "BadCursor")


def test_before_the_first_publication_nothing_is_told(start, settings):
    client: httpx.Client = start(small_app(settings, router))
    assert code(client, "heavy-files") == (503, "NothingPublished")
