"""The form in which addresses are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.foundation.email_addresses import MOST_CHARACTERS, BadEmail, normal


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("ada@example.com", "ada@example.com", id="as it is"),
        pytest.param("  Ada.Lovelace@Example.COM\n", "ada.lovelace@example.com", id="blanks and case"),
        pytest.param("zoë+1@例え.jp", "zoë+1@例え.jp", id="other scripts"),
        pytest.param("zoe\u0308@example.com", "zo\u00eb@example.com", id="letters composed"),
        pytest.param("root@localhost", "root@localhost", id="a host without a dot"),
    ],
)
def test_an_address_is_kept_in_one_form(given, kept):
    assert normal(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("", id="nothing"),
        pytest.param("ada", id="no at"),
        pytest.param("@example.com", id="no name"),
        pytest.param("ada@", id="no domain"),
        pytest.param("a@b@c", id="two of them"),
        pytest.param("ada lovelace@example.com", id="a blank within"),
        pytest.param("ada\x00@example.com", id="a NUL"),
        pytest.param("ada\u200b@example.com", id="a character that nobody sees"),
        pytest.param("ada\ud800@example.com", id="half a surrogate pair"),
        pytest.param("a" * (MOST_CHARACTERS - 11) + "@example.com", id="one character too long"),
    ],
)
def test_what_is_no_address_is_refused(given):
    with pytest.raises(BadEmail, match="no e-mail address"):
        normal(given)


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_form_is_its_own_form(name, domain):
    try:
        kept = normal(name + "@" + domain)
    except BadEmail:
        return
    assert normal(kept) == kept
