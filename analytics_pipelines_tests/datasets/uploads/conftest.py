"""Reads content as an upload, in a folder where only the file and what is made of it may be."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from analytics_pipelines.datasets.evidence import ColumnEvidence
from analytics_pipelines.datasets.uploads.limits import UploadLimits
from analytics_pipelines.datasets.uploads.upload import UploadedData, read_upload, uploaded_data

LIMITS = UploadLimits.of(10_485_760)


@dataclass(frozen=True)
class ReadBack:
    data: UploadedData
    table: pa.Table

    def column(self, name: str) -> ColumnEvidence:
        return next(each for each in self.data.columns if each.name == name)

    def values(self, name: str) -> list[Any]:
        return self.table[name].to_pylist()


Read = Callable[..., ReadBack]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read(content, filename=…, **limits)`: what was found, and the rows of the Parquet."""

    def reading(content: bytes | str, filename: str = "data.csv", **limits: int) -> ReadBack:
        source, target = tmp_path / "source", tmp_path / "target"
        target.unlink(missing_ok=True)
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        data = uploaded_data(read_upload(str(source), str(target), filename, replace(LIMITS, **limits)))
        return ReadBack(data, parquet.read_table(target))

    return reading
