"""Random values of random types, as expressions of DuckDB."""

from hypothesis import strategies as st

from analytics_pipelines_tests.sql_service.encode.answers import cast

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6).map(str.casefold)
INT32 = st.integers(-(2**31), 2**31 - 1)
INT64 = st.integers(-(2**63) + 1, 2**63 - 1)


def texts_as(kind, values):
    return st.tuples(st.just(kind), values.map(lambda text: cast(str(text), kind)))


def plain(digits, scale):
    """The digits with the point where it belongs; DuckDB does not read every 1e-1."""
    sign, text = "-" * (digits < 0), str(abs(digits)).rjust(scale + 1, "0")
    return sign + text[: len(text) - scale] + "." + text[len(text) - scale :] if scale else sign + text


def decimals():
    return st.integers(1, 38).flatmap(
        lambda precision: st.integers(0, precision).flatmap(
            lambda scale: texts_as(
                f"DECIMAL({precision},{scale})",
                st.integers(-(10**precision) + 1, 10**precision - 1).map(lambda digits: plain(digits, scale)),
            )
        )
    )


def intervals():
    parts = st.tuples(INT32, INT32, INT64)
    made = parts.map(lambda each: "to_months({}) + to_days({}) + to_microseconds({})".format(*each))
    return st.tuples(st.just("INTERVAL"), made)


LEAVES = st.one_of(
    texts_as("BOOLEAN", st.booleans()),
    texts_as("SMALLINT", st.integers(-(2**15), 2**15 - 1)),
    texts_as("BIGINT", INT64),
    texts_as("UBIGINT", st.integers(0, 2**64 - 1)),
    texts_as("HUGEINT", st.integers(-(2**127), 2**127 - 1)),
    texts_as("UHUGEINT", st.integers(0, 2**128 - 1)),
    texts_as("FLOAT", st.floats(width=32)),
    texts_as("DOUBLE", st.floats()),
    decimals(),
    texts_as("VARCHAR", st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)),
    st.tuples(st.just("BLOB"), st.binary(max_size=9).map(lambda content: "unhex('" + content.hex() + "')")),
    texts_as("DATE", st.dates()),
    texts_as("TIME", st.times()),
    texts_as("TIMESTAMP", st.datetimes()),
    texts_as("TIMESTAMP WITH TIME ZONE", st.datetimes().map(lambda at: str(at) + "+00")),
    texts_as("UUID", st.uuids()),
    texts_as("BIT", st.text("01", min_size=1, max_size=20)),
    intervals(),
)


def nulls(kind):
    return st.just("CAST(NULL AS " + kind + ")")


@st.composite
def lists(draw, inner):
    kind, value = draw(inner)
    values = draw(st.lists(st.sampled_from([value, "NULL"]), max_size=3))
    return kind + "[]", "CAST([" + ", ".join(values) + "] AS " + kind + "[])"


@st.composite
def structures(draw, inner):
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=str.lower))
    fields = [('"' + name.replace('"', '""') + '"', draw(inner)) for name in names]
    kind = "STRUCT(" + ", ".join(name + " " + kind for name, (kind, _) in fields) + ")"
    value = "struct_pack(" + ", ".join(name + " := " + value for name, (_, value) in fields) + ")"
    return kind, draw(st.one_of(st.just(value), nulls(kind)))


@st.composite
def maps(draw, inner):
    kind, value = draw(inner)
    key = draw(st.sampled_from(["VARCHAR", "DATE", "BLOB"]))
    chosen = {"VARCHAR": cast('k"', "VARCHAR"), "DATE": "DATE '2024-01-31'", "BLOB": "'\\xAA'::BLOB"}[key]
    return f"MAP({key}, {kind})", "map([" + chosen + "], [" + value + "])"


@st.composite
def unions(draw, inner):
    kind, value = draw(inner)
    whole = f"UNION(one {kind}, two DATE)"
    return whole, "CAST(union_value(one := " + value + ") AS " + whole + ")"


VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(lists(inner), structures(inner), maps(inner), unions(inner)), max_leaves=5
)
"""A type and an expression of it."""
