"""Values as text, written by DuckDB itself: JSON of any type, cells of CSV files.

Numbers are JSON numbers where every reader that keeps doubles gets the very value: integers within ±(2^53 - 1),
decimals of at most 15 significant digits, finite floating-point numbers. All others are texts of the same digits.
"""

import orjson

from analytics_pipelines.foundation.spreadsheets import SAFE_TEXT
from analytics_pipelines.foundation.sql import Sql, joined, literal
from analytics_pipelines.sql_service.encode.types import DuckType

MOST_SAFE = 2**53 - 1
MOST_SAFE_DIGITS = 15

SMALL_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"})
LARGE_INTEGERS = frozenset({"BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT"})
FLOATS = frozenset({"FLOAT", "DOUBLE"})
ZONED_TYPE = "TIMESTAMP WITH TIME ZONE"
MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", ZONED_TYPE})
NESTED = frozenset({"LIST", "ARRAY", "STRUCT", "MAP", "UNION"})
PLAIN_TEXTS = frozenset(
    {"DATE", "TIME", "TIME_NS", "TIME WITH TIME ZONE", "UUID", "BIT", "BIGNUM", "BLOB", "INTERVAL"} | MOMENTS
)
"""What they are written as holds nothing that JSON or CSV would have to escape."""

CAST = Sql("CAST({value} AS VARCHAR)")
SAFE_INTEGER = Sql(
    "CASE WHEN {value} BETWEEN -{most} AND {most} THEN CAST({value} AS VARCHAR)"
    " ELSE '\"' || CAST({value} AS VARCHAR) || '\"' END"
)
SAFE_NATURAL = Sql(
    "CASE WHEN {value} <= {most} THEN CAST({value} AS VARCHAR) ELSE '\"' || CAST({value} AS VARCHAR) || '\"' END"
)
SAFE_DECIMAL = Sql(
    "CASE WHEN length(trim(replace({text}, '.', ''), '-0')) <= {most} THEN {text} ELSE '\"' || {text} || '\"' END"
)
FLOATING = Sql(
    "CASE WHEN isfinite({value}) THEN CAST({value} AS VARCHAR) WHEN isnan({value}) THEN {nan}"
    " WHEN {value} > 0 THEN {infinite} WHEN {value} < 0 THEN {least} END"
)
# DuckDB writes no zero before the point where all digits stand behind it.
FRACTION = Sql("replace(CAST({value} AS VARCHAR), '.', '0.')")
# The moment's own microseconds: a cast would go through milliseconds in floating point, and the session's time zone.
ZONED = Sql(
    "CASE WHEN isfinite({value}) THEN CAST(make_timestamp(epoch_us({value})) AS VARCHAR) || '+00'"
    " ELSE CAST({value} AS VARCHAR) END"
)
ISO_MOMENT = Sql("regexp_replace({text}, '(\\d) (\\d)', '\\1T\\2')")
ISO_ZONED = Sql("regexp_replace({text}, '\\+00$', 'Z')").fill(text=ISO_MOMENT)
BASE64 = Sql("base64({value})")
HEXADECIMAL = Sql("'\\x' || lower(hex({value}))")
# The fraction is multiplied as a decimal: a division would round, and write 1e-06.
ISO_INTERVAL = Sql(
    """CASE WHEN {value} IS NULL THEN NULL
    WHEN datepart('month', {value}) = 0 AND datepart('year', {value}) = 0 AND datepart('day', {value}) = 0
        AND datepart('hour', {value}) = 0 AND datepart('minute', {value}) = 0 AND datepart('microseconds', {value}) = 0
    THEN 'PT0S'
    ELSE concat('P',
        CASE WHEN datepart('year', {value}) <> 0 THEN datepart('year', {value}) || 'Y' END,
        CASE WHEN datepart('month', {value}) <> 0 THEN datepart('month', {value}) || 'M' END,
        CASE WHEN datepart('day', {value}) <> 0 THEN datepart('day', {value}) || 'D' END,
        CASE WHEN datepart('hour', {value}) <> 0 OR datepart('minute', {value}) <> 0
            OR datepart('microseconds', {value}) <> 0 THEN 'T' END,
        CASE WHEN datepart('hour', {value}) <> 0 THEN datepart('hour', {value}) || 'H' END,
        CASE WHEN datepart('minute', {value}) <> 0 THEN datepart('minute', {value}) || 'M' END,
        CASE WHEN datepart('microseconds', {value}) <> 0 THEN rtrim(rtrim(CAST(
            CAST(datepart('microseconds', {value}) AS DECIMAL(9, 0)) * CAST(0.000001 AS DECIMAL(6, 6))
        AS VARCHAR), '0'), '.') || 'S' END) END"""
)
QUOTED = Sql("'\"' || {text} || '\"'")
OR_NULL = Sql("coalesce({text}, 'null')")
# DuckDB writes nothing at all where a text is none (some functions cut characters into bytes).
JSON_TEXT = Sql(
    "CASE WHEN CAST(to_json({text}) AS VARCHAR) = '' THEN error({broken}) ELSE CAST(to_json({text}) AS VARCHAR) END"
)
BROKEN_TEXT = "A text of the answer is not UTF-8; select encode(…) of it, its bytes."
CSV_TEXT = Sql("'\"' || replace({safe}, '\"', '\"\"') || '\"'")
CSV_NESTED = Sql("CASE WHEN {value} IS NOT NULL THEN '\"' || replace({text}, '\"', '\"\"') || '\"' END")
OR_EMPTY = Sql("coalesce({text}, '')")

