"""Accounts from the shell: made, listed, changed, with passwords that are printed once or not at all."""

import io
import sys
from pathlib import Path

import pytest

from analytics_pipelines_tests.accounts.conftest import PASSWORD, cheap_hashes
from analytics_pipelines_tests.cli.conftest import Analytics

__all__ = ["cheap_hashes"]
MAKE = ("create-admin", "--email", "Root@example.com", "--username", "root")


@pytest.fixture(autouse=True)
def _own_database(database_urls, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_urls.app)
    monkeypatch.setenv("DATABASE_OWNER_URL", database_urls.owner)


class Terminal(io.StringIO):
    """Somebody sits there and types."""

    def isatty(self) -> bool:
        return True


def test_an_admin_is_made_with_a_password_from_standard_input(
    analytics: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD + "\n"))
    made = analytics(*MAKE, "--password-stdin")
    assert (made.status, made.out) == (0, "made the admin root\n")
    listed = analytics("user", "list").out
    assert "root@example.com" in listed
    assert "admin" in listed
    again = analytics("create-admin", "--email", "b@example.com", "--username", "Root")
    assert again.status == 1
    assert again.err.startswith("error: An account has this username.")


def test_without_anybody_to_ask_a_password_is_drawn_and_printed_once(
    analytics: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    made = analytics(*MAKE)
    first, second = made.out.splitlines()
    assert (made.status, first) == (0, "made the admin root")
    password = second.removeprefix("password: ")
    assert len(password) == 24
    assert password not in analytics("user", "list").out


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        pytest.param([PASSWORD, PASSWORD], 0, "made the admin root", id="twice the same"),
        pytest.param([PASSWORD, "other"], 1, "The passwords differ.", id="two different ones"),
        pytest.param([""], 0, "password: ", id="nothing: one is drawn"),
        pytest.param(["password1", "password1"], 1, "most common", id="a common one"),
    ],
)
def test_somebody_at_the_terminal_is_asked_without_echo(
    analytics: Analytics, monkeypatch: pytest.MonkeyPatch, typed: list[str], status: int, said: str
) -> None:
    answers = iter(typed)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("typer.prompt", lambda *_, hide_input, **__: next(answers) if hide_input else "shown")
    outcome = analytics(*MAKE)
    assert outcome.status == status
    assert said in outcome.out + outcome.err
    assert PASSWORD not in outcome.out + outcome.err


def test_roles_admission_and_passwords_change(analytics: Analytics, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    analytics(*MAKE)
    analytics("create-admin", "--email", "ada@example.com", "--username", "ada")
    assert analytics("user", "role", "ada", "viewer").out == "ada is viewer now\n"
    assert analytics("user", "disable", "ada@example.com").out == "ada is shut out\n"
    assert analytics("user", "enable", "ada").out == "ada is let in\n"
    assert "password: " in analytics("user", "password", "ada").out
    refused = analytics("user", "disable", "root")
    assert refused.err.startswith("error: This is the only active admin.")
    unknown = analytics("user", "role", "eve", "viewer")
    assert unknown.err.startswith("error: There is no such user.")
    assert analytics("user", "role", "ada", "king").status == 2


def test_a_token_is_made_for_an_account(analytics: Analytics, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    analytics(*MAKE)
    made = analytics("token", "create", "--name", "ci", "--scope", "analyst", "--account", "root@example.com")
    assert made.out.startswith("apt_")
    beyond = analytics("token", "create", "--name", "all", "--scope", "metrics:read", "--account", "root")
    assert beyond.err.startswith("error: The account may not do metrics:read.")
