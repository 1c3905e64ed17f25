"""What makes an access token good, case by case."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from analytics_pipelines.accounts import access_tokens
from analytics_pipelines.accounts.access_tokens import looks_like_one, make, read

KEY = "the key of this test, which is long enough for every algorithm there is"
AT = datetime(2026, 11, 21, 9, 30, 0, 500_000, tzinfo=UTC)
LIFE = timedelta(minutes=5)
CLAIMS = {
    "sub": "u",
    "ver": 1,
    "jti": "j",
    "iat": int(AT.timestamp()),
    "exp": int(AT.timestamp()) + 300,
    "iss": access_tokens.ISSUER,
    "aud": access_tokens.AUDIENCE,
}


def signed(key: str = KEY, algorithm: str = "HS256", **changed: object) -> str:
    claims = {name: value for name, value in (CLAIMS | changed).items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm)


def test_a_token_says_for_whom_it_is_and_until_when():
    token = make(KEY, user_id="u", token_version=3, life=LIFE, at=AT)
    assert token.expires_in_s == 300
    found = read(KEY, token.text, AT)
    assert (found.user_id, found.token_version) == ("u", 3)
    assert found.expires_at == AT.replace(microsecond=0) + LIFE
    assert looks_like_one(token.text)


def test_no_two_tokens_have_the_same_id():
    tokens = [make(KEY, user_id="u", token_version=1, life=LIFE, at=AT).text for _ in range(20)]
    assert len({read(KEY, token, AT).jti for token in tokens}) == 20


@pytest.mark.parametrize(
    ("seconds", "is_good"),
    [
        pytest.param(-60, False, id="before its time"),
        pytest.param(-10, True, id="a clock that is behind"),
        pytest.param(0, True, id="at once"),
        pytest.param(309, True, id="a clock that is ahead"),
        pytest.param(311, False, id="after its end"),
    ],
)
def test_a_token_is_good_for_its_time_and_a_few_seconds(seconds, is_good):
    assert (read(KEY, signed(), AT + timedelta(seconds=seconds)) is not None) is is_good


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed("another key of 32 characters and more"), id="another key"),
        pytest.param(signed(algorithm="HS512"), id="another algorithm with the right key"),
        pytest.param(jwt.encode(CLAIMS, None, algorithm="none"), id="no signature"),
        pytest.param(signed(aud="somebody else"), id="for somebody else"),
        pytest.param(signed(aud=None), id="for nobody"),
        pytest.param(signed(iss="somebody else"), id="from somebody else"),
        pytest.param(signed(exp=None), id="without end"),
        pytest.param(signed(iat=None), id="without beginning"),
        pytest.param(signed(jti=None), id="without id"),
        pytest.param(signed(sub=None), id="of nobody"),
        pytest.param(signed(ver=None), id="without version"),
        pytest.param(signed(ver=True), id="a version that is no number"),
        pytest.param(signed(ver="1"), id="a version as text"),
        pytest.param(signed(exp=1e300), id="an end that is no second"),
        pytest.param(signed(exp="soon"), id="an end as text"),
        pytest.param(signed(iat=float(CLAIMS["iat"])), id="a beginning that is no whole second"),
        pytest.param(signed(sub=7), id="a user that is a number"),
        pytest.param(signed()[:-4] + "AAAA", id="a changed signature"),
        pytest.param("a.b.c", id="no token"),
        pytest.param("", id="nothing"),
    ],
)
def test_any_other_token_names_nobody(token):
    assert read(KEY, token, AT) is None


@effort(max_examples=50)
@given(st.one_of(st.text(max_size=60), st.tuples(*[st.text(max_size=20)] * 3).map(".".join)))
def test_no_text_breaks_the_reading(text):
    assert read(KEY, text, AT) is None


def test_service_tokens_and_books_do_not_look_like_one():
    assert not looks_like_one("apt_" + "x" * 43)
    assert not looks_like_one("a.b." + "c" * 3000)
