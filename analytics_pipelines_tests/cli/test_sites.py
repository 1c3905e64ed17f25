"""Sites from the shell, on a real PostgreSQL."""

import re

import pytest

from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines_tests.cli.conftest import Analytics, Outcome


@pytest.fixture
def site(analytics: Analytics, database_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Analytics:
    """`analytics site …` on a migrated database."""
    monkeypatch.setenv("DATABASE_URL", database_urls.app)

    def run(*arguments: str) -> Outcome:
        return analytics("site", *arguments)

    return run


def key_in(outcome: Outcome) -> str:
    found = re.search(r"write key +(\S+)", outcome.out)
    assert found, outcome
    return found[1]


def test_a_site_is_made_listed_and_shown(site: Analytics) -> None:
    made = site(
        *("create", "shop", "--name", "My [shop]", "--timezone", "Europe/Berlin", "--gap-limit-s", "600"),
        *("--origin", "https://a.example", "--origin", "https://b.example", "--retention-days", "30"),
        *("--address-mode", "none", "--honours-opt-out", "--conversion-event", "signup"),
    )
    assert made.status == 0, made.err
    shown = site("show", "shop").out
    for told in ("My [shop]", "600 s", "https://a.example, https://b.example", "30 days", "none", "honoured", "signup"):
        assert told in shown
    assert key_in(made) in shown
    listed = site("list").out
    assert re.search(r"shop +My \[shop\] +Europe/Berlin +600 s +30 days +1 ", listed)
    assert key_in(made) not in listed


def test_a_change_shows_in_the_versions(site: Analytics) -> None:
    site("create", "shop", "--retention-days", "30", "--conversion-event", "signup")
    assert site("change", "shop", "--gap-limit-s", "60", "--conversion-event", "").status == 0
    changed = site("change", "shop", "--retention-days", "0", "--origin", "")
    assert re.search(r"origins +none", changed.out)
    assert "as the clean-up asks" in changed.out
    shown = site("show", "shop").out
    assert "retention_days: None" in shown
    assert "gap_limit_s: 60, conversion_events: []" in shown
    assert re.search(r"3 .* command line", shown)
    assert re.search(r"1 .* command line +made", shown)


def test_a_new_write_key_takes_the_place_of_the_old_one(site: Analytics) -> None:
    before = key_in(site("create", "shop"))
    after = site("change", "shop", "--new-write-key")
    assert key_in(after) != before
    assert key_in(site("show", "shop")) == key_in(after)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(("create", ".."), "printable text", id="an id that is a path"),
        pytest.param(("create", "shop"), "There is a site of that id", id="twice"),
        pytest.param(("change", "other", "--name", "x"), "There is no site 'other'", id="a site that is none"),
        pytest.param(("show", "other"), "There is no site 'other'", id="nothing to show"),
        pytest.param(("change", "shop", "--timezone", "Mars"), "The time zone is not known", id="a zone that is none"),
        pytest.param(("change", "shop", "--origin", "shop.example"), "scheme://host", id="an origin without scheme"),
    ],
)
def test_what_can_not_be_done_is_one_line(site: Analytics, arguments: tuple[str, ...], told: str) -> None:
    site("create", "shop")
    outcome = site(*arguments)
    assert outcome.status == 1
    assert told in outcome.err
    assert outcome.err.count("\n") == 1
