"""Lines of CSV are taken from Arrow's own memory."""

import pyarrow as pa
import pytest

from analytics_pipelines.sql_service.encode.csv_lines import text_bytes
from analytics_pipelines.sql_service.messages import Format
from analytics_pipelines_tests.sql_service.encode.answers import Answers

TEXTS = pa.array(["a", "bé", "", "cc"])


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_texts_of_a_slice_are_those_of_its_rows(kind):
    assert text_bytes(TEXTS.cast(kind)) == "abécc".encode()
    assert text_bytes(TEXTS.cast(kind).slice(1, 2)) == "bé".encode()
    assert text_bytes(TEXTS.cast(kind).slice(1, 0)) == b""
    assert text_bytes(pa.array([], kind)) == b""


def test_headers_are_no_formulas_either():
    content = Answers().content('SELECT 1 AS "=a", 2 AS "b""c,"', Format.CSV)
    assert content == b'"\'=a","b""c,"\r\n1,2\r\n'


def test_an_answer_without_rows_has_its_header():
    assert Answers().content("SELECT 1 AS a WHERE false", Format.CSV) == b'"a"\r\n'
