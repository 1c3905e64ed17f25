"""Settings, migrations and tokens from the shell, on the embedded server."""

from pathlib import Path

import pytest

from analytics_pipelines_tests.cli.conftest import Analytics


def test_settings_show_what_is_in_force_and_hide_secrets(analytics: Analytics, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:hush@db.example/analytics")
    monkeypatch.setenv("API_PORT", "8123")
    outcome = analytics("settings")
    assert outcome.status == 0
    assert "API_PORT" in outcome.out
    assert "8123" in outcome.out
    assert "hush" not in outcome.out


def test_a_token_is_made_listed_and_revoked(analytics: Analytics, home: Path) -> None:
    migrated = analytics("migrate")
    assert migrated.status == 0
    given = ("--scope", "product:write", "--for", "ada@example.com", "--expires-days", "7")
    made = analytics("token", "create", "--name", "ci", *given)
    assert made.status == 0
    assert made.out.startswith("apt_")
    assert analytics("token", "create", "--name", "ci", "--scope", "admin").status == 1
    listed = analytics("token", "list")
    assert "ci" in listed.out
    assert "ada@example.com" in listed.out
    assert made.out.strip() not in listed.out
    assert analytics("token", "revoke", "ci").status == 0
    assert not (home / "postgres" / "connection.json").exists()
