"""One or more values of every type that DuckDB has, extremes among them, as expressions."""

from analytics_pipelines_tests.sql_service.encode.answers import cast

HUGE = 2**127 - 1
FAR_DAYS = ["5877642-06-25 (BC)", "5881580-07-10"]
FAR_MOMENTS = ["290309-12-22 (BC) 00:00:00", "294247-01-10 04:00:54.775806", "12024-01-01 00:00:00"]
FAR_ZONED = ["290309-12-22 (BC) 00:00:00+00", "0044-03-15 (BC) 01:02:03+00"]
TEXTS = {
    "BOOLEAN": ["true", "false"],
    "TINYINT": ["-128", "127"],
    "SMALLINT": ["-32768", "32767"],
    "INTEGER": ["-2147483648", "2147483647"],
    "BIGINT": ["-9223372036854775808", "9223372036854775807", "9007199254740991", "-9007199254740992", "0"],
    "UTINYINT": ["0", "255"],
    "USMALLINT": ["65535"],
    "UINTEGER": ["4294967295"],
    "UBIGINT": ["0", "18446744073709551615", "9007199254740991", "9007199254740992"],
    "HUGEINT": [str(-HUGE - 1), str(HUGE), "12", "99999999999999999999999999999999999999"],
    "UHUGEINT": ["0", str(2**128 - 1), "9007199254740991"],
    "BIGNUM": ["0", "-1", "9" * 60],
    "FLOAT": ["0.1", "3.4028235e38", "1e-45", "-0.0", "NaN", "Infinity", "-Infinity", "16777216"],
    "DOUBLE": ["0.1", "1.7976931348623157e308", "5e-324", "-0.0", "NaN", "Infinity", "-Infinity", "1e22", "1e-7"],
    "DECIMAL(4,1)": ["-999.9", "0.0", "0.1"],
    "DECIMAL(9,9)": ["0.000000001", "-0.999999999"],
    "DECIMAL(18,3)": ["-999999999999999.999", "1.500", "999999999999.999", "9999999999999.999"],
    "DECIMAL(38,0)": ["9" * 38, "-" + "9" * 38, "1" + "0" * 37],
    "DECIMAL(38,38)": ["0." + "9" * 38, "-0." + "0" * 37 + "1"],
    "VARCHAR": ["", "a,b\r\n\"c\" 'd' \\ \t\x01\x7f", "=1+1", " @x", "\u2212 1", "é😀\u2028", "NULL", "'x"],
    "BLOB": ["\\x00\\xFF=", ""],
    "DATE": ["2024-02-29", "0001-01-01", "9999-12-31", "0044-03-15 (BC)", "infinity", "-infinity", *FAR_DAYS],
    "TIME": ["00:00:00", "23:59:59.999999"],
    "TIME_NS": ["01:02:03.123456789"],
    "TIME WITH TIME ZONE": ["00:00:00-15:59:59", "23:59:59.999999+15:59:59", "12:00:00+00"],
    "TIMESTAMP": ["2024-01-31 01:02:03.5", "0044-03-15 (BC) 01:02:03", "infinity", "-infinity", *FAR_MOMENTS],
    "TIMESTAMP_S": ["2024-01-31 01:02:03", "infinity"],
    "TIMESTAMP_MS": ["2024-01-31 01:02:03.004", "-infinity"],
    "TIMESTAMP_NS": ["2024-01-31 01:02:03.123456789", "1677-09-22 00:00:00", "infinity"],
    "TIMESTAMP WITH TIME ZONE": ["2024-01-31 01:02:03.5+05:30", *FAR_ZONED, "infinity"],
    "UUID": ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    "BIT": ["0", "0101100111"],
    "ENUM('a', '=b''c', 'd,\"e')": ["a", "=b'c", 'd,"e'],
    "JSON": ['{"a": [1, null, 1e400]}', " -5", "null"],
    "GEOMETRY": ["POINT (1 2)"],
}
INTERVALS = [
    "to_months(14) + to_days(3) + to_microseconds(14706789000)",
    "to_months(-14) + to_days(3) - to_microseconds(1)",
    "to_months(0)",
    "to_months(-2147483648) + to_days(-2147483648) + to_microseconds(-9223372036854775807)",
    "to_months(2147483647) + to_days(2147483647) + to_microseconds(9223372036854775807)",
]
NESTED = {
    "ENUM('a', 'b')[]": ["['a', NULL]"],
    "MAP(ENUM('a', 'b'), JSON[])": ["map {'a': ['[1]', NULL]}"],
    "MAP(HUGEINT, INTEGER)": ["map {9007199254740993: NULL}"],
    "TIMESTAMP_S[2][]": ["[array_value(TIMESTAMP '2024-01-31 01:02:03', NULL), NULL]"],
    "VARIANT": ["CAST(1 AS VARIANT)"],
    "INTEGER[]": ["[1, NULL]", "[]"],
    "HUGEINT[][]": ["[[1, 9007199254740993], NULL, []]"],
    "INTEGER[2]": ["array_value(1, NULL)"],
    "INTERVAL[2]": ["array_value(INTERVAL 1 DAY, NULL)"],
    'STRUCT(a INTEGER, "b ""c" STRUCT(d TIME WITH TIME ZONE[]))': [
        "{'a': 1, 'b \"c': {'d': [CAST('12:00:00+01' AS TIMETZ)]}}",
        "{'a': NULL, 'b \"c': NULL}",
    ],
    "MAP(VARCHAR, DOUBLE)": ["map {'=a\"': 1.5, '': NULL}", "map {}"],
    "MAP(DATE, BLOB)": ["map {DATE '2024-01-31': '\\xAA'::BLOB}"],
    "MAP(UUID, UNION(n HUGEINT, s VARCHAR))": [
        "map {'00000000-0000-0000-0000-000000000001'::UUID: 'x'}",
        "map {'00000000-0000-0000-0000-000000000001'::UUID: union_value(n := 1::HUGEINT)}",
    ],
    "UNION(n INTEGER, s VARCHAR)": ["1", "'x'", "union_value(n := NULL::INTEGER)"],
    "TIMESTAMP WITH TIME ZONE[]": ["['2024-01-31 01:02:03+05:30', '0044-03-15 (BC) 01:02:03+00', 'infinity']"],
    "TIMESTAMP[]": ["['2024-01-31 01:02:03', '0044-03-15 (BC) 01:02:03', '-infinity']"],
}


def samples() -> dict[str, list[str]]:
    """Each type's values, a null among them."""
    found = {kind: [cast(text, kind) for text in texts] for kind, texts in TEXTS.items()}
    found["INTERVAL"] = INTERVALS
    found |= {kind: ["CAST(" + each + " AS " + kind + ")" for each in values] for kind, values in NESTED.items()}
    return {kind: [*values, "CAST(NULL AS " + kind + ")"] for kind, values in found.items()}


def rows_of(values: list[str]) -> str:
    """The query that gives one value a row, in order."""
    return "FROM (VALUES " + ", ".join("(" + value + ")" for value in values) + ") AS sample(x)"
