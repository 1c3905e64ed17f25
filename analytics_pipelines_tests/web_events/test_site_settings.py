"""The rules of a site's settings as tables, a line a case."""

import duckdb
import pytest

from analytics_pipelines.web_events.site_settings import BadSetting, _zones, checked, is_site_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("shop", True, id="a word"),
        pytest.param("shop.example.com:8080", True, id="a host and its port"),
        pytest.param("Café 2", True, id="letters of any alphabet, and a blank"),
        pytest.param("x" * 100, True, id="the longest"),
        pytest.param("...", True, id="three dots are no folder"),
        pytest.param("", False, id="nothing"),
        pytest.param("x" * 101, False, id="one too long"),
        pytest.param(".", False, id="this folder"),
        pytest.param("..", False, id="the folder above"),
        pytest.param("../etc", False, id="a way out"),
        pytest.param("a\\b", False, id="a backslash"),
        pytest.param("a\nb", False, id="a line end"),
        pytest.param("a\x00b", False, id="NUL"),
        pytest.param("a\u202eb", False, id="text that turns round"),
        pytest.param("a\ud800b", False, id="half of a surrogate pair"),
    ],
)
def test_a_site_id_can_stand_in_a_url_and_in_a_path(text: str, expected: bool) -> None:
    assert is_site_id(text) is expected


@pytest.mark.parametrize(
    ("setting", "given", "stored"),
    [
        pytest.param("name", "My shop", "My shop", id="name"),
        pytest.param("timezone", "Asia/Kathmandu", "Asia/Kathmandu", id="zone"),
        pytest.param("gap_limit_s", 1, 1, id="shortest pause"),
        pytest.param("gap_limit_s", 86_399, 86_399, id="longest pause"),
        pytest.param("retention_days", 1, 1, id="one day"),
        pytest.param("retention_days", None, None, id="as the clean-up asks"),
        pytest.param("address_mode", "none", "none", id="no address"),
        pytest.param("honours_opt_out", True, True, id="opt-out"),
        pytest.param("allowed_origins", ["*"], ("*",), id="any origin"),
        pytest.param("allowed_origins", [], (), id="no origin"),
        pytest.param(
            "allowed_origins",
            ["HTTPS://Shop.Example:443", "http://[::1]:3000", "https://a.example:8443", "https://shop.example"],
            ("https://shop.example", "http://[::1]:3000", "https://a.example:8443"),
            id="origins as browsers write them, each once",
        ),
        pytest.param("allowed_origins", ["chrome-extension://abc"], ("chrome-extension://abc",), id="another scheme"),
        pytest.param("conversion_events", ["signup", "buy", "signup"], ("signup", "buy"), id="conversions, each once"),
    ],
)
def test_a_setting_is_stored_in_one_spelling(setting: str, given: object, stored: object) -> None:
    assert checked({setting: given}) == {setting: stored}


@pytest.mark.parametrize(
    ("setting", "given"),
    [
        pytest.param("name", "", id="no name"),
        pytest.param("name", " a", id="a blank before the name"),
        pytest.param("name", "a\x00", id="NUL in the name"),
        pytest.param("name", "x" * 201, id="a name too long"),
        pytest.param("timezone", "Mars/Olympus", id="another planet"),
        pytest.param("timezone", "+02:00", id="an offset"),
        pytest.param("timezone", "localtime", id="the machine's own zone"),
        pytest.param("timezone", "../../etc/passwd", id="a path as zone"),
        pytest.param("timezone", None, id="no zone"),
        pytest.param("gap_limit_s", 0, id="no pause"),
        pytest.param("gap_limit_s", 86_400, id="a pause of a day"),
        pytest.param("gap_limit_s", 1800.5, id="half seconds"),
        pytest.param("gap_limit_s", True, id="a truth as pause"),
        pytest.param("retention_days", 0, id="kept for no day"),
        pytest.param("retention_days", 10**9, id="kept longer than a calendar goes"),
        pytest.param("address_mode", "half", id="an unknown mode"),
        pytest.param("honours_opt_out", "yes", id="a word as truth"),
        pytest.param("allowed_origins", "*", id="a text instead of a list"),
        pytest.param("allowed_origins", ["https://a.example/"], id="an origin with a path"),
        pytest.param("allowed_origins", ["a.example"], id="an origin without a scheme"),
        pytest.param("allowed_origins", ["null"], id="the origin of a file"),
        pytest.param("allowed_origins", ["https://*.example"], id="a pattern"),
        pytest.param("allowed_origins", ["https://a.example\nb"], id="two lines"),
        pytest.param("allowed_origins", ["https://a.example:80b"], id="a port with a letter"),
        pytest.param("allowed_origins", ["*"] * 101, id="too many origins"),
        pytest.param("conversion_events", ["x" * 101], id="a type too long"),
        pytest.param("conversion_events", [""], id="an empty type"),
        pytest.param("conversion_events", [7], id="a number as type"),
        pytest.param("write_key", "mine", id="a key of one's own"),
    ],
)
def test_what_a_setting_can_not_be_is_told(setting: str, given: object) -> None:
    with pytest.raises(BadSetting):
        checked({setting: given})


def test_duckdb_knows_every_zone_that_a_site_can_have() -> None:
    with duckdb.connect() as connection:
        known = {name for (name,) in connection.execute("SELECT name FROM pg_timezone_names()").fetchall()}
    assert _zones() <= known
    assert len(_zones()) > 400
