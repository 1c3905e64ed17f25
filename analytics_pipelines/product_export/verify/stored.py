"""Whether copies on disk are still what was published; a flipped byte is often read as another value without a word."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.foundation.lake import Lake, Manifest
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.product_export.served import exported_tables


def damaged_copies(settings: Settings, lake: Lake) -> dict[str, list[str]]:
    """By table, what is wrong with its partitions; every configured table that was exported is in it.

    Reads all files of all days. Raises what `export_wishes` raises.
    """
    return {table.name: damaged(lake, table) for table in exported_tables(settings, lake)}


def damaged(lake: Lake, table: Table, days: Iterable[date] | None = None) -> list[str]:
    """What is wrong with the partitions of these days (None: all), one sentence each; empty if nothing is."""
    found = ((day, _fault(lake, table, day)) for day in (lake.days(table) if days is None else days))
    return [str(day) + ": " + told for day, told in found if told]


def _fault(lake: Lake, table: Table, day: date) -> str:
    """What is wrong with one partition; looked at again if it was replaced meanwhile."""
    while True:
        manifest = lake.manifest(table, day)
        told = _compared(lake.file(table, day), manifest) if manifest else "nothing was published"
        if lake.manifest(table, day) == manifest:
            return told


def _compared(file: Path, manifest: Manifest) -> str:
    try:
        size_bytes = file.stat().st_size
        if size_bytes != manifest.size_bytes:
            return f"{size_bytes} bytes, {manifest.size_bytes} were published"
        return "" if sha256_of(file) == manifest.sha256 else "other bytes than were published"
    except FileNotFoundError:
        return "the file is gone"
    except OSError as error:
        return "the file can not be read: " + str(error.strerror)
