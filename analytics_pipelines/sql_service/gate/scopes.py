"""Which common table expressions a part of a query can see."""

from dataclasses import dataclass, field

from analytics_pipelines.sql_service.gate.names import check_given, small


@dataclass(frozen=True, slots=True)
class Scope:
    """Names of common table expressions, in small letters; each part of a query has the one of where it stands."""

    names: frozenset[str] = field(default_factory=frozenset)
    recurring: frozenset[str] = field(default_factory=frozenset)
    """Of those, the ones whose whole result so far may be read as `recurring.<name>`, in their own second part."""

    def with_step(self, name: str) -> "Scope":
        """What stands behind the definition of `name` sees; raises `QueryRefused` of a name that none may have."""
        check_given(name, "A common table expression")
        return Scope(self.names | {small(name)}, self.recurring)

    def within(self, name: str, *, has_keys: bool) -> "Scope":
        """What the second part of the recursive `name` sees."""
        inner = self.with_step(name)
        return Scope(inner.names, self.recurring | {small(name)}) if has_keys else inner

    def sees(self, name: str) -> bool:
        """Whether a table of that name is a common table expression here."""
        return small(name) in self.names

    def sees_recurring(self, name: str) -> bool:
        """Whether `recurring.<name>` is one here."""
        return small(name) in self.recurring


NOTHING = Scope()
