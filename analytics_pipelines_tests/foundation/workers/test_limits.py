"""Bounds are imposed for good, and never widen those that hold already; in processes, since ours lives on."""

import resource
from pathlib import Path

import pytest

from analytics_pipelines.foundation.workers import limits
from analytics_pipelines.foundation.workers.limits import WorkerLimits, address_space_bytes


@pytest.fixture
def imposed(monkeypatch):
    """What would have been imposed."""
    bounds = {}
    monkeypatch.setattr(limits.resource, "setrlimit", lambda kind, bound: bounds.update({kind: bound}))
    return bounds


def test_memory_counts_beyond_what_there_is(imposed):
    before = address_space_bytes()
    WorkerLimits(memory_bytes=2**30, deadline_s=1.5).impose()
    assert imposed[resource.RLIMIT_AS][0] >= before + 2**30 > 2**30
    assert imposed[resource.RLIMIT_CPU] == (4, 4)
    assert imposed[resource.RLIMIT_CORE] == (0, 0)
    assert resource.RLIMIT_FSIZE not in imposed


def test_a_bound_that_holds_already_is_not_widened(imposed, monkeypatch):
    monkeypatch.setattr(limits.resource, "getrlimit", lambda _: (100, 100))
    WorkerLimits(2**30, 1, largest_file_bytes=50).impose()
    assert imposed[resource.RLIMIT_AS] == (100, 100)
    assert imposed[resource.RLIMIT_FSIZE] == (50, 50)


def test_where_the_system_does_not_tell_memory_is_not_bound(imposed, monkeypatch):
    monkeypatch.setattr(limits, "Path", lambda _: Path("/nowhere/at/all"))
    WorkerLimits(2**30, 1).impose()
    assert resource.RLIMIT_AS not in imposed
