import codecs

import pytest

from analytics_pipelines.datasets.uploads.encoding import PIECE_BYTES, decoded, first_wrong_byte, line_at
from analytics_pipelines.datasets.uploads.errors import HoldsNul, MixedEncodings, UnknownEncoding

TEXTS = {
    "French": ("cp1252", "ville,été\nAngoulême,garçon\nOrléans,à côté\n"),
    "German": ("cp1252", "Ort;Größe\nKöln;groß\nMünchen;größer\n"),
    "one accent": ("cp1252", "name,price\nCafé,5\n"),
    "letters alone": ("cp1252", "name,x\nà,é\nç,ê\n"),
    "degrees": ("cp1252", "°C;µm\n5;7\n"),
    "one Russian word": ("cp1251", "a,b\nМосква,1\n"),  # noqa: RUF001 - a Russian word
    "more Czech": ("cp1250", "město\n" + "příliš žluté české větry\n" * 5),
    "more Polish": ("cp1250", "opis\n" + "zażółć gęślą jaźń\n" * 20),
    "prices": ("cp1252", "name,price\ncoffee,5 €\ntea,3 €\n"),
    "Polish": ("cp1250", "miasto,opis\nŁódź,zażółć gęślą jaźń\nKraków,śliczny\n"),
    "Czech": ("cp1250", "město,popis\nČeské,příliš žluťoučký kůň\n"),
    "Russian": ("cp1251", "имя,город\nИван,Москва\nПётр,Казань\n"),  # noqa: RUF001 - Russian words
    "Greek": ("cp1253", "πόλη,όνομα\nΑθήνα,Γιώργος\nΘεσσαλονίκη,Ελένη\n"),  # noqa: RUF001 - Greek words
}


@pytest.mark.parametrize("language", TEXTS)
def test_single_byte_text_of_many_languages_is_told_apart(language: str) -> None:
    encoding, text = TEXTS[language]
    known = decoded(text.encode(encoding))
    assert known.content.decode() == text
    assert known.encoding == encoding
    assert "no UTF-8 at byte" in known.reason


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_is_believed_and_taken_off(mark: bytes, encoding: str) -> None:
    text = "ä,😀\n1,2\n"
    known = decoded(mark + text.encode(encoding))
    assert (known.content.decode(), known.encoding, known.reason) == (text, encoding, "its byte order mark")


def test_utf_8_needs_no_mark() -> None:
    assert decoded("é".encode()).encoding == decoded(b"a").encoding == "utf-8"


@pytest.mark.parametrize("shift", range(4))
def test_a_character_across_two_pieces_is_no_wrong_byte(shift: int) -> None:
    content = b"a" * (PIECE_BYTES - shift) + "😀".encode() * 3
    assert first_wrong_byte(content) is None
    assert first_wrong_byte(content + b"\xff") == len(content)


@pytest.mark.parametrize("wrong", [b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf5\x80\x80\x80", b"\x80"])
def test_what_is_no_utf_8_is_found_where_it_is(wrong: bytes) -> None:
    assert first_wrong_byte(b"abc" + wrong) == 3


def test_lines_are_counted_whatever_ends_them() -> None:
    content = b"a\nb\r\nc\rd"
    assert [line_at(content, content.index(letter)) for letter in b"abcd"] == [1, 2, 3, 4]


def test_mixed_encodings_are_told_by_byte_and_line() -> None:
    content = "a\nJörg\nZoë\n".encode() + "Köln\n".encode("cp1252")
    with pytest.raises(MixedEncodings, match=r"byte 14 in line 4"):
        decoded(content)


def test_a_nul_is_told_by_byte_and_line() -> None:
    with pytest.raises(HoldsNul, match=r"byte 1,002 in line 2"):
        decoded(b"a" * 1000 + b"\n1\x00")


def test_bytes_that_mean_nothing_anywhere_are_refused() -> None:
    with pytest.raises(UnknownEncoding, match=r"Byte 2 in line 2"):
        decoded(b"a\n\x81\x98")
