"""Ids that nobody has."""

import grp
import os
import pwd

import pytest

from analytics_pipelines.foundation import free_ids
from analytics_pipelines.foundation.free_ids import free_id, running_ids


def test_ids_of_accounts_groups_and_processes_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_ids, "running_ids", lambda: {64900})
    of_accounts, of_groups = pwd.getpwall()[0].pw_uid, grp.getgrall()[0].gr_gid
    assert free_id([of_accounts, of_groups, 64900, 64899]) == 64899
    assert free_id([64900]) is None


def test_processes_run_as_somebody() -> None:
    assert os.geteuid() in running_ids()
