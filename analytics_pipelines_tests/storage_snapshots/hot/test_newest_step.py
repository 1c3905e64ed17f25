"""Which shares' steps are kept hot; `ask/test_differing.py` holds the rows against those made when asked for."""

from datetime import timedelta

import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask import differing
from analytics_pipelines.storage_snapshots.ask.between import between
from analytics_pipelines.storage_snapshots.hot import newest_step
from analytics_pipelines_tests.storage_snapshots.histories import asked, file, folder
from analytics_pipelines_tests.storage_snapshots.trees import DAY

DAYS = [DAY, DAY + timedelta(days=1)]
FEW = [file("/r/" + name, inode=number) for number, name in enumerate("ab", 1)]
KINDS = ["added", "changed", "grown", "moved", "removed", "shrunk"]


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    """One share of many differences, one of few, one of none, one of a first snapshot that is large."""
    days = {
        DAYS[0]: {"many": folder("/r"), "few": folder("/r"), "none": folder("/r")},
        DAYS[1]: {"many": folder("/r", *FEW), "few": folder("/r", FEW[0]), "none": folder("/r")},
    }
    days[DAYS[1]]["first"] = folder("/r", *FEW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(newest_step, "MOST_DIFFERENCES", 2)
        with asked(tmp_path_factory.mktemp("step"), days) as found:
            yield found


def test_each_kind_is_told_of_each_share_but_of_those_that_differ_in_too_much(lease):
    found = lease.tuples(Sql("SELECT share, kind, file_count FROM hot_fs__compared ORDER BY share, kind"))
    added = {"few": 1, "first": 0, "none": 0}
    assert found == [(share, kind, added[share] if kind == "added" else 0) for share in added for kind in KINDS]


def test_a_first_snapshot_and_a_step_of_too_much_have_no_rows(lease):
    query = Sql("SELECT level, rank, share, path FROM hot_fs__differences ORDER BY level, rank")
    assert lease.tuples(query) == [("directories", 1, "few", "/r"), ("files", 1, "few", "/r/a")]


@pytest.mark.parametrize(("share", "expected"), [("few", True), ("none", True), ("many", False), (None, False)])
def test_a_step_of_too_much_is_not_hot(lease, share, expected):
    assert differing.is_hot(between(lease, None, share=share)) is expected