LIST = Sql("'[' || array_to_string(list_transform({value}, lambda {each}: {text}), ',') || ']'")
OBJECT = Sql("CASE WHEN {value} IS NOT NULL THEN concat({parts}) END")
FIELD = Sql("struct_extract({value}, {field})")
MAP = Sql(
    "CASE WHEN {value} IS NOT NULL THEN"
    " {opened} || array_to_string(list_transform(map_entries({value}), lambda {each}: {text}), ',') || {closed} END"
)
UNION = Sql("CASE CAST(union_tag({value}) AS VARCHAR) {members} END")
UNION_MEMBER = Sql("WHEN {tag} THEN concat({key}, {text}, '}}')")
UNION_VALUE = Sql("union_extract({value}, {tag})")


def text_of(value: Sql, kind: DuckType) -> Sql:
    """The value as plain text, of a null a null; moments as DuckDB writes them; no nested type."""
    if kind.kind == "DECIMAL" and kind.precision == kind.scale:
        return FRACTION.fill(value=value)
    return _TEXTS.get(kind.kind, CAST).fill(value=value)


def json_of(value: Sql, kind: DuckType, level: int = 0) -> Sql:
    """The value as JSON, of a null `null`."""
    return OR_NULL.fill(text=_json_of(value, kind, level))


def csv_of(value: Sql, kind: DuckType) -> Sql:
    """The value as a cell: of a null nothing; texts in quotes, so that they end nowhere else, and never a formula."""
    return OR_EMPTY.fill(text=_csv_of(value, kind))


def _json_of(value: Sql, kind: DuckType, level: int) -> Sql:
    if kind.kind in NESTED:
        return _NESTED[kind.kind](value, kind, level)
    if kind.kind in LARGE_INTEGERS:
        number = SAFE_NATURAL if kind.kind.startswith("U") else SAFE_INTEGER
        return number.fill(value=value, most=Sql(str(MOST_SAFE)))
    if kind.kind in FLOATS:
        return _floating(value, '"NaN"', '"Infinity"', '"-Infinity"')
    return _json_text_of(text_of(value, kind), kind)


