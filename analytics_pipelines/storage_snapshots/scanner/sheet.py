"""Rows of a walk while they are found: bytes that processes can share, and what little is told beside them."""

from dataclasses import dataclass, field

STATUS_BYTES = 144
"""What is kept of `struct statx`: all before its mount id."""
MOST_ROWS = 32_768
MOST_NAME_BYTES = 4 << 20
MOST_PATH_CHARACTERS = 16_000_000
"""In one sheet, all paths together: a deep tree of long names would fill the memory otherwise."""
NAMES_AT = MOST_ROWS * STATUS_BYTES
SHEET_BYTES = NAMES_AT + MOST_NAME_BYTES


@dataclass(slots=True)
class Sheet:
    """Rows as they are found, in `memory` that a process may share: statuses, and names each ended by a slash.

    `runs` say whose names they are: the folder's way from the root ("" is the root, None above it) and how many rows.
    A row without a status is all zero. `links` and `errors` are pairs of row and text.
    """

    memory: memoryview
    rows: int = 0
    name_bytes: int = 0
    characters: int = 0
    runs: list[tuple[str | None, int]] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)

    @staticmethod
    def of_own() -> "Sheet":
        """A sheet in memory of its own."""
        return Sheet(memoryview(bytearray(SHEET_BYTES)))

    def has_room(self, rows: int, name_bytes: int, characters: int) -> bool:
        """Whether so many more fit; an empty sheet takes any burst."""
        return (
            self.rows + rows <= MOST_ROWS
            and self.name_bytes + name_bytes <= MOST_NAME_BYTES
            and (not self.rows or self.characters + characters <= MOST_PATH_CHARACTERS)
        )

    def add(self, folder: str | None, rows: int, statuses: bytes | bytearray, names: bytes, characters: int) -> int:
        """Append the rows and give the first one's number."""
        first = self.rows
        self.memory[first * STATUS_BYTES : (first + rows) * STATUS_BYTES] = statuses
        at = NAMES_AT + self.name_bytes
        self.memory[at : at + len(names)] = names
        self.runs.append((folder, rows))
        self.rows += rows
        self.name_bytes += len(names)
        self.characters += characters
        return first

    @property
    def statuses(self) -> memoryview:
        """`STATUS_BYTES` for each row."""
        return self.memory[: self.rows * STATUS_BYTES]

    @property
    def names(self) -> memoryview:
        """All names, each ended by a slash."""
        return self.memory[NAMES_AT : NAMES_AT + self.name_bytes]
