"""Datasets: whole for their user until they expire, and not there for anybody else."""

from datetime import timedelta
from functools import partial

import pytest
from structlog.testing import capture_logs

from analytics_pipelines.datasets.folders import Folders, is_id, new_id
from analytics_pipelines.datasets.kept.analyses import history, record
from analytics_pipelines.datasets.kept.audit import audit_of
from analytics_pipelines.datasets.kept.datasets import (
    Dataset,
    NoSuchDataset,
    add_dataset,
    dataset,
    datasets_of,
    delete_dataset,
)
from analytics_pipelines_tests.datasets.kept.examples import NOW, PRICE, REGION, described, executed, kept, put_files

NO_SESSIONS = ["", "x", "\x00", "\ud800", "' OR true --", "../" + new_id(), new_id() + "\n", new_id().upper()]


def test_a_dataset_is_found_as_it_was_added(database, anna):
    reading = {"encoding": "utf-8", "delimiter": ";", "rejected": [{"line": 7, "reason": "3 cells, not 2"}]}
    new = described(reading=reading, has_original=True)
    added = add_dataset(database, anna, new, keep_days=30, clock=lambda: NOW)
    assert is_id(added.session_id)
    assert (added.id, added.user_id, added.filename, added.row_count) == (new.id, anna, "sales.csv", 4)
    assert (added.column_count, added.columns) == (2, ["price, in €", 're"gion'])
    assert added.column_types == {"price, in €": "number", 're"gion': "text"}
    assert (added.uploaded_at, added.expires_at) == (NOW, NOW + timedelta(days=30))
    assert (added.evidence, added.reading, added.has_original) == ((PRICE, REGION), reading, True)
    assert added.place.path == anna + "/" + new.id + "/data.parquet"
    assert dataset(database, anna, added.session_id, clock=lambda: NOW) == added


def test_a_list_shows_ones_own_datasets_newest_first(database, anna, berta):
    old, new = kept(database, anna, days_ago=2), kept(database, anna, days_ago=1)
    kept(database, berta)
    listed = datasets_of(database, anna)
    assert [each.session_id for each in listed] == [new.session_id, old.session_id]
    assert all(type(each) is Dataset for each in listed)
    assert datasets_of(database, anna, limit=1, offset=1) == listed[1:]


def test_anothers_dataset_and_one_that_never_was_are_the_same_answer(database, folders, anna, berta):
    theirs = kept(database, berta)
    said = set()
    for session_id in (theirs.session_id, new_id(), *NO_SESSIONS):
        for ask in (partial(dataset, database), partial(history, database), partial(delete_dataset, database, folders)):
            with pytest.raises(NoSuchDataset) as refused:
                ask(anna, session_id)
            said.add(str(refused.value))
    assert len(said) == 1
    assert dataset(database, berta, theirs.session_id) == theirs


def test_an_expired_dataset_is_gone_before_any_sweep(database, folders, anna):
    expired = kept(database, anna, days_ago=30.001)
    assert datasets_of(database, anna) == []
    with pytest.raises(NoSuchDataset):
        dataset(database, anna, expired.session_id)
    with pytest.raises(NoSuchDataset):
        history(database, anna, expired.session_id)
    just_before = expired.expires_at - timedelta(microseconds=1)
    assert dataset(database, anna, expired.session_id, clock=lambda: just_before) == expired
    delete_dataset(database, folders, anna, expired.session_id)


def test_deleting_takes_files_and_analyses_and_leaves_the_audit(database, folders, anna):
    doomed, other = kept(database, anna), kept(database, anna)
    for each in (doomed, other):
        put_files(folders, each)
        record(database, executed(anna, each))
    delete_dataset(database, folders, anna, doomed.session_id)
    assert folders.places() == [other.place]
    assert [each.session_id for each in datasets_of(database, anna)] == [other.session_id]
    assert len(history(database, anna, other.session_id)) == 1
    assert {entry.subject for entry in audit_of(database, anna)} == {doomed.session_id, other.session_id}
    with pytest.raises(NoSuchDataset):
        delete_dataset(database, folders, anna, doomed.session_id)


def test_a_dataset_whose_files_can_not_be_removed_is_gone_for_its_user(database, folders, anna, monkeypatch):
    doomed = kept(database, anna)

    def fail(self: Folders, place: object) -> None:
        raise OSError(5, "no")

    monkeypatch.setattr(Folders, "remove", fail)
    with capture_logs() as logs:
        delete_dataset(database, folders, anna, doomed.session_id)
    assert [(each["log_level"], each["dataset"]) for each in logs] == [("warning", doomed.id)]
    assert datasets_of(database, anna) == []


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        pytest.param("=cmd|' /C calc'!A0.csv", "=cmd|' /C calc'!A0.csv", id="a formula is a name"),
        pytest.param("../../etc/passwd", "../../etc/passwd", id="a path is a name"),
        pytest.param("a\x00b\ud800.csv", "a\ufffdb\ufffd.csv", id="what no database can hold"),
        pytest.param("x" * 600, "x" * 500, id="a long one"),
    ],
)
def test_a_filename_is_only_ever_shown(database, anna, filename, shown):
    added = kept(database, anna, filename=filename)
    assert dataset(database, anna, added.session_id).filename == shown
    assert added.place.path == anna + "/" + added.id + "/data.parquet"


def test_two_thousand_columns_are_kept(database, anna):
    evidence = tuple(
        type(PRICE)(name="column " + str(number), kind=PRICE.kind, type="DOUBLE", nulls=0, distinct=9, most=2**70)
        for number in range(2000)
    )
    added = kept(database, anna, evidence=evidence)
    assert dataset(database, anna, added.session_id).evidence == evidence
