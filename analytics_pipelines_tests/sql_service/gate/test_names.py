import pytest

from analytics_pipelines.sql_service.errors import DuckDBQueryError, QueryRefused
from analytics_pipelines.sql_service.gate.names import (
    check_given,
    clipped,
    near,
    near_table,
    small,
    spelt,
    unknown_table,
)

GIVEN = ["a", "A_b1", "über", "two words", "with-hyphen", "_x"]
NOT_GIVEN = [
    "",
    "x.csv",
    "/etc",
    "*",
    "a:b",
    "a\\b",
    "a?",
    "a[1]",
    "1a",
    "duckdb_settings",
    "PG_class",
    "sqlite_master",
]


def test_only_ascii_letters_lose_their_case():
    assert small("ÄBC\u212a") == "Äbc\u212a"


@pytest.mark.parametrize("name", GIVEN)
def test_a_plain_name_may_be_given(name):
    check_given(name, "A step")


@pytest.mark.parametrize("name", [*NOT_GIVEN, "a" * 200], ids=lambda name: name[:20] or "none")
def test_a_name_that_could_be_a_path_or_of_the_engine_may_not_be_given(name):
    with pytest.raises(QueryRefused, match="A step may not be called"):
        check_given(name, "A step")


def test_near_names_are_those_that_somebody_may_have_meant():
    assert near("core_web_session", ["core_web__sessions", "t"]) == "Did you mean core_web__sessions? "
    assert near("zzz", ["core_web__sessions"]) == ""


@pytest.mark.parametrize("name", ["sessions", "Sessions", "web__sessions", "core_web__sesions"])
def test_tables_are_known_by_their_last_words_too(name):
    shown = ["core_web__sessions", "core_web__sites"]
    assert near_table(name, shown).startswith("Did you mean core_web__sessions")
    assert near_table("zzz", shown) == ""


def test_a_shown_table_is_found_in_any_case_as_it_is_spelt():
    assert spelt({"Mixed_Case": []}, "mixed_case") == "Mixed_Case"
    assert spelt({"t": []}, "T") == "t"
    assert spelt({"t": []}, "x") is None


def test_an_unknown_table_is_said_to_be_one_and_a_file_to_be_a_file():
    unknown = unknown_table("sesions", " at line 1, column 3", ["sessions"])
    assert str(unknown).startswith('There is no table "sesions" at line 1, column 3. Did you mean sessions? GET /api')
    assert not isinstance(unknown, QueryRefused)
    assert isinstance(unknown, DuckDBQueryError)
    assert "Files and addresses are not read here" in str(unknown_table("/etc/x.csv", "", []))


def test_a_message_stays_on_one_short_line():
    assert clipped("a\n  b") == "a b"
    assert len(clipped("a" * 500)) == 80
