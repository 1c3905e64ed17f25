"""What a caged process is refused and what it may, tried by real ones."""

import os
import platform
import signal
from pathlib import Path

import psutil
import pytest

from analytics_pipelines.foundation.cage import PARTS, Cage, CageMissing, cage, supported
from analytics_pipelines.foundation.workers.parent import Parent
from analytics_pipelines_tests.foundation.cage import inside
from analytics_pipelines_tests.foundation.cage.conftest import NOBODY_ELSE, Prisoners
from analytics_pipelines_tests.waiting import wait_until

needs_kernel = pytest.mark.skipif(
    not (supported()["landlock"] and supported()["seccomp"]), reason="this machine lacks a part of the cage"
)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may change its user")

REFUSED_BY_LANDLOCK = {
    "reads_the_accounts": "EACCES",
    "reads_its_environment": "EACCES",
    "reads_its_maps": "EACCES",
    "writes_its_memory": "EACCES",
    "reads_of_the_parent": "EACCES",
    "reads_elsewhere": "EACCES",
    "lists_elsewhere": "EACCES",
    "climbs_out_of_its_folder": "EACCES",
    "writes_elsewhere": "EACCES",
    "makes_a_file_elsewhere": "EACCES",
    "makes_a_folder_elsewhere": "EACCES",
    "unlinks_elsewhere": "EACCES",
    "moves_out": "EACCES",
    "moves_into_what_is_only_read": "EACCES",
    "moves_away_what_is_only_read": "EACCES",
    "writes_what_is_only_read": "EACCES",
    "writes_to_a_device": "EACCES",
}
REFUSED_BY_SECCOMP = dict.fromkeys(
    (
        "truncates_elsewhere",
        "changes_a_mode_elsewhere",
        "changes_a_time_elsewhere",
        "makes_a_symbolic_link",
        "makes_a_pipe_with_a_name",
        "runs_a_program",
        "starts_a_program",
        "forks",
        "signals_the_parent",
        "kills_everybody",
        "kills_its_group",
        "kills_by_thread",
        "traces_the_parent",
        "bounds_the_parent",
        "slows_the_parent",
        "lets_the_kernel_signal_others",
        "types_into_a_terminal",
        "outlives_its_parent",
        "is_looked_into_again",
        "unshares",
        "sets_up_a_ring",
        "connects",
        "binds",
        "listens",
        "pairs_of_sockets",
        "is_root_again",
    ),
    "EPERM",
)
DONE = {
    "reads_and_lists": ["to be read", ["data", "rows.parquet"]],
    "works_with_files": ["abc", "deep"],
    "runs_threads": [0, 1, 2, 3],
    "threads_are_caged_too": ["EACCES"],
    "signals_itself": [signal.SIGUSR1, signal.SIGUSR1],
    "binds_itself": 0,
    "waits_and_asks": [1, 8, True, True],
    "passes_descriptors": ["x", "piped", "ab"],
    "multiplies_with_numpy": 300.0**3,
    "asks_duckdb": [6, True, 10, "refused"],
}
WHO = [
    pytest.param({}, id="as it is"),
    pytest.param({"user": NOBODY_ELSE}, id="as another user", marks=needs_root),
    pytest.param({"first_become": NOBODY_ELSE}, id="not root", marks=needs_root),
]


@needs_kernel
@pytest.mark.parametrize("who", WHO)
def test_what_is_not_needed_is_refused_whoever_it_is(prisoners, who):
    expected = REFUSED_BY_LANDLOCK | REFUSED_BY_SECCOMP
    told = prisoners.tell(*expected, "links_in_from_elsewhere", **who)
    assert told.pop("links_in_from_elsewhere") in {"EACCES", "EXDEV"}
    assert told.pop("lacking") == []
    assert told.pop("pid")
    assert told == expected
    assert (prisoners.folder / "elsewhere" / "secret").read_text() == "secret"
    assert [each.name for each in (prisoners.folder / "elsewhere").iterdir()] == ["secret"]


@needs_kernel
@pytest.mark.parametrize("who", WHO)
def test_what_is_needed_is_done_whoever_it_is(prisoners, who):
    told = prisoners.tell(*DONE, **who)
    assert {name: told[name] for name in DONE} == DONE


@needs_kernel
def test_each_call_of_the_list_is_refused_and_unknown_ones_are_not_there(prisoners):
    told = prisoners.tell("makes_every_refused_call", "opens_sockets", "asks_for_what_is_not_known")
    assert set(told["makes_every_refused_call"].values()) == {"EPERM"}
    assert set(told["opens_sockets"].values()) == {"EPERM"}
    assert {"AF_INET SOCK_DGRAM", "AF_UNIX SOCK_STREAM", "AF_NETLINK SOCK_RAW"} <= set(told["opens_sockets"])
    assert told["asks_for_what_is_not_known"] == ["ENOSYS", "ENOSYS"]


