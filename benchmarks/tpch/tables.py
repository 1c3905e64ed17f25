"""The eight tables of TPC-H as the lake declares tables; DECIMALs are exact, keys are BIGINT."""

from collections.abc import Sequence
from datetime import date

from analytics_pipelines.foundation.tables import Column, ColumnType, Decimal, Table, Type

ROOM = "tpch"
DAY = date(2026, 11, 1)
"""The one partition of each table: TPC-H has no days."""
TYPES: dict[str, ColumnType] = {
    "id": Type.INT,
    "int": Type.INT32,
    "money": Decimal(15, 2),
    "text": Type.TEXT,
    "date": Type.DATE,
}


def _table(name: str, key: Sequence[str], columns: str) -> Table:
    """A table whose columns are told as `name type`, with commas between them."""
    told = [each.split() for each in columns.split(",")]
    return Table(
        name=name,
        room=ROOM,
        grain="one row of " + name,
        partition="all rows in one",
        key=tuple(key),
        columns=tuple(Column(name=each, type=TYPES[kind], meaning="As TPC-H has it.") for each, kind in told),
        is_native=True,
    )


LINEITEM = _table(
    "lineitem",
    ["l_orderkey", "l_linenumber"],
    "l_orderkey id, l_partkey id, l_suppkey id, l_linenumber int, l_quantity money, l_extendedprice money, "
    "l_discount money, l_tax money, l_returnflag text, l_linestatus text, l_shipdate date, l_commitdate date, "
    "l_receiptdate date, l_shipinstruct text, l_shipmode text, l_comment text",
)
TABLES: tuple[Table, ...] = (
    _table("region", ["r_regionkey"], "r_regionkey id, r_name text, r_comment text"),
    _table("nation", ["n_nationkey"], "n_nationkey id, n_name text, n_regionkey id, n_comment text"),
    _table(
        "supplier",
        ["s_suppkey"],
        "s_suppkey id, s_name text, s_address text, s_nationkey id, s_phone text, s_acctbal money, s_comment text",
    ),
    _table(
        "customer",
        ["c_custkey"],
        "c_custkey id, c_name text, c_address text, c_nationkey id, c_phone text, c_acctbal money, "
        "c_mktsegment text, c_comment text",
    ),
    _table(
        "part",
        ["p_partkey"],
        "p_partkey id, p_name text, p_mfgr text, p_brand text, p_type text, p_size int, p_container text, "
        "p_retailprice money, p_comment text",
    ),
    _table(
        "partsupp",
        ["ps_partkey", "ps_suppkey"],
        "ps_partkey id, ps_suppkey id, ps_availqty int, ps_supplycost money, ps_comment text",
    ),
    _table(
        "orders",
        ["o_orderkey"],
        "o_orderkey id, o_custkey id, o_orderstatus text, o_totalprice money, o_orderdate date, o_orderpriority text, "
        "o_clerk text, o_shippriority int, o_comment text",
    ),
    LINEITEM,
)
