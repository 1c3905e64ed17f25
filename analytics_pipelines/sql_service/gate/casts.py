"""Types that SQL may name: those that come with the engine, and nestings of them."""

import re
from typing import Any

from analytics_pipelines.sql_service.errors import QueryRefused
from analytics_pipelines.sql_service.gate.names import CATALOG_HINT, clipped, near, small, words

MOST_TYPE_DEPTH = 60
TYPES = words(
    """
    ARRAY BIGINT BIGNUM BIT BLOB BOOLEAN CHAR DATE DECIMAL DOUBLE ENUM FLOAT HUGEINT INTEGER INTEGER_LITERAL INTERVAL
    LIST MAP NULL SMALLINT STRING_LITERAL STRUCT TIME TIMESTAMP TIMESTAMP_MS TIMESTAMP_NS TIMESTAMP_S TIME_NS TINYINT
    UBIGINT UHUGEINT UINTEGER UNION USMALLINT UTINYINT UUID VARCHAR VARIANT
    """
) | {"TIMESTAMP WITH TIME ZONE", "TIME WITH TIME ZONE"}
NAMES = words(
    """
    array bigint bignum binary bit bitstring blob bool boolean bpchar bytea char date datetime dec decimal double enum
    float float4 float8 guid hugeint int int1 int128 int16 int2 int32 int4 int64 int8 integer integral interval json
    list logical long map numeric nvarchar oid real row short signed smallint string struct text time time_ns timestamp
    timestamp_ms timestamp_ns timestamp_s timestamp_us timestamptz timetz tinyint ubigint uhugeint uint128 uint16
    uint32 uint64 uint8 uinteger union usmallint utinyint uuid varbinary varchar variant varint
    """
)
COLLATION = re.compile(r"[A-Za-z_.]{1,40}")


def check_collation(name: str) -> None:
    """Raises `QueryRefused` of what can not be a collation's name."""
    if not COLLATION.fullmatch(name):
        raise QueryRefused(f'There is no collation "{clipped(name)}".')


def check_type(told: Any, depth: int = 0) -> None:
    """Raises `QueryRefused` unless the type, and each one in it, is one of the engine's own."""
    if depth > MOST_TYPE_DEPTH:
        raise QueryRefused("A type nests too deep.", limit=f"{MOST_TYPE_DEPTH} levels")
    info = told.get("type_info") or {} if isinstance(told, dict) else None
    if not isinstance(info, dict) or info.get("extension_info"):
        raise QueryRefused("A type is not known.", remedy=CATALOG_HINT)
    if told.get("id") == "UNBOUND":
        _check_named(info)
    elif told.get("id") not in TYPES or info.get("alias"):
        raise QueryRefused(f'The type "{clipped(str(info.get("alias") or told.get("id")))}" may not be used here.')
    check_collation(info.get("collation") or "binary")
    for child in _children(info):
        check_type(child, depth + 1)


def _check_named(info: dict[str, Any]) -> None:
    name = str(info.get("name", ""))
    if info.get("catalog") or info.get("schema") or small(name) not in NAMES:
        raise QueryRefused(f'There is no type "{clipped(name)}".', remedy=near(name, NAMES) or None)


def _children(info: dict[str, Any]) -> list[Any]:
    one = [info["child_type"]] if info.get("child_type") else []
    return one + [each["second"] for each in info.get("child_types") or ()]
