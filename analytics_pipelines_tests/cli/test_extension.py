"""Extensions in the shell."""

import pytest

from analytics_pipelines.cli.extension import state_of
from analytics_pipelines.sql_service.extensions import Extension


def test_all_are_listed_with_their_state(analytics):
    outcome = analytics("extension", "list")
    lines = {line.split()[0]: line for line in outcome.out.splitlines()[1:]}
    assert "built in" in lines["json"]
    assert "never enabled" in lines["aws"]


def test_one_that_is_built_in_needs_no_network(analytics):
    outcome = analytics("extension", "install", "json")
    assert (outcome.status, outcome.out.split(":")[-1]) == (0, " built in\n")


@pytest.mark.parametrize("name", ["../x", "nonsense", "httpfs"])
def test_what_can_not_be_installed_is_told_in_one_line(analytics, name):
    outcome = analytics("extension", "install", name)
    assert (outcome.status, outcome.err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("installed", "enabled", "expected"),
    [
        pytest.param(True, True, "enabled", id="enabled"),
        pytest.param(True, False, "installed", id="installed"),
        pytest.param(False, True, "enabled", id="told to be enabled"),
        pytest.param(False, False, "", id="neither"),
    ],
)
def test_a_state_is_a_word(installed, enabled, expected):
    extension = Extension(
        name="spatial",
        description="",
        version="",
        is_built_in=False,
        is_installed=installed,
        is_enabled=enabled,
        reaches_out=False,
    )
    assert state_of(extension) == expected
