"""Names that tell values apart also where their text does not."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Names:
    """One name for each different value, also where values look alike once they are shortened."""

    given: dict[Hashable, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    alike: Counter[str] = field(default_factory=Counter)

    def name(self, key: Hashable, text: str) -> str:
        """The text, with a number behind it if it is another value's already."""
        if key not in self.given:
            name = text
            while name in self.taken:
                self.alike[text] += 1
                name = f"{text} ({self.alike[text] + 1})"
            self.taken.add(name)
            self.given[key] = name
        return self.given[key]
