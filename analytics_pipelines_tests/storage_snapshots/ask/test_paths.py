"""Paths in every spelling that means the same, and refusals of what can be none."""

import pytest

from analytics_pipelines.foundation.duck import Duck, DuckLimits, one_row
from analytics_pipelines.storage_snapshots.ask.paths import BadPath, normal_path, path_key
from analytics_pipelines.storage_snapshots.hot.tables import PATH_KEY
from analytics_pipelines_tests.storage_snapshots.forests import ODD


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("/srv/data", "/srv/data", id="as it is stored"),
        pytest.param("srv/data", "/srv/data", id="without the first slash"),
        pytest.param("/srv/data/", "/srv/data", id="with a last slash"),
        pytest.param("", "/", id="nothing is the root"),
        pytest.param("/", "/", id="the root"),
        pytest.param("/srv/...", "/srv/...", id="three dots are a name"),
        pytest.param("/srv/..data/.hidden", "/srv/..data/.hidden", id="names that begin with dots"),
        pytest.param(" ", "/ ", id="a space is a name"),
        pytest.param("/srv/caf\ufffde9", "/srv/caf\ufffde9", id="a byte that is no UTF-8"),
        pytest.param("C:\\data", "/C:\\data", id="a backslash parts nothing"),
    ],
)
def test_spellings_of_one_path_are_the_same(given, expected):
    assert normal_path(given) == expected
    assert normal_path(expected) == expected


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("/srv/../etc", "'..'", id="two dots"),
        pytest.param("..", "'..'", id="two dots alone"),
        pytest.param("/srv/./data", "'.'", id="one dot"),
        pytest.param("/srv//data", "empty", id="an empty name"),
        pytest.param("//srv", "empty", id="two slashes first"),
        pytest.param("/srv//", "empty", id="two slashes last"),
        pytest.param("//", "empty", id="two slashes alone"),
        pytest.param("/srv/\x00", "NUL", id="NUL"),
        pytest.param("/srv/\udc80", "Unicode", id="a lone surrogate"),
    ],
)
def test_what_no_snapshot_holds_is_refused_with_the_reason(path, reason):
    with pytest.raises(BadPath, match=reason) as caught:
        normal_path(path)
    assert caught.value.remedy


def test_the_key_is_the_one_that_the_tables_hold():
    duck = Duck(DuckLimits(memory_bytes=256_000_000, threads=1, temp_folder=None))
    expression = PATH_KEY.meaning.split("`")[1].replace("(path)", "($path)")
    with duck.cursor() as cursor:
        for name in [*ODD, "", "x" * 5000]:
            (stored,) = one_row(cursor.execute("SELECT " + expression, {"path": "/" + name}))
            assert path_key("/" + name) == stored
    duck.close()
