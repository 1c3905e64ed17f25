"""A table with a column of every kind of type and values that exporters get wrong."""

from collections.abc import Sequence
from itertools import zip_longest

from analytics_pipelines.foundation.sql import Sql, joined, literal, name

TYPES = """
CREATE SCHEMA zoo;
CREATE TYPE zoo.mood AS ENUM ('fine', 'so so', 'with "quotes", {braces} and ''apostrophes''');
CREATE TYPE zoo.pair AS (number integer, word text);
CREATE TYPE zoo.nested AS (pair zoo.pair, moods zoo.mood[]);
CREATE TYPE zoo.floats AS RANGE (subtype = float8);
CREATE DOMAIN zoo.price AS numeric(12, 2) CHECK (value >= 0);
CREATE DOMAIN zoo.dear_price AS zoo.price;
CREATE DOMAIN zoo.words AS text[];
CREATE EXTENSION vector;
"""
HOSTILE_TEXTS = (
    "",
    " ",
    "NULL",
    "\\N",
    "a\tb\nc\rd\\e\x0b\x1f\x7f",
    "comma, \"quote\" 'apostrophe' {brace} $q$ %s {0}",
    "żółw 漢字 🦊 e\u0301 \u200f\ufeff\U0010ffff",
    "x" * 100_000,
)
WHOLE, FRACTION = "9" * 38, "0." + "9" * 38
COLUMNS: dict[str, tuple[str, Sequence[str]]] = {
    "small": ("smallint", ("-32768", "32767", "0")),
    "medium": ("integer", ("-2147483648", "2147483647", "0")),
    "large": ("bigint", ("-9223372036854775808", "9223372036854775807", "0")),
    "flag": ("boolean", ("t", "f")),
    "real": ("real", ("NaN", "-Infinity", "Infinity", "-0", "1e-45", "3.4028235e38", "0.1", "16777217")),
    "double": (
        "double precision",
        ("NaN", "-Infinity", "Infinity", "-0", "5e-324", "1.7976931348623157e308", "0.1", "9007199254740993"),
    ),
    "price": ("numeric(12,2)", ("9999999999.99", "-9999999999.99", "0", "0.005")),
    "longest": ("numeric(38,0)", (WHOLE, "-" + WHOLE, "0")),
    "fraction": ("numeric(38,38)", (FRACTION, "-" + FRACTION, "1e-38", "0")),
    "all_fraction": ("numeric(4,4)", ("0.9999", "-0.0001", "0")),
    "in_thousands": ("numeric(5,-3)", ("12345678", "-99999000", "499")),
    "tiny": ("numeric(3,5)", ("0.00999", "-0.00999", "0.00001")),
    "too_long": ("numeric(40,2)", (WHOLE + ".99", "NaN", "-0.01")),
    "any_number": ("numeric", ("NaN", "Infinity", "-Infinity", "1.10", "1.1000", "1e500", "-1e-500", WHOLE + WHOLE)),
    "held_number": ("numeric", ("1.5", "-99999999999999999999.999999999", "0.000000001")),
    "id_as_number": ("numeric", ("9223372036854775807", "-9223372036854775808", "7.000")),
    "cash": ("money", ("-92233720368547758.08", "92233720368547758.07", "0.01")),
    "line": ("text", HOSTILE_TEXTS),
    "short_line": ("varchar(50)", HOSTILE_TEXTS[:7]),
    "fixed": ("character(5)", ("", "ab", "  ab", "żółw")),
    "letter": ('"char"', ("a", "", "\\377")),
    "system_name": ("name", ("", "a b", "ż" * 31)),
    "binary": ("bytea", ("", "\\x00", "\\xff00fe5c", "\\x" + "00ff" * 5000)),
    "day": ("date", ("0001-01-01", "9999-12-31", "1582-10-10", "1970-01-01", "2000-02-29")),
    "any_day": ("date", ("infinity", "-infinity", "4713-01-01 BC", "5874897-12-31")),
    "clock": ("time", ("00:00", "23:59:59.999999", "12:00:00.5")),
    "any_clock": ("time", ("24:00", "00:00")),
    "short_clock": ("time(0)", ("23:59:58.4", "00:00")),
    "clock_there": ("timetz", ("24:00+15:59:59", "00:00-15:59", "12:00:00.000001+02")),
    "local": (
        "timestamp",
        ("0001-01-01", "9999-12-31 23:59:59.999999", "1582-10-10 01:02:03.5", "1969-12-31 23:59:59.9"),
    ),
    "moment": (
        "timestamptz",
        ("0001-01-01 00:00+00", "9999-12-31 23:59:59.999999+00", "1883-11-18 12:03:58-04:56:02", "2026-03-29 02:30+01"),
    ),
    "any_moment": (
        "timestamptz",
        ("infinity", "-infinity", "4714-11-24 00:00+00 BC", "294276-12-31 23:59:59.999999+00"),
    ),
    "milliseconds": ("timestamptz(3)", ("2026-11-21 12:00:00.1234+00",)),
    "span": (
        "interval",
        ("178000000 years", "-1 mon 1 day -00:00:00.000001", "0", "1 year 2 mons -3 days 04:05:06.7", "PT36H", "1 mon"),
    ),
    "years_only": ("interval year", ("3 years", "-1 year")),
    "bits": ("bit(5)", ("00000", "10101")),
    "any_bits": ("varbit", ("", "1", "0" * 1000)),
    "address": ("inet", ("10.0.0.1", "10.0.0.1/8", "::ffff:1.2.3.4", "2001:db8::/32", "0.0.0.0/0")),
    "network": ("cidr", ("10.0.0.0/8", "2001:db8::/32", "10.0.0.1/32")),
    "card": ("macaddr", ("08:00:2b:01:02:03", "00:00:00:00:00:00")),
    "long_card": ("macaddr8", ("08:00:2b:01:02:03:04:05",)),
    "id": ("uuid", ("00000000-0000-0000-0000-000000000000", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")),
    "raw_json": ("json", ('{"a": 1.0, "a":2,\n "b" : [ ]}', "null", '"\\u0000 \\ud83e\\udd8a"', "1E+2", "[]")),
    "document": (
        "jsonb",
        ('{"b": 1.10, "a": {"c": [1, null, "x\\ty"]}, "": 1e100}', "null", "[]", '"🦊"', "-0.0", '{"a": 1, "a": 2}'),
    ),
    "json_path": ("jsonpath", ('$.a[*] ? (@ > 1 && @.b == "x")',)),
    "integers": ("integer[]", ("{}", "{1,NULL,-3}", "{{1,2},{3,4}}", "[0:1]={1,2}")),
    "grid": ("integer[][]", ("{{1,2},{3,4}}", "{{{1}}}", "{5}")),
    "texts": ("text[]", ("{}", '{NULL,"NULL","","a,b","q\\"q","back\\\\slash"}', '{" x "}')),
    "doubles": ("double precision[]", ("{NaN,-Infinity,0.1,-0,1e-300}",)),
    "moments": ("timestamptz[]", ('{infinity,"2026-03-29 02:30+01"}',)),
    "binaries": ("bytea[]", ('{"\\\\x00ff",""}',)),
    "documents": ("jsonb[]", ('{"{\\"a\\": 1}",null}',)),
    "feeling": ("zoo.mood", ("fine", "so so", "with \"quotes\", {braces} and 'apostrophes'")),
    "feelings": ("zoo.mood[]", ('{fine,"so so"}', "{}", "{NULL}")),
    "couple": ("zoo.pair", ("(,)", '(1,"a ""b"" (c), d")', "(2,)")),
    "couples": ("zoo.pair[]", ('{"(1,x)",NULL,"(,)"}',)),
    "deep": ("zoo.nested", ('("(1,x)","{fine}")', "(,)")),
    "domain_price": ("zoo.price", ("0", "9999999999.99")),
    "domain_of_domain": ("zoo.dear_price", ("1.5",)),
    "domain_prices": ("zoo.price[]", ("{1.5,NULL}",)),
    "domain_words": ("zoo.words", ("{a,NULL}", "{}")),
    "some_integers": ("int4range", ("empty", "[1,5]", "(,)", "(,5]")),
    "some_bigs": ("int8range", ("[-9223372036854775808,9223372036854775807)",)),
    "some_numbers": ("numrange", ("[1.10,1.1000]", "(,NaN)")),
    "some_days": ("daterange", ("[2026-01-01,infinity)", "empty")),
    "some_times": ("tsrange", ('["2026-01-01 00:00:00.1","infinity"]',)),
    "some_moments": ("tstzrange", ('["2026-03-29 02:30+01",)',)),
    "some_floats": ("zoo.floats", ("[0.1,Infinity]",)),
    "many_integers": ("int4multirange", ("{}", "{[1,3),[7,9)}", "{(,)}")),
    "many_moments": ("tstzmultirange", ('{["2026-01-01 00:00+00","2026-01-02 00:00+00")}',)),
    "spot": ("point", ("(1,2)", "(NaN,-Infinity)", "(0.1,-0)")),
    "straight": ("line", ("{1,2,3}",)),
    "segment": ("lseg", ("[(1,2),(3,4)]",)),
    "corner": ("box", ("(3,4),(1,2)",)),
    "boxes": ("box[]", ("{(3,4),(1,2);(5,6),(3,4)}",)),
    "way": ("path", ("((1,2),(3,4))", "[(1,2),(3,4)]")),
    "area": ("polygon", ("((0,0),(1,0),(1,1))",)),
    "round": ("circle", ("<(1,2),3>",)),
    "words": ("tsvector", ("", "'fat':2A 'it''s':1 'żółw':16383D")),
    "question": ("tsquery", ("", "'fat' & !'rat':*AB <-> 'it''s'")),
    "number_of_object": ("oid", ("0", "4294967295")),
    "class": ("regclass", ("pg_class", "zoo.zoo", "4000000000")),
    "kind": ("regtype", ("integer", "zoo.mood[]")),
    "role": ("regrole", ("pg_monitor",)),
    "function": ("regprocedure", ("pg_catalog.sum(integer)",)),
    "search": ("regconfig", ("english",)),
    "transaction": ("xid", ("4294967295", "0")),
    "command": ("cid", ("4294967295",)),
    "long_transaction": ("xid8", ("18446744073709551615",)),
    "place": ("tid", ("(4294967295,65535)",)),
    "log_place": ("pg_lsn", ("16/B374D848", "FFFFFFFF/FFFFFFFF")),
    "seen": ("pg_snapshot", ("10:20:10,14",)),
    "cursor": ("refcursor", ("a cursor",)),
    "numbers": ("int2vector", ("1 2 3", "")),
    "rights": ("aclitem", ("pg_monitor=r/pg_monitor",)),
    "embedding": ("vector(3)", ("[1,-0.5,1e-30]",)),
    "embeddings": ("vector[]", ('{"[1,2]",NULL}',)),
    'A "strange" {name} %s; żółw': ("integer", ("1",)),
    "date": ("date", ("2000-01-01",)),
    "select": ("text", ("a reserved word",)),
}
"""Column to its type and the values of its first rows; further rows have null."""
WITH_CONTRIB = 15
CONTRIB: dict[str, tuple[str, Sequence[str]]] = {
    "citext": ("citext", ("Straße", "STRASSE", "")),
    "hstore": ("hstore", ('"a"=>"1", "b"=>NULL, "c \\"d\\""=>""', "")),
    "ltree": ("ltree[]", ("{top.science,top}",)),
    "cube": ("cube", ("(1, 2),(3, 4)",)),
    "seg": ("seg", ("6.25 .. 6.50",)),
    "isn": ("isbn13", ("978-0-393-04002-9",)),
}
"""Extensions to a type of theirs."""
OVERRIDES = {
    "held_number": "decimal(30, 9)",
    "id_as_number": "bigint",
    "any_day": "text",
    "any_clock": "text",
    "any_moment": "text",
    "medium": "bigint",
}


def statements(columns: dict[str, tuple[str, Sequence[str]]], table: str = "zoo.zoo") -> list[str]:
    """What makes and fills the table; a last row is null throughout."""
    pairs = [Sql("{name} {type}").fill(name=name(each), type=Sql(type_)) for each, (type_, _) in columns.items()]
    values = zip_longest(*(written for _, written in columns.values()))
    rows = [*values, (None,) * len(columns)]
    made = Sql("CREATE TABLE {table} (row_number integer PRIMARY KEY, {columns})")
    filled = Sql("INSERT INTO {table} VALUES ({values})")
    return [
        made.fill(table=Sql(table), columns=joined(pairs)).text,
        *(
            filled.fill(table=Sql(table), values=joined([Sql(str(number)), *(_value(each) for each in row)])).text
            for number, row in enumerate(rows)
        ),
    ]


def _value(written: str | None) -> Sql:
    return literal(written) if written is not None else Sql("NULL")


def of_version(version: int) -> tuple[str, dict[str, tuple[str, Sequence[str]]]]:
    """The zoo where Debian's 15 has extensions that the wheel lacks, and lacks one that the wheel has."""
    if version != WITH_CONTRIB:
        return TYPES, COLUMNS
    made = [Sql("CREATE EXTENSION {name};").fill(name=name(extension)).text for extension in CONTRIB]
    types = TYPES.replace("CREATE EXTENSION vector;", "\n".join(made))
    kept = {column: given for column, given in COLUMNS.items() if not given[0].startswith("vector")}
    return types, kept | {extension: (type_, values) for extension, (type_, values) in CONTRIB.items()}
