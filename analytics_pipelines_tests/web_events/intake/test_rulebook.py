"""What a snapshot of the sites answers."""

from datetime import date

import orjson
import pytest

from analytics_pipelines.web_events.intake.rulebook import Rulebook, SiteRules
from analytics_pipelines.web_events.suppress import digest_of
from analytics_pipelines.web_events.visitors import Salts

OWN = SiteRules(
    site_id="own",
    allowed_origins=frozenset({"https://own.example", "https://b.example"}),
    write_key="key",
    visitor_key=b"secret",
    suppressed=frozenset({digest_of(b"secret", "own", "erased")}),
)
ANY = SiteRules(site_id="any", visitor_key=b"\xff")


def book(*sites: SiteRules, is_complete: bool = True) -> Rulebook:
    return Rulebook({site.site_id: site for site in sites}, Salts({date(2026, 3, 5): b"salt"}), is_complete)


def test_a_site_is_found_by_its_key_or_where_it_has_none_by_its_id() -> None:
    held = book(OWN, ANY)
    assert held.site_of_key("key") is OWN
    assert held.site_of_key("any") is ANY
    assert held.site_of_key("own") is held.site_of_key("other") is None


@pytest.mark.parametrize(
    ("held", "origin", "answer"),
    [
        pytest.param(book(OWN), "https://own.example", "https://own.example", id="listed"),
        pytest.param(book(OWN), "https://other.example", None, id="not listed"),
        pytest.param(book(OWN, ANY), "https://other.example", "*", id="a site takes all"),
        pytest.param(book(OWN, is_complete=False), "https://other.example", "*", id="nobody knows"),
        pytest.param(book(), "https://own.example", None, id="no site at all"),
    ],
)
def test_an_origin_is_allowed_where_a_site_allows_it(held: Rulebook, origin: str, answer: str | None) -> None:
    assert held.allowed_somewhere(origin) == answer


def test_erased_visitors_are_known_by_either_id() -> None:
    assert OWN.has_erased("erased", None)
    assert OWN.has_erased("v", "erased")
    assert not OWN.has_erased("v", None)
    assert not ANY.has_erased("erased")


def test_what_is_remembered_is_the_same_but_for_being_complete() -> None:
    held = book(OWN, ANY)
    again = Rulebook.of_json(orjson.loads(orjson.dumps(held.as_json())))
    assert (again.sites, again.salts, again.is_complete) == (held.sites, held.salts, False)


def test_sites_are_added_without_a_change_of_the_older_book() -> None:
    held = book(OWN)
    more = held.with_sites([ANY], is_complete=False)
    assert (set(more.sites), more.salts, more.is_complete) == ({"own", "any"}, held.salts, False)
    assert set(held.sites) == {"own"}
