from urllib.parse import quote

import httpx
import pytest

from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.http_kit.head import HeadAsGet
from analytics_pipelines.storage_snapshots.ask.pages import Pages
from analytics_pipelines.storage_snapshots.routes.folder_bodies import Folder, TreeOfFolders, Types
from analytics_pipelines.storage_snapshots.routes.folders import Where, router
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.storage_snapshots.forests import DAYS, ODD, OLDER, folders_in
from analytics_pipelines_tests.storage_snapshots.trees import DAY, summed


@pytest.fixture(scope="module")
def client(forest):
    generations, settings = forest
    app = small_app(settings, router, generations)
    app.add_middleware(HeadAsGet)
    with serving(app) as url, httpx.Client(base_url=url, timeout=30) as found:
        yield found


def body(client, path, /, **query):
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_folder_is_told_in_the_shape_that_the_docs_promise(client):
    told = body(client, "/api/folders/srv/deep", limit=3, bands="true")
    assert Folder.model_validate(told).model_dump(mode="json") == told
    sums = summed(DAYS[DAY]["deep"])
    assert (told["path"], told["name"], told["snapshots"]) == (
        "/srv/deep",
        "deep",
        [{"share": "deep", "date": "2026-03-01", "taken_at": "2026-03-01T12:00:00Z"}],
    )
    assert (told["files"], told["dirs"]) == (sums["file_count"], sums["dir_count"])
    assert (told["size"], told["size_du"]) == (sums["size_bytes"], sums["allocated_bytes"])
    assert told["own"]["files"] == sums["own_file_count"]
    assert sum(each["files"] for each in told["size_bins"]) == told["files"]
    assert sum(each["files"] for each in told["atime_ages"]) == told["files"]
    assert len(told["children"]) == 3
    assert {"share", "path", "name", "type", "size", "size_du", "mtime", "owner", "mode", "extension"} <= set(
        told["children"][0]
    )


@pytest.mark.parametrize("spelt", ["/api/folders/srv/deep", "/api/folders//srv/deep", "/api/folders/srv/deep/"])
def test_a_path_may_have_a_slash_before_it_or_behind_it_or_stand_in_the_query(client, spelt):
    told = body(client, spelt)
    assert told == body(client, "/api/folders", path="srv/deep") == body(client, "/api/folders", path="/srv/deep/")


def test_the_root_of_several_shares_has_them_side_by_side_and_one_can_be_chosen(client):
    told = body(client, "/api/folders/")
    assert [each["share"] for each in told["shares"]] == ["a", "b"] == [each["share"] for each in told["snapshots"]]
    assert told["size_du"] == sum(summed(DAYS[DAY][share])["allocated_bytes"] for share in "ab")
    assert {each["share"] for each in told["children"]} == {"a", "b"}
    alone = body(client, "/api/folders/", share="b")
    assert (alone["size_du"], len(alone["shares"])) == (summed(DAYS[DAY]["b"])["allocated_bytes"], 1)


def test_without_a_path_all_shares_are_told_by_their_roots(client):
    told = body(client, "/api/folders")
    assert (told["path"], told["name"]) == (None, None)
    assert {(each["share"], each["path"]) for each in told["children"]} == {
        ("a", "/"),
        ("b", "/"),
        ("deep", "/srv/deep"),
    }
    assert [each["share"] for each in body(client, "/api/folders/tree")["trees"]] == ["a", "b", "deep"]
    assert sum(each["files"] for each in body(client, "/api/folders/types")["types"]) == told["files"]


@pytest.mark.parametrize("name", ODD)
def test_any_name_can_be_asked_about_by_the_query_and_all_but_three_by_the_route(client, name):
    node = next(each for each in folders_in(DAYS[DAY]["deep"]) if each.path.endswith("/" + name))
    told = body(client, "/api/folders", path=node.path)
    assert (told["path"], told["name"], told["files"]) == (node.path, name, summed(node)["file_count"])
    if name not in {"tree", "types", "timeline"}:
        assert body(client, "/api/folders" + quote(node.path)) == told
        assert body(client, "/api/folders" + quote(node.path) + "/tree")["path"] == node.path
    assert body(client, "/api/folders/types", path=node.path)["path"] == node.path


