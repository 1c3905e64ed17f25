"""The page is what the program does."""

import re

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.tables import Decimal, Type
from analytics_pipelines.product_export.source.types import EXACT
from analytics_pipelines.product_export.source.types_page import EXACT_TYPES, READ_AS, types_page
from analytics_pipelines_tests.house_rules.repository import ROOT


def test_the_page_is_up_to_date():
    assert (ROOT / "docs" / "product-export-types.md").read_text(encoding="utf-8") == types_page(), (
        "it is what source/types_page.py renders"
    )


def test_every_exact_type_is_on_the_page():
    assert set(EXACT_TYPES) == set(EXACT)
    assert set(READ_AS) == {type_.value for type_ in Type} | {"DECIMAL(p,s)"}


def test_every_line_of_a_table_has_its_cells():
    lines = re.findall(r"^\|.*\|$", types_page(), re.MULTILINE)
    assert {line.replace("\\|", "").count("|") for line in lines} == {3, 5, 7}
    assert "_" not in {line.split("|")[1].strip() for line in lines}


@pytest.mark.parametrize("lake", [pytest.param(lake, id=lake) for lake in READ_AS])
def test_readers_take_the_lakes_types_for_what_the_page_says(lake, tmp_path):
    parquet, in_duckdb, in_polars, in_pyarrow, _ = (said.replace("(p,s)", "(5, 2)") for said in READ_AS[lake])
    type_ = Decimal(5, 2).value if "DECIMAL" in lake else lake
    file = str(tmp_path / "a.parquet")
    duckdb.sql("COPY (SELECT CAST(NULL AS " + type_ + ") AS a) TO '" + file + "' (FORMAT parquet)")
    column = pq.ParquetFile(file).schema.column(0)
    told = str(column.logical_type)
    assert duckdb.read_parquet(file).types[0] == in_duckdb.replace(", ", ",")
    assert str(pl.read_parquet(file).schema["a"]).lower().replace("time_unit=", "").startswith(spelt(in_polars))
    assert str(pq.read_schema(file).field("a").type).startswith(in_pyarrow)
    assert pa.types.is_null(pq.read_schema(file).field("a").type) is False
    if "local" in parquet or "UTC" in parquet:
        assert ("isAdjustedToUTC=true" in told) is ("UTC" in parquet)
        assert "timeUnit=microseconds" in told


def spelt(in_polars):
    return in_polars.replace("(us, UTC)", "('us', time_zone='utc')").replace("(us)", "('us'").lower()
