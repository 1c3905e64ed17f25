"""What a file is that is no table: known by its first bytes, never by its name."""

import re

from analytics_pipelines.datasets.uploads.errors import NotATable

BEGINNING_BYTES = 1024
GZIP = b"\x1f\x8b"
ARCHIVE = "Unpack it and send the table in it."
SHEET = "Save the sheet as CSV and send that."
SIGNATURES = (
    (b"PK\x03\x04", "a ZIP archive, as Excel's .xlsx is one", SHEET),
    (b"PK\x05\x06", "an empty ZIP archive", ARCHIVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document such as .xls", SHEET),
    (b"SQLite format 3\x00", "a SQLite database", "Export its table as CSV."),
    (b"%PDF-", "a PDF document", "Export the table in it as CSV."),
    (b"{\\rtf", "an RTF document", "Export the table in it as CSV."),
    (b"\x89PNG", "a PNG picture", ""),
    (b"\xff\xd8\xff", "a JPEG picture", ""),
    (b"GIF87a", "a GIF picture", ""),
    (b"GIF89a", "a GIF picture", ""),
    (b"\x7fELF", "a program (ELF)", ""),
    (b"\xfe\xed\xfa\xce", "a program (Mach-O)", ""),
    (b"\xfe\xed\xfa\xcf", "a program (Mach-O)", ""),
    (b"\xcf\xfa\xed\xfe", "a program (Mach-O)", ""),
    (b"\xca\xfe\xba\xbe", "a program (Java or Mach-O)", ""),
    (b"#!/", "a script", ""),
    (GZIP, "a gzip archive inside of another", "Unpack it once."),
    (b"\x1f\x9d", "an archive of compress", ARCHIVE),
    (b"\xfd7zXZ\x00", "an xz archive", ARCHIVE),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", ARCHIVE),
    (b"Rar!\x1a\x07", "a RAR archive", ARCHIVE),
    (b"Obj\x01", "an Avro file", "Export it as CSV."),
    (b"ARROW1\x00\x00", "an Arrow file", "Export it as CSV."),
)
PATTERNS = (
    (re.compile(rb"MZ[^\n]{0,126}\x00", re.DOTALL), "a program (Windows)", ""),
    (re.compile(rb"PAR1[\x00-\x08\x0e-\x1f]"), "a Parquet file", "Export it as CSV."),
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), "a bzip2 archive", ARCHIVE),
    (re.compile(rb".{8}DUCK", re.DOTALL), "a DuckDB database", "Export its table as CSV."),
    (re.compile(rb".{257}ustar", re.DOTALL), "a tar archive", ARCHIVE),
    (re.compile(rb"(?:[^\n]*\n)+%PDF-"), "a PDF document", "Export the table in it as CSV."),
    (
        re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|script|table|svg)\b", re.IGNORECASE),
        "an HTML page",
        "Save the table in it as CSV.",
    ),
    (re.compile(rb"\s*<\?xml\b", re.IGNORECASE), "an XML document", "Export it as CSV."),
    (re.compile(rb"\s*(?:\{\s*(?:\"[^\"\n]*\"\s*:|\})|\[\s*[\[{])"), "JSON", "Send it as CSV."),
)
"""Of beginnings that text could have too, more is asked than a few letters."""


def refuse_disguised(content: bytes) -> None:
    """Raise `NotATable` that names what the content is, if it is something known."""
    beginning = content[:BEGINNING_BYTES]
    for signature, what, remedy in SIGNATURES:
        if beginning.startswith(signature):
            raise not_a_table(what, remedy)
    for pattern, what, remedy in PATTERNS:
        if pattern.match(beginning):
            raise not_a_table(what, remedy)


def not_a_table(what: str, remedy: str) -> NotATable:
    """The error that says what was sent instead of a table."""
    return NotATable(
        "The file is " + what + ", not a table of text.", remedy=remedy or "Send a CSV or TSV file, plain or gzipped."
    )
