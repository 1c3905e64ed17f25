"""The user of caged processes: nobody else's, and none for who may not change."""

import os
import pwd

import pytest

from analytics_pipelines.foundation import free_ids
from analytics_pipelines.foundation.cage.account import FREE_IDS, free_account
from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.postgres.server.account import FREE_UIDS


@pytest.fixture
def root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_a_plain_user_gets_none(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert free_account() is None


def test_the_ids_are_not_those_of_the_database():
    assert not set(FREE_IDS) & set(FREE_UIDS)


@pytest.mark.usefixtures("root")
def test_it_is_nobody_elses():
    uid, gid = free_account()
    assert uid == gid
    assert uid in FREE_IDS
    assert uid not in {each.pw_uid for each in pwd.getpwall()}


@pytest.mark.usefixtures("root")
def test_ids_of_processes_are_passed_over(monkeypatch):
    monkeypatch.setattr(free_ids, "running_ids", set)
    first, _ = free_account()
    monkeypatch.setattr(free_ids, "running_ids", lambda: {first})
    assert free_account() == (first - 1, first - 1)


@pytest.mark.usefixtures("root")
def test_without_a_free_one_there_is_an_error(monkeypatch):
    monkeypatch.setattr(free_ids, "running_ids", lambda: set(FREE_IDS))
    with pytest.raises(SetupError, match="No user id is free"):
        free_account()
