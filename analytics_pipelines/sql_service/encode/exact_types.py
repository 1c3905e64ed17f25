"""Types that Arrow or Parquet does not hold, or holds wrongly, as ones that it does."""

from analytics_pipelines.foundation.sql import Sql, joined, literal, name
from analytics_pipelines.sql_service.encode.text_forms import FIELD, json_of, text_of
from analytics_pipelines.sql_service.encode.types import DuckType
from analytics_pipelines.sql_service.messages import Format

UNCHANGED = frozenset(
    {
        *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
        *("FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "BLOB"),
        *("DATE", "TIME", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"),
    }
)
UNCHANGED_IN_ARROW = UNCHANGED | {"TIMESTAMP_S", "TIMESTAMP_MS", "TIME_NS", "ENUM", "UUID", "JSON"}
# Arrow would get 128 bits as a decimal of 38 digits whatever they hold; the cast refuses what has more digits.
CAST_TO = {
    "HUGEINT": Sql("DECIMAL(38, 0)"),
    "UHUGEINT": Sql("DECIMAL(38, 0)"),
    "TIMESTAMP_S": Sql("TIMESTAMP"),
    "TIMESTAMP_MS": Sql("TIMESTAMP"),
    "NULL": Sql("INTEGER"),
}

AS_TYPE = Sql("CAST({value} AS {kind})")
LIST = Sql("list_transform({value}, lambda {each}: {kept})")
STRUCT = Sql("CASE WHEN {value} IS NOT NULL THEN struct_pack({fields}) END")
NAMED = Sql("{field} := {kept}")
UNION = Sql("CASE WHEN {value} IS NOT NULL THEN {text} END")
MAP = Sql(
    "CASE WHEN {value} IS NOT NULL THEN map_from_entries("
    "list_transform(map_entries({value}), lambda {each}: struct_pack(k := {key}, v := {held}))) END"
)


def kept(value: Sql, kind: DuckType, target: Format, level: int = 0) -> Sql:
    """The value in a type that Arrow or Parquet holds exactly; itself where its own is one."""
    if kind.kind in (UNCHANGED_IN_ARROW if target is Format.ARROW else UNCHANGED):
        return value
    if kind.kind in CAST_TO:
        return AS_TYPE.fill(value=value, kind=CAST_TO[kind.kind])
    if kind.kind in _NESTED:
        return _NESTED[kind.kind](value, kind, target, level)
    return text_of(value, kind)


def _list(value: Sql, kind: DuckType, target: Format, level: int) -> Sql:
    each = Sql("e" + str(level))
    element = kept(each, kind.element, target, level + 1)
    # pyarrow writes no null of a list of fixed length into Parquet.
    if element is each and (kind.kind == "LIST" or target is Format.ARROW):
        return value
    return LIST.fill(value=value, each=each, kept=element)


def _struct(value: Sql, kind: DuckType, target: Format, level: int) -> Sql:
    fields = []
    is_changed = kind.is_unnamed
    for number, (field, member) in enumerate(kind.members, 1):
        part = FIELD.fill(value=value, field=Sql(str(number)) if kind.is_unnamed else literal(field))
        as_kept = kept(part, member, target, level)
        is_changed |= as_kept is not part
        fields.append(NAMED.fill(field=name(field), kept=as_kept))
    return STRUCT.fill(value=value, fields=joined(fields)) if is_changed else value


def _map(value: Sql, kind: DuckType, target: Format, level: int) -> Sql:
    (_, key), (_, held) = kind.members
    each = Sql("e" + str(level))
    key_part, held_part = (FIELD.fill(value=each, field=literal(field)) for field in ("key", "value"))
    key_kept = kept(key_part, key, target, level + 1)
    held_kept = kept(held_part, held, target, level + 1)
    if key_kept is key_part and held_kept is held_part:
        return value
    return MAP.fill(value=value, each=each, key=key_kept, held=held_kept)


def _union(value: Sql, kind: DuckType, _target: Format, level: int) -> Sql:
    return UNION.fill(value=value, text=json_of(value, kind, level))


_NESTED = {"LIST": _list, "ARRAY": _list, "STRUCT": _struct, "MAP": _map, "UNION": _union}
