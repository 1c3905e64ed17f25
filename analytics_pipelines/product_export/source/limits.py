"""How gently the source is read, and the connection string that makes PostgreSQL itself hold to it."""

from dataclasses import dataclass

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from analytics_pipelines.foundation.settings import Settings

APPLICATION_NAME = "analytics-export"
CONNECT_TIMEOUT_S = 10
NOTICES_A_LOST_CLIENT_AFTER_S = 30
FULL_DUTY_PCT = 100
"""The source is read without rests."""
SESSION: dict[str, str] = {
    # Values are written as text in one form, whatever the server's or the role's settings. Not lc_monetary: it says
    # where the decimal point of money stands, so the database's own must stay.
    "client_encoding": "UTF8",
    "search_path": "pg_catalog,public",
    "timezone": "UTC",
    "datestyle": "ISO,MDY",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "xmlbinary": "base64",
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
    # Rows that a policy hides are an error, not missing without a word.
    "row_security": "off",
    # Nothing is written, even by functions that a view calls; rows come in the heap's order.
    "default_transaction_read_only": "on",
    "synchronize_seqscans": "off",
    # One backend a connection, and no time spent on compiling.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    # A backend whose exporter was killed ends by itself, even in a statement that sends nothing.
    "client_connection_check_interval": "1s",
    "tcp_keepalives_idle": str(NOTICES_A_LOST_CLIENT_AFTER_S),
    "tcp_user_timeout": str(NOTICES_A_LOST_CLIENT_AFTER_S * 1000),
}
"""Settings of every connection to the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLimits:
    """What an export may ask of the source at most."""

    connections: int
    """Connections that read; one more holds the snapshot."""
    duty_pct: int
    """Share of the time in which the source is read; below 100 by one connection at a time."""
    statement_timeout_s: float
    lock_timeout_s: float
    idle_timeout_s: float
    """Longest rest inside the transaction, past which the server ends it."""
    snapshot_max_age_s: float

    @staticmethod
    def of(settings: Settings) -> "SourceLimits":
        """What the settings `EXPORT_…` say."""
        return SourceLimits(
            connections=settings.export_connections,
            duty_pct=settings.export_duty_pct,
            statement_timeout_s=settings.export_statement_timeout_s,
            lock_timeout_s=settings.export_lock_timeout_s,
            # An exporter that hangs holds the snapshot, and so the vacuum, no longer than a working one may.
            idle_timeout_s=settings.export_snapshot_max_age_s,
            snapshot_max_age_s=settings.export_snapshot_max_age_s,
        )


def guarded(conninfo: str, limits: SourceLimits) -> str:
    """The connection string with name, time limits and session settings; what it says itself of others stays.

    Limits are the server's to hold, so they hold though this process is stopped or killed.
    """
    given = conninfo_to_dict(conninfo)
    timeouts = {
        "statement_timeout": _ms(limits.statement_timeout_s),
        "lock_timeout": _ms(limits.lock_timeout_s),
        "idle_in_transaction_session_timeout": _ms(limits.idle_timeout_s),
    }
    ours = " ".join("-c " + setting + "=" + value for setting, value in (SESSION | timeouts).items())
    return make_conninfo(
        conninfo,
        application_name=APPLICATION_NAME,
        connect_timeout=given.get("connect_timeout", CONNECT_TIMEOUT_S),
        options=(str(given.get("options") or "") + " " + ours).strip(),
    )


def _ms(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))