@needs_kernel
@pytest.mark.skipif(platform.machine() != "x86_64", reason="other machines have one interface")
@pytest.mark.parametrize("way", ["calls_by_the_other_interface", "calls_as_a_32_bit_machine"])
def test_another_interface_of_the_kernel_ends_the_process(prisoners, way):
    with pytest.raises(EOFError):
        prisoners.tell(way)


@needs_kernel
@needs_root
def test_of_root_nothing_is_left_but_that_it_dies_with_its_parent(prisoners):
    told = prisoners.tell("says_who_it_is", user=NOBODY_ELSE)["says_who_it_is"]
    assert told == {
        "users": [NOBODY_ELSE[0]],
        "groups": [NOBODY_ELSE[1]],
        "has_no_new_privileges": 1,
        "is_dumpable": 0,
        "dies_by": signal.SIGKILL,
        "capabilities": 0,
    }
    staying = prisoners.tell("says_who_it_is")["says_who_it_is"]
    assert (staying["users"], staying["capabilities"] & ~0b1110, staying["dies_by"]) == ([0], 0, signal.SIGKILL)


@needs_kernel
@needs_root
@pytest.mark.fault
def test_a_caged_process_of_another_user_ends_with_its_parent(prisoners):
    parent = Parent([], serve=inside.SERVE)
    try:
        other = Prisoners(prisoners.folder, parent)
        pid = other.tell(user=NOBODY_ELSE)["pid"]
        parent._process.kill()
        wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
        other.release()
    finally:
        parent.end()


MISSING = [
    pytest.param("landlock", ["landlock_create_ruleset"], id="no Landlock"),
    pytest.param("landlock", ["landlock_restrict_self"], id="Landlock forbidden by a container"),
    pytest.param("seccomp", ["seccomp"], id="no seccomp"),
]


@needs_kernel
@pytest.mark.parametrize(("part", "without"), MISSING)
def test_a_missing_part_is_named_with_its_remedy(prisoners, part, without):
    told = prisoners.tell("reads_elsewhere", without=without)
    assert told["raised"] == "CageMissing"
    assert "lacks a part of the cage: " + part in told["detail"]
    assert "SQL_CAGE_MAY_LACK=" + part in told["detail"]


@needs_kernel
@pytest.mark.parametrize(("part", "without"), MISSING)
def test_a_missing_part_that_is_accepted_is_told_and_the_others_stand(prisoners, part, without):
    told = prisoners.tell("reads_elsewhere", "opens_sockets", without=without, may_lack=[part])
    assert told["lacking"] == [part]
    assert (told["reads_elsewhere"] is None) == (part == "landlock")
    assert (set(told["opens_sockets"].values()) == {"EPERM"}) == (part != "seccomp")


@needs_kernel
@needs_root
def test_who_is_not_root_can_not_become_another(prisoners):
    told = prisoners.tell(first_become=NOBODY_ELSE, user=(62998, 62998))
    assert "lacks a part of the cage: user" in told["detail"]
    told = prisoners.tell("says_who_it_is", first_become=NOBODY_ELSE, user=(62998, 62998), may_lack=["user"])
    assert (told["lacking"], told["says_who_it_is"]["users"]) == (["user"], [NOBODY_ELSE[0]])


@pytest.mark.parametrize("machine", [pytest.param("", id="no Linux"), "riscv64"])
def test_a_machine_whose_calls_are_not_known_lacks_everything(monkeypatch, machine):
    monkeypatch.setattr(cage, "machine", lambda: machine)
    assert Cage(user=NOBODY_ELSE, may_lack=PARTS).enter() == PARTS
    assert Cage(may_lack=PARTS).enter() == {"landlock", "seccomp"}
    with pytest.raises(CageMissing, match="landlock"):
        Cage(may_lack=frozenset({"seccomp"})).enter()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells of threads")
def test_a_process_with_threads_is_not_caged_by_half(monkeypatch):
    monkeypatch.setattr(cage.privileges, "threads", lambda: 2)
    with pytest.raises(CageMissing, match="threads already"):
        Cage(may_lack=PARTS).enter()


def test_what_is_supported_is_told_part_by_part(monkeypatch):
    monkeypatch.setattr(cage.landlock, "version", lambda: 3)
    monkeypatch.setattr(cage.seccomp, "is_there", lambda: False)
    monkeypatch.setattr(cage.privileges, "can_change_user", lambda: True)
    parts = {"landlock": True, "seccomp": False, "user": True}
    assert supported() == parts | {"landlock_network": False, "landlock_scopes": False}
    monkeypatch.setattr(cage.landlock, "version", lambda: 6)
    assert supported()["landlock_network"] is supported()["landlock_scopes"] is True
