"""Every setting once: name, default, unit, help. Built at an entrance and handed on.

Read from the environment, then from `.env` in the working folder; an empty value counts as absent.
`analytics settings` prints the table and `docs/settings.md` holds the same.
"""

import os
from datetime import date
from enum import StrEnum
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.home import Home

LEAST_KEY_CHARACTERS = 32
LISTS = ("allowed_origins", "trusted_proxies", "export_tables", "sql_cage_may_lack", "sql_extensions")
SIZE = r"^\d+(\.\d+)?\s*(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$"


class Environment(StrEnum):
    """What the installation is for; `production` refuses unsafe settings instead of warning."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def setting(default: Any, meaning: str, *, unit: str = "", shown: str = "", **rules: Any) -> Any:
    """A field with its help, its unit and, where the default is computed, the words that stand for it."""
    return Field(default, description=meaning, json_schema_extra={"unit": unit, "shown": shown}, **rules)


class Settings(BaseSettings):
    """The settings in force; immutable once built."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    analytics_home: Path = setting(
        Path(".analytics"), "All state: PostgreSQL, lake, generations, snapshots, Dagster. One file system."
    )
    environment: Environment = setting(
        Environment.DEVELOPMENT, "`development`, or `production`, which refuses unsafe settings."
    )
    log_level: str | None = setting(
        None, "Least severe log level written; an explicit value wins.", shown="`INFO` (production `WARNING`)"
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = setting(
        ("http://localhost:3000",), "Browser origins that may read answers (CORS), comma-separated."
    )
    api_host: str = setting("127.0.0.1", "Address that the API listens on.")
    api_port: int = setting(8000, "Port of the API.", ge=0, le=65535)
    api_workers: int = setting(2, "Processes that serve the API.", ge=1, le=64)
    access_log_path: Path | None = setting(
        None, "File that gets a line per request of the API in Apache's combined format.", shown="none"
    )
    auth_required_for_reads: bool | None = setting(
        None, "Whether reading needs a token with the scope `viewer`.", shown="development `false`, production `true`"
    )
    dagster_host: str = setting(
        "127.0.0.1", "Address of the Dagster UI; it has no log-in, so keep it on loopback or a private network."
    )
    dagster_port: int = setting(3000, "Port of the Dagster UI.", ge=0, le=65535)
    schedules_enabled: bool = setting(
        False, "Whether Dagster's schedules run without being switched on in its UI; `analytics up` turns it on."
    )
    database_url: SecretStr | None = setting(
        None, "PostgreSQL of the platform as `postgresql://…`.", shown="embedded server"
    )
    database_owner_url: SecretStr | None = setting(
        None, "The same database as the role that owns the tables; only migrations use it.", shown="= `DATABASE_URL`"
    )
    source_database_url: SecretStr | None = setting(
        None, "PostgreSQL that the product export reads.", shown="= `DATABASE_URL`"
    )
    database_pool_size: int = setting(10, "Connections kept open per process.", unit="connections", ge=1)
    database_max_overflow: int = setting(20, "Connections opened above the pool.", unit="connections", ge=0)
    database_statement_timeout_s: float = setting(30.0, "Longest statement of the API.", unit="s", gt=0)
    embedded_postgres_start_timeout_s: float = setting(
        120.0, "Longest wait for the embedded server; recovering after a crash takes its time.", unit="s", gt=0
    )
    snapshots_path: Path | None = setting(
        None, "Folder of `{YYYY-MM-DD}/{share}.parquet`.", shown="`$ANALYTICS_HOME/snapshots`"
    )
    duckdb_memory_limit: str = setting("4GB", "DuckDB's memory per process.", pattern=SIZE)
    duckdb_max_memory_percentage: int = setting(
        60, "The same as a share of the machine; the smaller of the two holds.", unit="%", ge=1, le=100
    )
    duckdb_worker_threads: int = setting(4, "DuckDB's threads per process, at most the cores.", unit="threads", ge=1)
    query_timeout: float = setting(30.0, "Longest query over the lake behind one request.", unit="s", gt=0)
    lake_start_date: date = setting(date(2010, 1, 1), "First daily partition.")
    timezone_ahead_days: int = setting(
        2, "Days that partitions reach ahead of UTC, for sites east of it.", unit="days", ge=0, le=3
    )
    collect_auto_register_sites: bool | None = setting(
        None, "Whether an event of an unknown site registers the site.", shown="development `true`, production `false`"
    )

    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = setting(
        (), "Networks (CIDR) of proxies whose X-Forwarded-For, Forwarded and X-Real-IP are believed.", shown="none"
    )
    collect_group_commit_ms: float = setting(
        10.0, "Longest wait of an event for others to be committed with.", unit="ms", ge=0, le=1000
    )
    spool_max_bytes: int = setting(
        2**30, "Most that events may take on local disk while PostgreSQL is away; then 503.", unit="bytes", ge=0
    )
    late_event_days: int = setting(
        3,
        "Days after an event within which its receipt still counts; later ones are kept apart.",
        unit="days",
        ge=0,
        le=30,
    )
    failed_events_keep_days: int = setting(90, "Days that rejected events are kept for a replay.", unit="days", ge=1)
    geoip_database_path: Path | None = setting(
        None, "Country file in MaxMind's format (.mmdb); without one no country is told.", shown="none"
    )
    run_sync_timeout_s: float = setting(
        120.0, "Longest wait of `POST /etl/run-sync` for its run; past it the answer is 202.", unit="s", gt=0
    )

    redis_url: SecretStr | None = setting(
        None, "Redis or Valkey that shares cached answers between workers, as `redis://…`.", shown="none"
    )
    redis_host: str = setting("localhost", "The same by host, where `REDIS_URL` is not set.")
    redis_port: int = setting(6379, "Port of the same.", ge=1, le=65535)
    redis_enabled: bool = setting(False, "Whether `REDIS_HOST` and `REDIS_PORT` are used.")
    cache_max_bytes: int = setting(
        2**26, "Most that a worker keeps of cached answers in its own memory.", unit="bytes", ge=0
    )
    default_search_limit: int = setting(1000, "Results of a search that names no limit.", unit="rows", ge=1)
    max_search_limit: int = setting(10000, "Most results that a search may ask for at once.", unit="rows", ge=1)
    storage_cost_per_gb: float | None = setting(
        None, "What a gigabyte (10^9 bytes) on disk costs a month, in a currency of yours.", shown="none", ge=0
    )

    secret_key: SecretStr | None = setting(
        None,
        "Key, 32 characters or more, that access tokens are signed with; needed in production.",
        shown="development: made at first use, in `$ANALYTICS_HOME/secret_key`",
    )
    access_token_expire_minutes: int = setting(1440, "Life of an access token.", unit="min", ge=1, le=525_600)
    registration_role: str | None = setting(
        None,
        "What who registers may do: `viewer`, `analyst`, or `none`, which closes registration.",
        shown="development `analyst`, production `none`",
        pattern="^(none|viewer|analyst)$",
    )
    upload_dir: Path | None = setting(
        None, "Folder of uploaded datasets, private; outside the lake.", shown="`$ANALYTICS_HOME/uploads`"
    )
    max_upload_size: int = setting(10_485_760, "Largest upload, as it is sent.", unit="bytes", ge=1)
    dataset_ttl_days: int = setting(30, "Days that an uploaded dataset is kept.", unit="days", ge=1, le=3650)
    upload_limit_per_hour: int = setting(10, "Uploads that one user may make in an hour.", unit="uploads", ge=1)
    execution_limit_per_hour: int = setting(100, "Plans that one user may run in an hour.", unit="plans", ge=1)
    plan_timeout_s: float = setting(30.0, "Longest run of a plan, or of reading an upload.", unit="s", gt=0)
    plan_memory_limit: str = setting("1GB", "Memory that one plan, or reading one upload, may take.", pattern=SIZE)
    plan_processes: int = setting(2, "Plans that one worker of the API runs at once.", unit="processes", ge=1, le=64)

    duckdb_database_path: Path | None = setting(
        None,
        "DuckDB file over the published tables, for tools that open one; also called `DUCKDB_PATH`.",
        shown="`$ANALYTICS_HOME/analytics.duckdb`",
        validation_alias=AliasChoices("duckdb_database_path", "duckdb_path"),
    )
    duckdb_enable_s3: bool = setting(False, "Reading from S3; not there yet, so `true` is refused.")
    sql_user_queries: int = setting(
        16, "Queries that one user may have running and waiting; admins twice as many.", unit="queries", ge=1
    )
    sql_queue_size: int = setting(64, "Queries that may wait; past it 503.", unit="queries", ge=1)
    sql_max_rows: int = setting(100_000, "Most rows of an answer as JSON; more is cut off.", unit="rows", ge=1)
    sql_max_streamed_rows: int = setting(
        20_000_000, "Most rows of an answer as Arrow, CSV or Parquet.", unit="rows", ge=1
    )
    sql_max_timeout_s: float = setting(
        300.0, "Longest time of an export, and that an admin may give a query.", unit="s", gt=0
    )
    sql_cache_max_bytes: int = setting(2**26, "Most that the broker keeps of answers.", unit="bytes", ge=0)
    sql_breaker_failures: int = setting(5, "Failures of the service's own that open the breaker.", ge=1)
    sql_breaker_rest_s: float = setting(30.0, "Time that an open breaker rests.", unit="s", gt=0)
    sql_cage_may_lack: Annotated[tuple[str, ...], NoDecode] = setting(
        (), "Parts of the cage that this machine may lack: `landlock`, `seccomp`, `user`.", shown="none"
    )
    sql_extensions: Annotated[tuple[str, ...], NoDecode] = setting(
        (), "DuckDB extensions that queries may use, installed by `analytics extension install`.", shown="none"
    )
    sql_export_ttl_hours: int = setting(24, "Hours that a finished export is kept.", unit="h", ge=1, le=720)
    sql_exports_max_bytes: int = setting(10 * 2**30, "Most that exports may take on disk.", unit="bytes", ge=0)

    parquet_data_path: Path | None = setting(
        None, "Folder of whole-table files such as `users_analytics.parquet`.", shown="`$ANALYTICS_HOME/parquet`"
    )
    export_tables_file: Path | None = setting(
        None, "TOML or YAML file that says which tables are exported, and how.", shown="none"
    )
    export_tables: Annotated[tuple[str, ...], NoDecode] = setting(
        (), "The same in short: `schema.table`, comma-separated, each copied as a whole.", shown="none"
    )
    export_connections: int = setting(
        2, "Connections that read the source at once; one more holds the snapshot.", unit="connections", ge=1, le=16
    )
    export_duty_pct: int = setting(
        100, "Share of the time in which the source is read; 50 rests as long as it reads.", unit="%", ge=5, le=100
    )
    export_statement_timeout_s: float = setting(600.0, "Longest statement at the source.", unit="s", gt=0)
    export_lock_timeout_s: float = setting(5.0, "Longest wait for a lock at the source.", unit="s", gt=0)
    export_snapshot_max_age_s: float = setting(
        3600.0, "Longest life of the snapshot that all tables are read in; past it the run fails.", unit="s", gt=0
    )
    export_hmac_key: SecretStr | None = setting(
        None, "Key, 32 characters or more, of columns that are exported as HMAC.", shown="none"
    )

    @field_validator(
        "allowed_origins", "trusted_proxies", "export_tables", "sql_cage_may_lack", "sql_extensions", mode="before"
    )
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str | None) -> str | None:
        if value is not None and value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
            raise ValueError("must be DEBUG, INFO, WARNING, ERROR or CRITICAL")
        return value.upper() if value else None

    @field_validator("database_url", "database_owner_url", "source_database_url")
    @classmethod
    def _only_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or value.get_secret_value().startswith(("postgresql://", "postgresql+", "postgres://")):
            return value
        raise ValueError(
            "must be a postgresql:// URL; other databases, SQLite among them, lack what concurrent collection needs"
        )

    @field_validator("duckdb_enable_s3")
    @classmethod
    def _not_yet(cls, value: bool) -> bool:
        if value:
            raise ValueError("must be false: reading from S3 comes later; the lake is one local file system")
        return value

    @field_validator("sql_cage_may_lack")
    @classmethod
    def _known_parts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if set(value) - {"landlock", "seccomp", "user"}:
            raise ValueError("must name landlock, seccomp or user")
        return value

    @field_validator("export_hmac_key", "secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < LEAST_KEY_CHARACTERS:
            raise ValueError(f"must have {LEAST_KEY_CHARACTERS} characters or more")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _only_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ip_network(network, strict=False)
            except ValueError:
                raise ValueError(network + " is no network like 10.0.0.0/8 or fd00::/8") from None
        return value

    @model_validator(mode="after")
    def _safe_in_production(self) -> "Settings":
        if self.environment is Environment.PRODUCTION:
            if "*" in self.allowed_origins:
                raise ValueError("ALLOWED_ORIGINS must name origins when ENVIRONMENT=production, not *")
            if self.collect_auto_register_sites:
                raise ValueError("COLLECT_AUTO_REGISTER_SITES must be false when ENVIRONMENT=production")
            if self.secret_key is None:
                raise ValueError("SECRET_KEY must be set when ENVIRONMENT=production")
        return self

    @cached_property
    def home(self) -> Home:
        """Paths of all state, absolute."""
        return Home(self.analytics_home.expanduser().absolute())

    @property
    def snapshots_folder(self) -> Path:
        """Where scans are written and read, absolute."""
        return self.snapshots_path.expanduser().absolute() if self.snapshots_path else self.home.snapshots

    @property
    def parquet_folder(self) -> Path:
        """Where whole-table files are, absolute."""
        return self.parquet_data_path.expanduser().absolute() if self.parquet_data_path else self.home.parquet

    @property
    def duckdb_file(self) -> Path:
        """The DuckDB file over the published tables, absolute."""
        chosen = self.duckdb_database_path
        return chosen.expanduser().absolute() if chosen else self.home.path / "analytics.duckdb"

    @property
    def uploads_folder(self) -> Path:
        """Where uploaded datasets are, absolute."""
        return self.upload_dir.expanduser().absolute() if self.upload_dir else self.home.uploads

    @property
    def role_of_registered(self) -> str | None:
        """The role of who registers; None where nobody may."""
        chosen = self.registration_role or ("none" if self.is_production else "analyst")
        return None if chosen == "none" else chosen

    @property
    def is_production(self) -> bool:
        """Whether unsafe choices are refused."""
        return self.environment is Environment.PRODUCTION

    @property
    def auto_registers_sites(self) -> bool:
        """Whether `/collect` registers a site that it does not know."""
        chosen = self.collect_auto_register_sites
        return not self.is_production if chosen is None else chosen

    @property
    def reads_need_auth(self) -> bool:
        """Whether routes that ask for the scope `viewer` need a token."""
        chosen = self.auth_required_for_reads
        return self.is_production if chosen is None else chosen

    @property
    def effective_log_level(self) -> str:
        """`LOG_LEVEL`, or what the environment implies."""
        return self.log_level or ("WARNING" if self.is_production else "INFO")


def load(**given: Any) -> Settings:
    """The settings of this process; `given` (lower-case names) wins over the environment.

    Raises `SetupError` that names each wrong variable.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SetupError("; ".join(_complaints(error)) + ".", remedy="`analytics settings` lists them all.") from None


def child_environment(settings: Settings, **more: str) -> dict[str, str]:
    """Our environment for a child process, with the settings that were given explicitly, and `more` on top."""
    given = {name: _as_text(getattr(settings, name)) for name in settings.model_fields_set}
    named = {name.upper(): text for name, text in given.items() if text is not None}
    home = {"ANALYTICS_HOME": str(settings.home.path)}
    return {**os.environ, **named, **home, **more}


def _as_text(value: object) -> str | None:
    match value:
        case None:
            return None
        case SecretStr():
            return value.get_secret_value()
        case bool():
            return str(value).lower()
        case tuple():
            return ",".join(str(part) for part in value)
        case StrEnum():
            return value.value
        case _:
            return str(value)


def _complaints(error: ValidationError) -> list[str]:
    return [
        ": ".join([*(str(name).upper() for name in problem["loc"][:1]), problem["msg"].removeprefix("Value error, ")])
        for problem in error.errors(include_input=False, include_url=False)
    ]