def test_pages_go_on_by_cursor_until_there_is_none(client):
    names, cursor = [], None
    whole = body(client, "/api/folders/srv/deep", sort="name")
    while True:
        page = body(client, "/api/folders/srv/deep", sort="name", limit=2, **({"cursor": cursor} if cursor else {}))
        names += [each["name"] for each in page["children"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == [each["name"] for each in whole["children"]] == sorted(names)
    assert whole["next_cursor"] is None


def test_bands_are_told_only_where_they_are_asked_for(client):
    told = body(client, "/api/folders/srv/deep")
    assert Folder.model_validate(told).model_dump(mode="json") == told
    assert (told["size_bins"], told["mtime_ages"], told["atime_ages"]) == (None, None, None)
    assert told | {"size_bins": 1, "mtime_ages": 1, "atime_ages": 1} == body(client, "/api/folders/srv/deep", bands="1") | {
        "size_bins": 1, "mtime_ages": 1, "atime_ages": 1
    }  # fmt: skip


def test_a_tree_is_nested_and_what_is_left_out_is_summed_up(client):
    told = body(client, "/api/folders/srv/deep/tree", depth=3, top=1, min_size=1, by="size")
    assert TreeOfFolders.model_validate(told).model_dump(mode="json") == told
    root = told["trees"][0]
    assert (root["path"], root["own"]["files"], told["depth"]) == (
        "/srv/deep",
        summed(DAYS[DAY]["deep"])["own_file_count"],
        3,
    )
    assert len(root["children"]) == 1
    assert root["children"][0]["dirs"] + 1 + root["others"]["dirs"] + root["others"]["folders"] == root["dirs"]
    assert body(client, "/api/folders/srv/deep/tree", depth=0)["trees"][0]["children"] is None


def test_types_are_told_with_what_the_limit_left_out(client):
    told = body(client, "/api/folders/srv/deep/types", limit=1, sort="files")
    assert Types.model_validate(told).model_dump(mode="json") == told
    assert told["types"][0]["files"] + told["others"]["files"] == summed(DAYS[DAY]["deep"])["file_count"]
    names = [each["extension"] for each in body(client, "/api/folders/srv/deep/types", sort="extension")["types"]]
    assert names == sorted(names)


@pytest.mark.parametrize("path", ["/api/folders/", "/api/folders//tree", "/api/folders//types"])
def test_an_older_day_is_told_as_it_was(client, path):
    told = body(client, path, snapshot=OLDER.isoformat())
    assert told["snapshots"] == [{"share": "a", "date": "2026-02-20", "taken_at": "2026-02-20T12:00:00Z"}]
    assert told != body(client, path, share="a")


def test_head_is_answered_as_get_and_a_known_generation_with_304(client):
    whole = client.get("/api/folders/srv/deep")
    head = client.head("/api/folders/srv/deep")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", whole.headers["etag"])
    assert head.headers["content-length"] == str(len(whole.content))
    again = client.get("/api/folders/srv/deep", headers={"if-none-match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        pytest.param("/srv/%2e%2e/etc", {}, 422, "BadPath", id="up"),
        pytest.param("/%2e%2e/%2e%2e/etc/passwd", {}, 422, "BadPath", id="far up"),
        pytest.param("/srv/%2e/deep", {}, 422, "BadPath", id="here"),
        pytest.param("/srv//deep", {}, 422, "BadPath", id="an empty name"),
        pytest.param("/srv/de%00ep", {}, 422, "BadPath", id="a NUL"),
        pytest.param("/srv/" + "x" * 20_000, {}, 422, "BadPath", id="too long"),
        pytest.param("/srv/nothing", {}, 404, "UnknownPath", id="unknown"),
        pytest.param("/srv/deep/%ff%fe", {}, 404, "UnknownPath", id="no UTF-8"),
        pytest.param("/srv/deep", {"snapshot": "yesterday"}, 422, "BadSnapshotDate", id="no day"),
        pytest.param("/srv/deep", {"snapshot": "2026-02-30"}, 422, "BadSnapshotDate", id="a day that is none"),
        pytest.param("/srv/deep", {"snapshot": "2026-02-03"}, 404, "UnknownSnapshot", id="a day without snapshot"),
        pytest.param("/srv/deep", {"snapshot": OLDER.isoformat()}, 404, "UnknownPath", id="not on that day"),
        pytest.param("/srv/deep", {"share": "nobody"}, 404, "UnknownShare", id="unknown share"),
        pytest.param("/srv/deep", {"share": "../a"}, 422, "BadShareName", id="a share that is none"),
        pytest.param("/srv/deep", {"share": "a'; DROP TABLE x; --"}, 422, "BadShareName", id="a share of SQL"),
        pytest.param("/srv/deep", {"share": "a"}, 404, "UnknownPath", id="in another share"),
    ],
)  # fmt: skip
def test_bad_questions_get_a_typed_problem(client, path, query, status, code):
    for question in ("", "/tree", "/types"):
        assert_problem(client.get("/api/folders" + path + question, params=query), status, code)


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        pytest.param("", {"limit": 10_001}, "LimitTooHigh", id="past the limit"),
        pytest.param("/types", {"limit": 10_001}, "LimitTooHigh", id="past the limit of types"),
        pytest.param("", {"limit": 0}, "InvalidRequest", id="no rows"),
        pytest.param("", {"limit": "many"}, "InvalidRequest", id="no number"),
        pytest.param("", {"limit": "9" * 400}, "LimitTooHigh", id="a number of 400 digits"),
        pytest.param("", {"sort": "color"}, "InvalidRequest", id="no such order"),
        pytest.param("", {"sort": "name; DROP TABLE x"}, "InvalidRequest", id="SQL"),
        pytest.param("/types", {"sort": "mtime"}, "InvalidRequest", id="an order that types have not"),
        pytest.param("", {"order": "up"}, "InvalidRequest", id="no such way"),
        pytest.param("", {"cursor": "abc"}, "BadCursor", id="no cursor"),
        pytest.param("", {"cursor": "\N{SNOWMAN}"}, "BadCursor", id="no ASCII"),
        pytest.param("", {"cursor": "a" * 32_769}, "InvalidRequest", id="a long cursor"),
        pytest.param("/tree", {"depth": -1}, "InvalidRequest", id="no depth"),
        pytest.param("/tree", {"depth": 51}, "InvalidRequest", id="too deep"),
        pytest.param("/tree", {"min_size": 2**63}, "InvalidRequest", id="a size past all sizes"),
        pytest.param("/tree", {"top": 0}, "InvalidRequest", id="none"),
        pytest.param("/tree", {"by": "age"}, "InvalidRequest", id="no such measure"),
    ],
)
def test_bad_parameters_get_a_typed_problem(client, path, query, code):
    answer = client.get("/api/folders/srv/deep" + path, params=query)
    assert_problem(answer, 422, code)
    if code == "LimitTooHigh":
        assert answer.json()["limit"] == "MAX_SEARCH_LIMIT = 10000"


