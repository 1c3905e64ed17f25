"""What numbers, moments and nested values look like in JSON and CSV."""

import pytest

from analytics_pipelines.sql_service.messages import Format
from analytics_pipelines_tests.sql_service.encode.answers import Answers, Number


@pytest.fixture(scope="module")
def answers():
    return Answers()


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("9007199254740991", Number("9007199254740991")),
        ("9007199254740992", "9007199254740992"),
        ("9007199254740992::HUGEINT", "9007199254740992"),
        ("12::HUGEINT", Number("12")),
        ("12.30", Number("12.30")),
        ("0.5::DECIMAL(1,1)", Number("0.5")),
        ("-0.5::DECIMAL(38,38)", Number("-0.5" + "0" * 37)),
        ("123456789012345.00::DECIMAL(38,2)", Number("123456789012345.00")),
        ("1234567890123456.00::DECIMAL(38,2)", "1234567890123456.00"),
        ("'NaN'::DOUBLE", "NaN"),
        ("'-inf'::FLOAT", "-Infinity"),
        ("0.1::FLOAT", Number("0.1")),
        ("true", True),
        ("TIMESTAMP '2024-01-31 01:02:03.5'", "2024-01-31T01:02:03.5"),
        ("TIMESTAMPTZ '2024-01-31 01:02:03+05:30'", "2024-01-30T19:32:03Z"),
        ("TIMESTAMP '0044-03-15 (BC) 01:02:03'", "0044-03-15 (BC) 01:02:03"),
        ("DATE 'infinity'", "infinity"),
        ("INTERVAL '14 months 3 days 04:05:06.789'", "P1Y2M3DT4H5M6.789S"),
        ("INTERVAL '-1 microsecond'", "PT-0.000001S"),
        ("INTERVAL '0 days'", "PT0S"),
        ("INTERVAL '10 seconds'", "PT10S"),
        ("'\\xAA'::BLOB", "qg=="),
        ("'{\"a\": 1}'::JSON", '{"a": 1}'),
        ("map {'a': 1}", {"a": Number("1")}),
        ("map {1: 'a'}", [[Number("1"), "a"]]),
        ("row(1, 'x', [NULL])", [Number("1"), "x", [None]]),
        ("union_value(n := 1)", {"n": Number("1")}),
        ("{'a': {'b': []}, 'c': NULL}", {"a": {"b": []}, "c": None}),
        ("chr(0) || 'x'", "\0x"),
    ],
)
def test_json_is_written_as_documented(answers, expression, told):
    ((alone, (within,)),) = answers.json("SELECT " + expression + ", [" + expression + "]")
    assert alone == told == within
    assert type(alone) is type(told) is type(within)


@pytest.mark.parametrize(
    ("expression", "line"),
    [
        ("NULL, '', NULL::VARCHAR, NULL::INTEGER[]", ',"",,'),
        ("9007199254740993, 1.50, -5, 'NaN'::DOUBLE, '-inf'::DOUBLE", "9007199254740993,1.50,-5,NaN,-Infinity"),
        ("'a,b', 'c\"d', e'e\\nf', '-5'", '"a,b","c""d","e\nf","\'-5"'),
        (
            "'=1+1', '+1', '@x', ' =x', e'\\tx', '\u2212 1', 'a=b'",
            '"\'=1+1","\'+1","\'@x","\' =x","\'\tx","\'\u2212 1","a=b"',
        ),
        ("'=x'::ENUM('=x'), '-1'::JSON, ['=x'], map {'=x': 1}", '"\'=x","\'-1","[""=x""]","{""=x"":1}"'),
        ("TIMESTAMPTZ '2024-01-31 01:02:03+01', DATE '2024-01-31'", "2024-01-31 00:02:03+00,2024-01-31"),
        ("'+ab'::BLOB, '01'::BIT, true, INTERVAL 1 MONTH", "\\x2b6162,01,true,P1M"),
    ],
)
def test_csv_is_written_as_documented(answers, expression, line):
    content = answers.content("SELECT " + expression, Format.CSV).decode()
    assert content.split("\r\n", 1)[1] == line + "\r\n"
