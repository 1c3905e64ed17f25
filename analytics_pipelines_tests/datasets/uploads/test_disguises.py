import pytest

from analytics_pipelines.datasets.uploads.disguises import refuse_disguised
from analytics_pipelines.datasets.uploads.errors import NotATable


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"MZ,intensity\n1,2\n", id="mass over charge"),
        pytest.param(b"PAR1,PAR2\n1,2\n", id="parameters"),
        pytest.param(b"BZh1,b\n", id="a name like bzip2"),
        pytest.param(b"Obj,b\n", id="a name like Avro"),
        pytest.param(b"a,b\n<html>,2\n", id="HTML in a value"),
        pytest.param(b"[unit],b\n1,2\n", id="a name in brackets"),
        pytest.param(b"{id},b\n1,2\n", id="a name in braces"),
        pytest.param(b"a,b\n1,%PDF-1.7\n", id="a PDF's beginning in a value"),
        pytest.param(b"# comment,b\n", id="a name behind a hash"),
        pytest.param(b"a<b,c\n", id="a comparison"),
    ],
)
def test_text_that_only_begins_alike_is_let_through(text: bytes) -> None:
    refuse_disguised(text)


def test_the_error_says_what_it_is_and_what_to_do() -> None:
    with pytest.raises(NotATable, match=r"a ZIP archive.*Save the sheet as CSV"):
        refuse_disguised(b"PK\x03\x04")
