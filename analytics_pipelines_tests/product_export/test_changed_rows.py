"""How changed rows are found, fetched and checked, whatever their number."""

import duckdb
import pytest
from pydantic import SecretStr

from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.product_export import places
from analytics_pipelines.product_export.changed_rows import ChangedRows
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.verify.summary import UnfitValues
from analytics_pipelines.product_export.wishes import Masking, Policy
from analytics_pipelines_tests.product_export.incremental_exports import IncrementalExports, running, wished


@pytest.fixture
def owner(database_urls):
    found = conninfo(database_urls.owner)
    running(
        found,
        "CREATE TABLE things (id bigint PRIMARY KEY, name text, at timestamptz)",
        "INSERT INTO things SELECT n, 'thing ' || n FROM generate_series(1, 50) AS n",
    )
    return found


@pytest.fixture
def based(owner, tmp_path):
    exports = IncrementalExports(owner, tmp_path)
    exports.must_equal_the_source()
    return exports


def keys(exports, exported):
    return [(row[0], row[1]) for row in exports.partition(exported)]


@pytest.mark.parametrize("most", ["changed_rows.MOST_PLACES", "changed_rows.MOST_LOOKS", "changed_rows.MOST_IN_BATCH"])
def test_many_changes_are_told_like_few_ones(based, owner, monkeypatch, most):
    monkeypatch.setattr("analytics_pipelines.product_export." + most, 3)
    running(owner, "UPDATE things SET name = 'other' WHERE id < 9", "DELETE FROM things WHERE id = 9")
    told = keys(based, based.must_equal_the_source())
    assert told == [*((False, number) for number in range(1, 9)), (True, 9)]


def test_all_keys_are_read_only_where_the_number_of_rows_does_not_prove_enough(based, owner, monkeypatch):
    read = []
    monkeypatch.setattr(places, "of_keys", lambda plan, of_keys=places.of_keys: read.append(1) or of_keys(plan))
    running(owner, "UPDATE things SET name = 'other'", "INSERT INTO things VALUES (60, 'new')")
    based.must_equal_the_source()
    assert read == []
    running(owner, "DELETE FROM things WHERE id = 3")
    based.must_equal_the_source()
    assert read == [1]


def test_a_key_under_hmac_is_followed(owner, tmp_path):
    masking = {"id": Masking(Policy.HMAC)}
    exports = IncrementalExports(owner, tmp_path, wished(masking=masking), Mask(SecretStr("k" * 32)))
    first = exports.export()
    (kept,) = (row[1] for row in exports.partition(first) if row[2] == "thing 3")
    running(owner, "DELETE FROM things WHERE id = 3", "UPDATE things SET name = 'other' WHERE id = 4")
    second = exports.export()
    assert second.changes.offenders == ()
    assert [(row[0], row[2]) for row in exports.partition(second)] == [(False, "other"), (True, None)]
    assert exports.partition(second)[1][1] == kept
    exports.mask = Mask(SecretStr("l" * 32))
    assert exports.export().reason == "its columns were others"


def test_a_value_that_the_lake_can_not_hold_is_told(based, owner):
    running(owner, "UPDATE things SET at = 'infinity' WHERE id = 3")
    with pytest.raises(UnfitValues, match="at: 1 value is infinite"):
        based.export()


def test_a_copy_that_differs_from_the_source_is_an_offence(based, owner, monkeypatch):
    running(owner, "UPDATE things SET name = 'other' WHERE id < 9")
    write = ChangedRows.write

    def spoilt(self, changed, compared, target):
        for file in changed:
            rows = duckdb.read_parquet(str(file)).project(
                "* REPLACE (CASE id WHEN 4 THEN 'spoilt' ELSE name END AS name)"
            )
            rows.write_parquet(str(file) + ".spoilt")
        return write(self, [file.with_name(file.name + ".spoilt") for file in changed], compared, target)

    monkeypatch.setattr(ChangedRows, "write", spoilt)
    offenders = based.export().changes.offenders
    assert offenders
    assert all(each.startswith("name: ") for each in offenders)
