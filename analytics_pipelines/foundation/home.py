"""Where state lies below `ANALYTICS_HOME`; one file system, since generations hard-link the lake."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """Absolute paths of everything that the program keeps."""

    path: Path

    @property
    def lake(self) -> Path:
        """`<table>/date=YYYY-MM-DD/data.parquet`: the public interface."""
        return self.path / "lake"

    @property
    def staging(self) -> Path:
        """Files on their way into lake or generations, outside both, on the same file system."""
        return self.path / "staging"

    @property
    def locks(self) -> Path:
        """Advisory lock files, never deleted."""
        return self.path / "locks"

    @property
    def generations(self) -> Path:
        """`<id>/` for each generation kept, and `current`, the pointer."""
        return self.path / "generations"

    @property
    def exports(self) -> Path:
        """`<id>/` for each export of a database, and `current`, the pointer that the lake's tables follow."""
        return self.path / "exports"

    @property
    def parquet(self) -> Path:
        """Where `PARQUET_DATA_PATH` points unless it is set."""
        return self.path / "parquet"

    @property
    def uploads(self) -> Path:
        """Where `UPLOAD_DIR` points unless it is set: datasets of users, nobody else's."""
        return self.path / "uploads"

    @property
    def secret_key(self) -> Path:
        """The key that access tokens are signed with, where `SECRET_KEY` is not set."""
        return self.path / "secret_key"

    @property
    def snapshots(self) -> Path:
        """Where `SNAPSHOTS_PATH` points unless it is set."""
        return self.path / "snapshots"

    @property
    def spool(self) -> Path:
        """Events that were acknowledged while PostgreSQL was away."""
        return self.path / "spool"

    @property
    def postgres(self) -> Path:
        """The embedded server's data, credentials and connection file."""
        return self.path / "postgres"

    @property
    def dagster(self) -> Path:
        """`DAGSTER_HOME`: runs, events and schedules."""
        return self.path / "dagster"

    @property
    def logs(self) -> Path:
        """Logs of the processes that `analytics up` supervises."""
        return self.path / "logs"

    @property
    def duck_temp(self) -> Path:
        """Where DuckDB spills what does not fit into memory."""
        return self.path / "duckdb_temp"
