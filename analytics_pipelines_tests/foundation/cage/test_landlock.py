"""Which rights each version of Landlock knows, and what is told where there is none."""

import errno
import os

import pytest

from analytics_pipelines.foundation.cage import landlock
from analytics_pipelines.foundation.cage.landlock import READ, REFER, TRUNCATE, WRITE, file_rights, restrict, version


@pytest.fixture
def told(monkeypatch):
    """What the kernel is told, by a process that must not be restricted itself."""
    heard = []

    def hear(name, *arguments):
        heard.append((name, arguments))
        return os.dup(0) if name == "landlock_create_ruleset" else 0

    monkeypatch.setattr(landlock, "call", hear)
    return heard


@pytest.mark.parametrize(
    ("spoken", "bits"), [(0, 0), (1, 13), (2, 14), (3, 15), (4, 15), (5, 16), (6, 16), (7, 16), (9, 16)]
)
def test_all_rights_that_a_version_knows_are_given_up(spoken, bits):
    assert file_rights(spoken) == 2**bits - 1


@pytest.mark.parametrize(
    ("spoken", "tcp", "scopes"), [pytest.param(1, 0, 0), pytest.param(4, 3, 0), pytest.param(6, 3, 3)]
)
def test_network_and_signals_are_given_up_where_they_can_be(monkeypatch, told, spoken, tcp, scopes):
    monkeypatch.setattr(landlock, "version", lambda: spoken)
    restrict([], [])
    (_, (ruleset, size, flags)), last = told
    assert (ruleset.handled_access_fs, ruleset.handled_access_net, ruleset.scoped) == (file_rights(spoken), tcp, scopes)
    assert (size, flags, last[0]) == (24, 0, "landlock_restrict_self")


def test_a_folder_gets_all_rights_and_a_file_those_of_files(monkeypatch, told, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(landlock, "version", lambda: 2)
    folder, file = (os.open(each, os.O_PATH) for each in (tmp_path, tmp_path / "file"))
    restrict([folder, file], [folder])
    rules = [arguments[2] for name, arguments in told if name == "landlock_add_rule"]
    given = [(each.parent_fd, each.allowed_access) for each in rules]
    assert given == [(folder, READ), (file, landlock.READ_FILE), (folder, WRITE & ~TRUNCATE)]
    assert WRITE & REFER
    os.close(folder)
    os.close(file)


def test_a_kernel_without_it_has_version_none(monkeypatch):
    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "off")

    monkeypatch.setattr(landlock, "call", refuse)
    assert version() == 0


def test_what_is_no_descriptor_is_an_error(monkeypatch, told):
    monkeypatch.setattr(landlock, "version", lambda: 7)
    with pytest.raises(OSError, match="descriptor"):
        restrict([10_000], [])
    assert [name for name, _ in told] == ["landlock_create_ruleset"]
