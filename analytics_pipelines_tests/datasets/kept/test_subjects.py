"""A kept dataset as the subject of plans, read from its one file."""

import duckdb
import polars as pl

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.folders import Folders
from analytics_pipelines.datasets.kept.subjects import reading_of, subject_of
from analytics_pipelines.datasets.subject import SubjectColumn, SubjectKind
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.datasets.kept.examples import PRICE, REGION, kept


def test_a_dataset_is_a_subject_with_its_columns_and_what_is_known_of_them(database, anna):
    found = kept(database, anna)
    subject = subject_of(found)
    assert (subject.name, subject.kind, subject.row_count) == (found.session_id, SubjectKind.UPLOAD, 4)
    assert (subject.fingerprint, subject.generation) == ("ab" * 32, None)
    assert subject.columns == (
        SubjectColumn(name=PRICE.name, type="DOUBLE", kind=ColumnKind.NUMBER, evidence=PRICE),
        SubjectColumn(name=REGION.name, type="VARCHAR", kind=ColumnKind.TEXT, evidence=REGION),
    )
    assert subject.column('re"gion') == subject.columns[1]


def test_its_rows_are_read_from_its_file_whatever_the_folder_is_called(database, anna, tmp_path):
    folders = Folders.of(settings_in(tmp_path / "home", upload_dir=tmp_path / "it's = date=2026-01-01" / "up"))
    found = kept(database, anna)
    with folders.staging() as folder:
        pl.DataFrame({"price": [3.5, 1.25], 're"gion': ["north", None]}).write_parquet(folder / "rows")
        folders.publish(found.place, data=folder / "rows")
    rows = duckdb.sql(reading_of(folders, found).query)
    assert (rows.columns, rows.fetchall()) == (["price", 're"gion'], [(3.5, "north"), (1.25, None)])
