"""Uploads that nobody wants, by name: what is refused with which error, and what is read for what it is."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa
from pyarrow import feather, parquet

from analytics_pipelines.datasets.uploads import errors
from analytics_pipelines.datasets.uploads.errors import UnreadableUpload
from analytics_pipelines.foundation.errors import LimitExceeded

SIMPLE = b"a,b\n1,2\n3,4\n"
WITH_UMLAUTS = "name,city\nJörg,Köln\nZoë,Nîmes\n".encode()
Refusal = type[UnreadableUpload] | type[LimitExceeded]


@dataclass(frozen=True)
class Refused:
    name: str
    content: bytes
    error: Refusal
    says: str
    limits: dict[str, int] = field(default_factory=dict)


def written(write: Callable[[io.BytesIO], object]) -> bytes:
    target = io.BytesIO()
    write(target)
    return target.getvalue()


def zipped(target: io.BytesIO) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")


def tarred(target: io.BytesIO) -> None:
    with tarfile.open(fileobj=target, mode="w") as archive:
        member = tarfile.TarInfo("../../data.csv")
        member.size = len(SIMPLE)
        archive.addfile(member, io.BytesIO(SIMPLE))


def sqlite() -> bytes:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE TABLE t (a)")
        return connection.serialize()
    finally:
        connection.close()


def named_gzip(name: str) -> bytes:
    target = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=target) as archive:
        archive.write(SIMPLE)
    return target.getvalue()


TABLE = pa.table({"a": [1]})
DAMAGED = bytearray(gzip.compress(SIMPLE * 100))
DAMAGED[-6] ^= 0xFF
LONG = b"x" * 1_000_001

DISGUISED = (
    Refused("a workbook", written(zipped), errors.NotATable, "ZIP"),
    Refused("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), errors.NotATable, "Office"),
    Refused("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", errors.NotATable, "PDF"),
    Refused("a PDF behind a row of CSV", b"a,b\n%PDF-1.7\n1 0 obj\n", errors.NotATable, "PDF"),
    Refused("an RTF document", b"{\\rtf1\\ansi a,b}", errors.NotATable, "RTF"),
    Refused("a PNG", b"\x89PNG\r\n\x1a\n" + bytes(64), errors.NotATable, "PNG"),
    Refused("a JPEG", b"\xff\xd8\xff\xe0\x00\x10JFIF", errors.NotATable, "JPEG"),
    Refused("a GIF that is CSV too", b"GIF89a,b\n1,2\n", errors.NotATable, "GIF"),
    Refused("a program of Linux", b"\x7fELF\x02\x01\x01" + bytes(64), errors.NotATable, "ELF"),
    Refused("a program of Windows", b"MZ\x90\x00\x03" + bytes(64), errors.NotATable, "Windows"),
    Refused("a program of Java", b"\xca\xfe\xba\xbe\x00\x00\x00\x41", errors.NotATable, "program"),
    Refused("a script", b"#!/bin/sh\nrm -rf a,b\n", errors.NotATable, "script"),
    Refused("an HTML page", b"\n <!DOCTYPE html><html><body>a,b</body></html>", errors.NotATable, "HTML"),
    Refused("an HTML table called .xls", b"<table><tr><td>1</td></tr></table>", errors.NotATable, "HTML"),
    Refused("an HTML page in UTF-16", "<html>a,b</html>".encode("utf-16"), errors.NotATable, "HTML"),
    Refused("XML with entities", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>', errors.NotATable, "XML"),
    Refused("a JSON object", json.dumps({"a": [1, 2]}).encode(), errors.NotATable, "JSON"),
    Refused("a JSON list", json.dumps([{"a": 1}], indent=1).encode(), errors.NotATable, "JSON"),
    Refused("a SQLite database", sqlite(), errors.NotATable, "SQLite"),
    Refused("a DuckDB database", bytes(range(8)) + b"DUCK" + bytes(64), errors.NotATable, "DuckDB"),
    Refused("a Parquet file", written(lambda file: parquet.write_table(TABLE, file)), errors.NotATable, "Parquet"),
    Refused("an Arrow file", written(lambda file: feather.write_feather(TABLE, file)), errors.NotATable, "Arrow"),
    Refused("bzip2", bz2.compress(SIMPLE), errors.NotATable, "bzip2"),
    Refused("xz", lzma.compress(SIMPLE), errors.NotATable, "xz"),
    Refused("zstd", pa.compress(SIMPLE, "zstd", asbytes=True), errors.NotATable, "zstd"),
    Refused("7z", b"7z\xbc\xaf\x27\x1c\x00\x04", errors.NotATable, "7z"),
    Refused("a tar that climbs", written(tarred), errors.NotATable, "tar"),
    Refused("gzip in gzip", gzip.compress(gzip.compress(SIMPLE)), errors.NotATable, "inside of another"),
    Refused("zip in gzip", gzip.compress(written(zipped)), errors.NotATable, "ZIP"),
)
ARCHIVES = (
    Refused("gzip that is cut", gzip.compress(SIMPLE * 100)[:-9], errors.BrokenArchive, "broken"),
    Refused("gzip that is damaged", bytes(DAMAGED), errors.BrokenArchive, "broken"),
    Refused("gzip with rubbish behind", gzip.compress(SIMPLE) + b"rubbish", errors.BrokenArchive, "broken"),
    Refused("gzip of nothing", gzip.compress(b""), errors.EmptyFile, "no text"),
    Refused(
        "a bomb by its size",
        gzip.compress(SIMPLE * 40_000),
        errors.TooLargeUnpacked,
        "more than is read",
        {"unpacked_bytes": 400_000, "ratio": 10_000},
    ),
    Refused("a bomb by its ratio", gzip.compress(b"a\n" + b"0" * 2**22), errors.TooLargeUnpacked, "grows too much"),
    Refused("a bomb of many members", gzip.compress(b"0" * 2**20) * 3, errors.TooLargeUnpacked, "grows too much"),
)
TEXTS = (
    Refused("nothing", b"", errors.EmptyFile, "no text"),
    Refused("blank lines", b"\r\n\n  \n", errors.EmptyFile, "no text"),
    Refused("a byte order mark alone", b"\xef\xbb\xbf", errors.EmptyFile, "no text"),
    Refused("a NUL in a value", b"a,b\n1,2\n3,\x004\n", errors.HoldsNul, "byte 10 in line 3"),
    Refused("only NULs", bytes(1000), errors.HoldsNul, "byte 0"),
    Refused("UTF-16 without its mark", "a,b\n1,2\n".encode("utf-16-le"), errors.HoldsNul, "UTF-16"),
    Refused("a NUL in UTF-16", "a,b\n1,\x00\n".encode("utf-16"), errors.HoldsNul, "line 2"),
    Refused("UTF-16 that is cut", "a,b\n1,2\n".encode("utf-16")[:-1], errors.UnknownEncoding, "UTF-16"),
    Refused("half a pair in UTF-16", b"\xff\xfea\x00\n\x00\x00\xd8\n\x00", errors.UnknownEncoding, "not UTF-16"),
    Refused("two encodings", WITH_UMLAUTS + "Jürgen,Ulm\n".encode("cp1252"), errors.MixedEncodings, "in line 4"),
    Refused("UTF-8 that is cut", WITH_UMLAUTS[:-1] + "é".encode()[:1], errors.MixedEncodings, "line 3"),
    Refused("bytes of no encoding", b"a,b\n\x81,\x98\n", errors.UnknownEncoding, "single-byte"),
    Refused("a million columns", b"," * 999_999 + b"\n1\n", errors.TooManyColumns, "1,000,000 columns"),
    Refused("columns in quotes", b'"a",' * 2000 + b'"a"\n', errors.TooManyColumns, "2,001 columns"),
    Refused("a line without end", LONG, errors.LineTooLong, "first line"),
    Refused("a long line in the middle", SIMPLE + b"1," + LONG + b"\n5,6\n", errors.LineTooLong, "Line 4"),
    Refused(
        "a long value over many lines", b'a,b\n1,"' + b"x\n" * 600_000 + b'"\n', errors.LineTooLong, "begins in line 2"
    ),
    Refused("a quote never closed", b'a,b\n1,2\n3,"4\n5,6\n', errors.UnclosedQuote, "begins in line 3"),
    Refused("a quote never closed in the header", b'a,"b\n1,2\n', errors.UnclosedQuote, "line 1"),
    Refused("rows of another width", b"a,b\n1\n2\n3,4\n", errors.MostlyRejected, "2 of 3 rows"),
    Refused("broken quotes everywhere", b'a,b\n"1"x,2\n"3"x,4\n', errors.MostlyRejected, "closing quote"),
    Refused("too many rows", SIMPLE, errors.TooManyRows, "rows", {"rows": 2}),
    Refused("too many quoted rows", b'a,b\n"1",2\n3,4\n5,6\n', errors.TooManyRows, "rows", {"rows": 2}),
    Refused("too many values", SIMPLE, errors.TooManyRows, "values", {"cells": 4}),
)
REFUSED = DISGUISED + ARCHIVES + TEXTS

READ: dict[str, tuple[bytes, dict[str, list[object]]]] = {
    "formulas": (
        b'a,b\n=1+1,@SUM(A1)\n+1+1,-2+3\n"=cmd|\' /C calc\'!A0","\t=1"\n',
        {"a": ["=1+1", "+1+1", "=cmd|' /C calc'!A0"], "b": ["@SUM(A1)", "-2+3", "\t=1"]},
    ),
    "a formula as a name": (b"=HYPERLINK(1),b\n1,2\n", {"=HYPERLINK(1)": [1], "b": [2]}),
    "a header of an answer as a name": (
        b'"a\r\nSet-Cookie: b=c",d\n1,2\n',
        {"a Set-Cookie: b=c": [1], "d": [2]},
    ),
    "SQL as a name": (b'"a""; DROP TABLE t; --",b\n1,2\n', {'a"; DROP TABLE t; --': [1], "b": [2]}),
    "names that only differ in case": (b"a,A,a_2\n1,2,3\n", {"a": [1], "A_3": [2], "a_2": [3]}),
    "names of nothing": (b",\t,\n1,2,3\n", {"column_1": [1], "column_2": [2], "column_3": [3]}),
    "a name that turns direction": ("a\u202egnp,b\n1,2\n".encode(), {"a gnp": [1], "b": [2]}),
    "a name too long": (b"x" * 300 + b",b\n1,2\n", {"x" * 200: [1], "b": [2]}),
    "a mark of UTF-8": (b"\xef\xbb\xbfa,b\n1,2\n", {"a": [1], "b": [2]}),
    "a mark of UTF-16, little end first": (b"\xff\xfe" + "ä\tb\n1\t2\n".encode("utf-16-le"), {"ä": [1], "b": [2]}),
    "a mark of UTF-16, big end first": (b"\xfe\xff" + "ä,b\n1,2\n".encode("utf-16-be"), {"ä": [1], "b": [2]}),
    "a mark of UTF-32": ("ä,😀\n1,2\n".encode("utf-32"), {"ä": [1], "😀": [2]}),
    "lines of an old Macintosh": (b"a,b\r1,2\r3,4\r", {"a": [1, 3], "b": [2, 4]}),
    "all line ends at once": (b"a,b\r\n1,2\n3,4\r5,6", {"a": [1, 3, 5], "b": [2, 4, 6]}),
    "HTML in a value": (b"a,b\n<script>alert(1)</script>,2\n", {"a": ["<script>alert(1)</script>"], "b": [2]}),
    "the line by which Excel tells the delimiter": (b"sep=;\r\na;b\r\n1,5;2\r\n", {"a": [1.5], "b": [2]}),
    "numbers beyond everything": (
        b"a,b\n1e999,2\n1,123456789012345678901\n",
        {"a": ["1e999", "1"], "b": ["2", "123456789012345678901"]},
    ),
    "days of no calendar": (b"a\n2026-02-30\n2026-01-01\n", {"a": ["2026-02-30", "2026-01-01"]}),
    "a quote within a value": (b'a,b\n5" disk,2\n3,4\n', {"a": ['5" disk', "3"], "b": [2, 4]}),
    "a header alone": (b"a,b\n", {"a": [], "b": []}),
    "a header alone without an end": (b"a,b", {"a": [], "b": []}),
    "no header": (b"1,2\n3,4\n", {"column_1": [1, 3], "column_2": [2, 4]}),
    "a row of two widths": (b"a,b\n1,2\n3\n4,5,6\n7,8,\n", {"a": [1, 7], "b": [2, 8]}),
    "members of gzip one after another": (gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n"), {"a": [1], "b": [2]}),
    "gzip that says it is a path": (named_gzip("../../etc/passwd"), {"a": [1, 3], "b": [2, 4]}),
}
FILENAMES = (
    "../../etc/passwd",
    "a\r\nSet-Cookie: b=c.csv",
    "/etc/cron.d/x",
    "..",
    "a\x00.csv",
    "x" * 5000,
    "",
    "con.csv:z",
)