def _json_text_of(text: Sql, kind: DuckType) -> Sql:
    if kind.kind == "DECIMAL" and kind.precision > MOST_SAFE_DIGITS:
        return SAFE_DECIMAL.fill(text=text, most=Sql(str(MOST_SAFE_DIGITS)))
    if kind.kind in SMALL_INTEGERS | {"BOOLEAN", "NULL", "DECIMAL"}:
        return text
    if kind.kind in MOMENTS:
        text = (ISO_ZONED if kind.kind == ZONED_TYPE else ISO_MOMENT).fill(text=text)
    return QUOTED.fill(text=text) if kind.kind in PLAIN_TEXTS else json_text(text)


def json_text(text: Sql) -> Sql:
    """A text as JSON; DuckDB raises an error of one that is not UTF-8."""
    return JSON_TEXT.fill(text=text, broken=literal(BROKEN_TEXT))


def _floating(value: Sql, nan: str, infinite: str, least: str) -> Sql:
    return FLOATING.fill(value=value, nan=literal(nan), infinite=literal(infinite), least=literal(least))


def _csv_of(value: Sql, kind: DuckType) -> Sql:
    if kind.kind in NESTED:
        return CSV_NESTED.fill(value=value, text=_json_of(value, kind, 0))
    if kind.kind in FLOATS:
        return _floating(value, "NaN", "Infinity", "-Infinity")
    text = HEXADECIMAL.fill(value=value) if kind.kind == "BLOB" else text_of(value, kind)
    if kind.kind in PLAIN_TEXTS | SMALL_INTEGERS | LARGE_INTEGERS | {"BOOLEAN", "NULL", "DECIMAL"}:
        return text
    return CSV_TEXT.fill(safe=SAFE_TEXT.fill(column=text))


def _list(value: Sql, kind: DuckType, level: int) -> Sql:
    each = Sql("e" + str(level))
    return LIST.fill(value=value, each=each, text=json_of(each, kind.element, level + 1))


def _struct(value: Sql, kind: DuckType, level: int) -> Sql:
    parts: list[Sql] = []
    for number, (field, member) in enumerate(kind.members, 1):
        before = "," if number > 1 else ""
        parts.append(literal(before if kind.is_unnamed else before + _key(field)))
        part = FIELD.fill(value=value, field=Sql(str(number)) if kind.is_unnamed else literal(field))
        parts.append(json_of(part, member, level))
    opened, closed = "[]" if kind.is_unnamed else "{}"
    return OBJECT.fill(value=value, parts=joined([literal(opened), *parts, literal(closed)]))


def _map(value: Sql, kind: DuckType, level: int) -> Sql:
    (_, key), (_, held) = kind.members
    each = Sql("e" + str(level))
    key_text = json_of(FIELD.fill(value=each, field=literal("key")), key, level + 1)
    held_text = json_of(FIELD.fill(value=each, field=literal("value")), held, level + 1)
    is_object = key.kind == "VARCHAR"
    parts = [key_text, literal(":"), held_text] if is_object else [_OPENED, key_text, literal(","), held_text, _CLOSED]
    opened, closed = "{}" if is_object else "[]"
    text = Sql("concat({parts})").fill(parts=joined(parts))
    return MAP.fill(value=value, each=each, text=text, opened=literal(opened), closed=literal(closed))


def _union(value: Sql, kind: DuckType, level: int) -> Sql:
    members = []
    for tag, member in kind.members:
        text = json_of(UNION_VALUE.fill(value=value, tag=literal(tag)), member, level)
        members.append(UNION_MEMBER.fill(tag=literal(tag), key=literal("{" + _key(tag)), text=text))
    return UNION.fill(value=value, members=joined(members, " "))


def _key(name: str) -> str:
    return orjson.dumps(name).decode() + ":"


_TEXTS = {"BLOB": BASE64, "INTERVAL": ISO_INTERVAL, ZONED_TYPE: ZONED}
_OPENED = literal("[")
_CLOSED = literal("]")
_NESTED = {"LIST": _list, "ARRAY": _list, "STRUCT": _struct, "MAP": _map, "UNION": _union}
