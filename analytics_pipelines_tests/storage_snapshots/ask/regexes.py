"""Regular expressions for tests, of all that RE2 and the search for needed texts have rules for."""

import re

from hypothesis import strategies as st

ATOMS = st.sampled_from(
    [
        ".",
        "[0-9]",
        "[^a-c]",
        r"\d",
        r"\w",
        r"\.",
        r"\S",
        "[]x]",
        "[[:alpha:]]",
        r"[\]x]",
        "s",
        "K",
        "é",
        r"\b",
        "^",
        "$",
    ]
)
QUANTIFIERS = st.sampled_from(
    ["", "", "", "", "*", "+", "?", "{0}", "{1}", "{2}", "{0,3}", "{1,}", "*?", "+?", "{1,2}?"]
)
GROUPS = st.sampled_from(["({})", "(?:{})", "(?i:{})", "(?P<n>{})", "(?i){}", "(?s-i:{})", "({}|x)", "(?:{}|report)"])


def regexes(pieces):
    """Patterns that hold some of these texts; not all of them compile."""
    quantified = st.builds(lambda atom, times: atom + times, pieces.map(re.escape) | ATOMS, QUANTIFIERS)
    sequences = st.lists(quantified, min_size=1, max_size=4).map("".join)
    grouped = st.builds(lambda form, inner, times: form.replace("{}", inner) + times, GROUPS, sequences, QUANTIFIERS)
    whole = st.lists(sequences | grouped | pieces.map(re.escape), min_size=1, max_size=3)
    return (whole.map("".join) | whole.map("|".join)).filter(is_compiled)


def is_compiled(pattern):
    """Whether RE2 takes it; a search refuses the others."""
    import duckdb

    try:
        duckdb.execute("SELECT regexp_matches('', $1)", [pattern]).fetchall()
    except duckdb.Error:
        return False
    return True
