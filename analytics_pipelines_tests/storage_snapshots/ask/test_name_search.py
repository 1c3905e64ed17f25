import orjson
import pytest

from analytics_pipelines.storage_snapshots.ask import name_search
from analytics_pipelines.storage_snapshots.ask.chosen import chosen
from analytics_pipelines.storage_snapshots.ask.name_search import FIRST_BLOCKS, Wanted, by_name, entries_at
from analytics_pipelines.storage_snapshots.ask.patterns import Mode, matcher
from analytics_pipelines_tests.storage_snapshots.ask.woods import published


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with published(tmp_path_factory.mktemp("wood"), 300) as lease:
        yield lease


def found(lease, pattern, after=None, limit=100, *, share=None, kind=None):
    with lease.cursor() as cursor:
        wanted = Wanted(matcher(cursor, Mode.SUBSTRING, pattern, is_case_sensitive=False), kind, None)
        page = by_name(cursor, chosen(lease, share=share), wanted, after, limit)
    return [orjson.loads(each) for each in page.entries], page.last


def test_the_key_of_a_page_that_is_not_the_last_is_its_last_entrys(lease):
    entries, last = found(lease, "report", limit=7)
    assert (last[0], last[1]) == (entries[-1]["name"].lower(), entries[-1]["share"])
    following, _ = found(lease, "report", last, limit=1)
    assert (following[0]["name"].lower(), following[0]["share"]) > (last[0], last[1])


def test_the_last_page_has_no_key(lease):
    assert found(lease, "kelvin")[1] is None
    assert found(lease, "no such name") == ([], None)


def test_a_share_and_a_type_narrow_it(lease):
    entries, _ = found(lease, "e", share="small", kind="d")
    assert {(each["share"], each["type"]) for each in entries} == {("small", "d")}


def test_rows_are_fetched_by_their_positions(lease, monkeypatch):
    monkeypatch.setattr(name_search, "ROWS_AT_ONCE", 3)
    with lease.cursor() as cursor:
        rows = entries_at(cursor, chosen(lease), [5, 3, 8, 1, 0])
        told = dict(cursor.execute("SELECT position, name FROM hot_fs__names WHERE position < 9").fetchall())
    assert {position: orjson.loads(row)["name"] for position, row in rows.items()} == {
        position: told[position] for position in (0, 1, 3, 5, 8)
    }


@pytest.mark.parametrize("limit", [1, 3, 40, 2000])
@pytest.mark.parametrize(
    ("mode", "pattern"),
    [(Mode.SUBSTRING, "e"), (Mode.SUBSTRING, "report"), (Mode.REGEX, "report[0-9]*[.-]"), (Mode.REGEX, "[^x]e.*t$")],
)
def test_memory_and_blocks_and_both_find_the_same(lease, monkeypatch, mode, pattern, limit):
    def pages(kind):
        with lease.cursor() as cursor:
            wanted = Wanted(matcher(cursor, mode, pattern, is_case_sensitive=False), kind, None)
            first = by_name(cursor, chosen(lease), wanted, None, limit)
            return first, first.last and by_name(cursor, chosen(lease), wanted, first.last, limit)

    from_memory = [pages(kind) for kind in (None, "f")]
    for tried, fetched in ((3, 2000), (20_000, 2), (0, 0)):
        monkeypatch.setattr(name_search, "MOST_TRIED", tried)
        monkeypatch.setattr(name_search, "MOST_FETCHED", fetched)
        assert [pages(kind) for kind in (None, "f")] == from_memory
    monkeypatch.setattr(name_search.KeptNames, "of", lambda _: None)
    assert [pages(kind) for kind in (None, "f")] == from_memory
    assert from_memory[0][0].entries


def test_few_blocks_are_read_first_and_each_once():
    blocks = range(5 * FIRST_BLOCKS + 9)
    portions = list(name_search._portions(blocks))
    assert [len(each) for each in portions] == [FIRST_BLOCKS, 4 * FIRST_BLOCKS, 9]
    assert [block for each in portions for block in each] == list(blocks)
