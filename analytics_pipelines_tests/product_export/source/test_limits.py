"""The connection string that PostgreSQL holds the export to."""

import psycopg
import pytest

from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.product_export.source.limits import SESSION, SourceLimits, guarded
from analytics_pipelines_tests.conftest import settings_in

LIMITS = SourceLimits(
    connections=2, duty_pct=100, statement_timeout_s=7, lock_timeout_s=0.5, idle_timeout_s=9, snapshot_max_age_s=30
)


def test_limits_are_those_of_the_settings(tmp_path):
    settings = settings_in(
        tmp_path,
        export_connections=3,
        export_duty_pct=50,
        export_statement_timeout_s=4,
        export_lock_timeout_s=2,
        export_snapshot_max_age_s=100,
    )
    assert SourceLimits.of(settings) == SourceLimits(
        connections=3, duty_pct=50, statement_timeout_s=4, lock_timeout_s=2, idle_timeout_s=100, snapshot_max_age_s=100
    )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("application_name", "analytics-export"),
        ("statement_timeout", "7s"),
        ("lock_timeout", "500ms"),
        ("idle_in_transaction_session_timeout", "9s"),
        ("default_transaction_read_only", "on"),
        ("timezone", "UTC"),
        ("client_connection_check_interval", "1s"),
    ],
)
def test_the_server_holds_the_limits(database_urls, setting, value):
    with psycopg.connect(guarded(conninfo(database_urls.source), LIMITS)) as connection:
        assert connection.execute("SELECT current_setting(%s)", (setting,)).fetchone() == (value,)


def test_settings_of_the_session_do_not_depend_on_the_roles(database_urls):
    with psycopg.connect(conninfo(database_urls.owner), autocommit=True) as owner:
        role = owner.info.user
        for setting, value in {"timezone": "Asia/Tokyo", "datestyle": "German", "extra_float_digits": "-3"}.items():
            owner.execute(f"ALTER ROLE {role} IN DATABASE {owner.info.dbname} SET {setting} TO '{value}'".encode())
    with psycopg.connect(guarded(conninfo(database_urls.owner), LIMITS)) as connection:
        kept = {each: connection.execute("SELECT current_setting(%s)", (each,)).fetchone()[0] for each in SESSION}
    assert (kept["timezone"], kept["datestyle"], kept["extra_float_digits"]) == ("UTC", "ISO, MDY", "1")


def test_options_that_the_url_has_itself_stay(database_urls):
    given = conninfo(database_urls.source) + " options='-c work_mem=5MB' connect_timeout=3"
    found = guarded(given, LIMITS)
    with psycopg.connect(found) as connection:
        assert connection.execute("SELECT current_setting('work_mem')").fetchone() == ("5MB",)
    assert "connect_timeout=3" in found
