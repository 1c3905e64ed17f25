"""What the text of types without an exact counterpart in Parquet looks like; data for `types` and for its page."""

from collections.abc import Mapping

WRITTEN_TYPES: Mapping[str, str] = {
    "char": "one byte; above 127 as `\\ooo`",
    "timetz": "with its offset, e.g. `12:00:00+02`",
    "interval": "e.g. `1 year 2 mons 3 days 04:05:06.7`: months, days and time stay apart",
    "money": "in the currency of the database's `lc_monetary`",
    "bit": "digits 0 and 1",
    "varbit": "digits 0 and 1",
    "inet": "e.g. `10.0.0.1`, `10.0.0.0/8`",
    "cidr": "e.g. `10.0.0.0/8`",
    "macaddr": "e.g. `08:00:2b:01:02:03`",
    "macaddr8": "e.g. `08:00:2b:01:02:03:04:05`",
    "xml": "without the encoding of its declaration, since the text is UTF-8",
    "point": "e.g. `(1,2)`",
    "line": "e.g. `{1,2,3}`",
    "lseg": "e.g. `[(1,2),(3,4)]`",
    "box": "upper right corner first",
    "path": "closed `((1,2),(3,4))`, open `[(1,2),(3,4)]`",
    "polygon": "e.g. `((1,2),(3,4))`",
    "circle": "e.g. `<(1,2),3>`",
    "tsvector": "e.g. `'fat':2A 'rat':3`",
    "tsquery": "e.g. `'fat' & 'rat'`",
    "jsonpath": "as PostgreSQL normalises it",
    "pg_lsn": "e.g. `16/B374D848`",
    "xid8": "64 bits without a sign, which BIGINT can not hold",
    "tid": "e.g. `(0,1)`",
    "pg_snapshot": "e.g. `10:20:10,14`",
    "txid_snapshot": "e.g. `10:20:10,14`",
    "refcursor": "the cursor's name",
    "int2vector": "e.g. `1 2 3`",
    "oidvector": "e.g. `1 2 3`",
    "aclitem": "e.g. `reader=r/owner`",
    **dict.fromkeys(
        ("regclass", "regtype", "regproc", "regprocedure", "regoper", "regoperator", "regrole", "regnamespace"),
        "the name as of the export",
    ),
    **dict.fromkeys(("regconfig", "regdictionary", "regcollation", "regdatabase"), "the name as of the export"),
    **dict.fromkeys(
        ("gtsvector", "pg_node_tree", "pg_ndistinct", "pg_dependencies", "pg_mcv_list", "pg_brin_bloom_summary"),
        "internal to PostgreSQL",
    ),
    "pg_brin_minmax_multi_summary": "internal to PostgreSQL",
}
"""Types of PostgreSQL without an exact counterpart, and what their text looks like."""
EXTENSIONS: Mapping[str, str] = {
    "citext": "as stored; the source compares it without regard to case",
    "hstore": 'e.g. `"a"=>"1", "b"=>NULL`',
    "ltree": "e.g. `top.science`",
    "cube": "e.g. `(1, 2),(3, 4)`",
    "seg": "e.g. `6.25 .. 6.50`",
    "isn": "with hyphens, e.g. `978-0-393-04002-9`",
    "postgis": "hexadecimal EWKB, which every GIS library reads",
    "vector": "e.g. `[1,2,3]`",
}
"""Extensions whose types are known, and what their text looks like."""
BY_KIND: Mapping[str, str] = {
    "d": "of a domain",
    "e": "the value's label",
    "c": 'e.g. `(1,"two words",)`',
    "r": "e.g. `[1,10)`",
    "m": "e.g. `{[1,3),[7,9)}`",
}
"""Whoever made them; domains as elements of arrays only, for otherwise the type below counts."""
