"""Inputs pinned by hard link for as long as one SELECT reads them.

Engines open a path several times (DuckDB once for the footer and again for the rows), so a file that is replaced
in between would be read half old, half new. A link keeps the very bytes that the manifest names.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from analytics_pipelines.foundation.select import Scan, Select, Version

Link = Callable[[Version, Path], None]


def pinned(select: Select, folder: Path, link: Link) -> Select:
    """The same SELECT over links in `folder`, made by `link`, of the partitions that it scans.

    Files without versions are not the lake's and are read where they are.
    """
    reads = {
        view: _pinned(source, folder / str(number), link) if isinstance(source, Scan) and source.versions else source
        for number, (view, source) in enumerate(select.reads.items())
    }
    return replace(select, reads=reads)


def _pinned(scan: Scan, folder: Path, link: Link) -> Scan:
    folder.mkdir()
    files = tuple(folder / (version.day.isoformat() + ".parquet") for version in scan.versions)
    for version, file in zip(scan.versions, files, strict=True):
        link(version, file)
    return replace(scan, files=files)