def test_a_cursor_of_another_list_or_another_generation_is_refused(client):
    page = body(client, "/api/folders/srv/deep", limit=1)
    other = client.get("/api/folders/", params={"cursor": page["next_cursor"]})
    assert_problem(other, 422, "BadCursor")
    resorted = client.get("/api/folders/srv/deep", params={"cursor": page["next_cursor"], "sort": "name"})
    assert_problem(resorted, 422, "BadCursor")
    where = Where(path="/srv/deep", snapshot="latest", share=None)
    question = {"question": "folder", "where": where, "sort": "size_du", "order": "desc"}
    outdated = client.get("/api/folders/srv/deep", params={"cursor": Pages.of("older", question).cursor_at((1,))})
    assert_problem(outdated, 409, "CursorOutdated")
    generation = page_of(client)
    for odd in ((-1,), (2**63 - 1,), (None,), ("x",), (1, 2)):
        forged = Pages.of(generation, question).cursor_at(odd)
        answer = client.get("/api/folders/srv/deep", params={"cursor": forged})
        assert answer.status_code in {200, 422}
        assert answer.status_code == 422 or odd == (None,)


def page_of(client):
    return client.get("/api/folders").headers["etag"].strip('"')


def test_before_anything_is_published_it_says_so(tmp_path, start):
    settings = settings_in(tmp_path)
    answer = start(small_app(settings, router, Generations(settings))).get("/api/folders/srv")
    assert_problem(answer, 503, "NothingPublished")


@pytest.mark.parametrize(("token", "status"), [("viewer", 200), ("metrics:read", 403), ("", 401)])
def test_where_reads_need_a_token_it_must_carry_the_scope_viewer(forest, start, token, status):
    generations, settings = forest
    closed = settings.model_copy(update={"auth_required_for_reads": True})
    client = start(small_app(closed, router, generations))
    for path in ("/api/folders", "/api/folders/tree", "/api/folders/srv/deep/types"):
        assert client.get(path, headers={"authorization": "Bearer " + token} if token else {}).status_code == status


def assert_problem(answer, status, code):
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    told = answer.json()
    assert told["code"] == code
    assert "etag" not in answer.headers
    assert not [secret for secret in ("SELECT", "Traceback", "hot_fs__", ".duckdb", "/tmp/") if secret in answer.text]  # noqa: S108 - must not be told
