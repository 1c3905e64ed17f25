"""Bytes to UTF-8: by a byte order mark, by being UTF-8, or by what a single-byte encoding makes of them."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes

from analytics_pipelines.datasets.uploads.errors import HoldsNul, MixedEncodings, UnknownEncoding

PIECE_BYTES = 2**20
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32 before UTF-16, whose mark its own begins with."""
SINGLE_BYTE = {"cp1252": True, "cp1250": True, "cp1251": False, "cp1253": False, "cp1254": True, "cp1257": True}
"""And whether it is of a Latin script. Of those that read equally well the first is taken."""
SAMPLE_BYTES = 2**16
CONTINUED = range(0x80, 0xC0)
"""Bytes within a character of UTF-8."""
BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
IN_UTF8 = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
"""A whole run of such bytes: a sequence beside others is chance, as in single-byte Cyrillic."""
AROUND_BYTES = 50
LEAST_RUN = 3
LEAST_LETTERS = 20
SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[^\w\x00-\x7f]|[^\w\x00-\x7f](?=[^\W\d_])")
"""Beyond ASCII, beside a letter: 5 € has none."""
LEAST_MIXED_SHARE = 0.05
"""Of bytes above 127, in words of UTF-8; chance makes far fewer of them in single-byte text."""
SAVE_AS_UTF8 = "Save the file as UTF-8 and send it again."


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text as UTF-8 without a byte order mark, what it was, and how one knows."""

    content: bytes
    encoding: str
    reason: str


def decoded(content: bytes) -> Decoded:
    """The text of the content.

    Raises `HoldsNul`, `MixedEncodings` with the place of the first byte that is no UTF-8 among others that are, and
    `UnknownEncoding`.
    """
    for mark, encoding in MARKS:
        if content.startswith(mark):
            text = _in_utf8(content[len(mark) :], encoding)
            _refuse_nul(text)
            return Decoded(text, encoding, "its byte order mark")
    _refuse_nul(content)
    wrong = first_wrong_byte(content)
    if wrong is None:
        return Decoded(content, "utf-8", "every byte is UTF-8")
    _refuse_mixed(content, wrong)
    return _guessed(content, wrong)


def first_wrong_byte(content: bytes) -> int | None:
    """Offset of the first byte that can not be UTF-8; None where all can."""
    start = 0
    while start < len(content):
        end = _character_end(content, start + PIECE_BYTES)
        try:
            content[start:end].decode()
        except UnicodeDecodeError as error:
            return start + error.start
        start = end
    return None


def _character_end(content: bytes, end: int) -> int:
    """At most three bytes more, so that no character is cut in two."""
    for _ in range(3):
        if end >= len(content) or content[end] not in CONTINUED:
            break
        end += 1
    return end


def line_at(content: bytes, offset: int) -> int:
    """Number of the line that the byte stands in, from 1."""
    before = content[:offset]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


def _refuse_nul(content: bytes) -> None:
    offset = content.find(b"\x00")
    if offset >= 0:
        raise HoldsNul(
            "There is a NUL at byte " + _place(content, offset) + ": this is no text, or UTF-16 without its mark.",
            remedy=SAVE_AS_UTF8,
        )


def _place(content: bytes, offset: int) -> str:
    return format(offset, ",") + " in line " + format(line_at(content, offset), ",")


def _refuse_mixed(content: bytes, wrong: int) -> None:
    runs = [0, 0]
    for run in BEYOND_ASCII.finditer(content):
        runs[IN_UTF8.fullmatch(run.group()) is not None] += len(run.group())
    if runs[True] >= LEAST_MIXED_SHARE * sum(runs):
        raise MixedEncodings(
            "Most of the file is UTF-8, but byte " + _place(content, wrong) + " is not: it was put together of files"
            " in different encodings, or cut.",
            remedy=SAVE_AS_UTF8,
        )


def _guessed(content: bytes, wrong: int) -> Decoded:
    sample = _around_bytes_beyond_ascii(content)
    for encoding in sorted(_fitting(content), key=lambda each: _strangeness(sample, each)):
        reason = "no UTF-8 at byte " + _place(content, wrong) + "; of single-byte encodings this reads best"
        return Decoded(_in_utf8(content, encoding), encoding, reason)
    raise UnknownEncoding(
        "Byte " + _place(content, wrong) + " is no UTF-8, and no single-byte encoding makes text of the file.",
        remedy=SAVE_AS_UTF8,
    )


def _around_bytes_beyond_ascii(content: bytes) -> bytes:
    sample = bytearray()
    end = 0
    for found in BEYOND_ASCII.finditer(content):
        if found.start() < end:
            continue
        begin, end = max(end, found.start() - AROUND_BYTES), found.start() + AROUND_BYTES
        sample += content[begin:end]
        if len(sample) >= SAMPLE_BYTES:
            break
    return bytes(sample)


def _fitting(content: bytes) -> Iterator[str]:
    """Encodings in which every byte means something."""
    used = bytes(set(content))
    for encoding in SINGLE_BYTE:
        try:
            used.decode(encoding)
        except UnicodeDecodeError:
            continue
        yield encoding


def _strangeness(sample: bytes, encoding: str) -> tuple[bool, float, float]:
    """How little the sample reads like words: of the other script, with signs in them, and to charset-normalizer.

    Latin words hold ASCII letters too; where most letters beyond ASCII follow each other, it is another script. Few
    letters mislead charset-normalizer, so that it is asked about many only.
    """
    runs = [len(run) for run in BEYOND_ASCII.findall(sample)]
    is_latin = sum(each for each in runs if each >= LEAST_RUN) <= sum(runs) / 2
    text = sample.decode(encoding)
    signs = len(SIGN_IN_WORD.findall(text)) / len(text)
    found = from_bytes(sample, cp_isolation=[encoding]).best() if sum(runs) >= LEAST_LETTERS else None
    return (is_latin != SINGLE_BYTE[encoding], signs, found.chaos if found else 1.0)


def _in_utf8(content: bytes, encoding: str) -> bytes:
    """Piece by piece, so that the wide form of a large text is never whole in memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    text = bytearray()
    try:
        for start in range(0, len(content), PIECE_BYTES):
            text += decoder.decode(content[start : start + PIECE_BYTES]).encode()
        decoder.decode(b"", final=True)
    except UnicodeError:
        told = "After its byte order mark the file is not " + encoding.upper() + " throughout, or it is cut."
        raise UnknownEncoding(told, remedy=SAVE_AS_UTF8) from None
    return bytes(text)
