"""What the intake must know of sites and salts to judge an event: one snapshot, replaced as a whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Self

from analytics_pipelines.web_events.suppress import is_suppressed
from analytics_pipelines.web_events.visitors import Salts

ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """What one site asks of its events; `suppressed` are digests of erased visitors."""

    site_id: str
    allowed_origins: frozenset[str] = frozenset({ANY})
    address_mode: str = "truncated"
    honours_opt_out: bool = False
    write_key: str | None = None
    visitor_key: bytes = b""
    suppressed: frozenset[str] = frozenset()

    def allows(self, origin: str) -> bool:
        """Whether pages of that origin may send events."""
        return ANY in self.allowed_origins or origin in self.allowed_origins

    def has_erased(self, *visitor_ids: str | None) -> bool:
        """Whether one of the visitors was erased."""
        return any(is_suppressed(self.suppressed, self.visitor_key, self.site_id, each) for each in visitor_ids)

    def as_json(self) -> dict[str, Any]:
        """For the spool's memory."""
        return {
            "site_id": self.site_id,
            "allowed_origins": sorted(self.allowed_origins),
            "address_mode": self.address_mode,
            "honours_opt_out": self.honours_opt_out,
            "write_key": self.write_key,
            "visitor_key": self.visitor_key.hex(),
            "suppressed": sorted(self.suppressed),
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Self:
        """What `as_json` gave."""
        sets = {name: frozenset(value[name]) for name in ("allowed_origins", "suppressed")}
        return cls(**{**value, **sets, "visitor_key": bytes.fromhex(value["visitor_key"])})


@dataclass(frozen=True)
class Rulebook:
    """All sites by id, and the salts; `is_complete` says that a site which is not here is none.

    While PostgreSQL is away nobody knows that, and events of unknown sites are let through.
    """

    sites: Mapping[str, SiteRules] = field(default_factory=dict)
    salts: Salts = field(default_factory=lambda: Salts({}))
    is_complete: bool = False

    def site_of_key(self, write_key: str) -> SiteRules | None:
        """The site that a client of the Segment API means: by its key, or by its id where it has no key."""
        found = self._by_key.get(write_key)
        if found is None:
            found = self.sites.get(write_key)
            return found if found is not None and found.write_key is None else None
        return found

    def allowed_somewhere(self, origin: str) -> str | None:
        """The origin as CORS answers it when some site allows it: `*` where one allows all."""
        if ANY in self._origins or not self.is_complete:
            return ANY
        return origin if origin in self._origins else None

    def with_sites(self, sites: Iterable[SiteRules], *, is_complete: bool) -> "Rulebook":
        """The same with these sites added or replaced."""
        return Rulebook({**self.sites, **{site.site_id: site for site in sites}}, self.salts, is_complete)

    def as_json(self) -> dict[str, Any]:
        """For the spool's memory."""
        return {
            "sites": [self.sites[site_id].as_json() for site_id in sorted(self.sites)],
            "salts": {day.isoformat(): salt.hex() for day, salt in sorted(self.salts.known.items())},
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Self:
        """What `as_json` gave; not complete, since sites may have come since."""
        sites = [SiteRules.of_json(each) for each in value["sites"]]
        salts = {date.fromisoformat(day): bytes.fromhex(salt) for day, salt in value["salts"].items()}
        return cls({site.site_id: site for site in sites}, Salts(salts))

    @cached_property
    def _by_key(self) -> Mapping[str, SiteRules]:
        return {site.write_key: site for site in self.sites.values() if site.write_key}

    @cached_property
    def _origins(self) -> frozenset[str]:
        return frozenset().union(*(site.allowed_origins for site in self.sites.values()))
