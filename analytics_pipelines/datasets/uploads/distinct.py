"""A column of text as its different values, so that each is recognised and converted once."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

NULL_WORDS = pa.array(
    ["na", "n/a", "#n/a", "#na", "#n/a n/a", "<na>", "nan", "-nan", "null", "none", "nil", "#null!", r"\n"], pa.string()
)
"""In lower case; they mean nothing only in a column that is otherwise not text: NA is also Namibia."""


@dataclass(frozen=True, slots=True)
class Distinct:
    """Different values in the order in which they first appear, and where each row finds its own."""

    texts: pa.Array
    """Without the spaces around them."""
    raw: pa.Array
    """As they are written."""
    indices: NDArray[np.int32]
    counts: NDArray[np.int64]
    is_word: NDArray[np.bool_]
    """Whether the value is a word for nothing, as the empty text is."""
    line_of: Callable[[int], int]

    @property
    def told(self) -> pa.Array:
        """The values that are no words for nothing; recognisers see only these."""
        return self.texts.filter(pa.array(~self.is_word))

    @property
    def told_counts(self) -> NDArray[np.int64]:
        """Rows that have each of them."""
        return self.counts[~self.is_word]

    def row_of(self, told: int) -> int:
        """The first row that has the value of that place in `told`."""
        place = np.flatnonzero(~self.is_word)[told]
        return int(np.argmax(self.indices == place))

    def spread(self, converted: pa.Array) -> pa.Array:
        """A column of the converted `told`, null where a row has a word for nothing."""
        places = np.full(len(self.texts), -1)
        places[~self.is_word] = np.arange(len(converted))
        rows = places[self.indices]
        return converted.take(pa.array(rows, mask=rows < 0))


def distinct_of(column: pa.Array, line_of: Callable[[int], int]) -> Distinct:
    """The different values of a column of text without nulls."""
    encoded = column.dictionary_encode()
    indices = encoded.indices.to_numpy(zero_copy_only=False)
    texts = pc.utf8_trim_whitespace(encoded.dictionary)
    empty = pc.equal(pc.binary_length(texts), 0)
    words = pc.or_(empty, pc.is_in(pc.utf8_lower(texts), value_set=NULL_WORDS))
    return Distinct(
        texts=texts,
        raw=encoded.dictionary,
        indices=indices,
        counts=np.bincount(indices, minlength=len(texts)),
        is_word=words.to_numpy(zero_copy_only=False),
        line_of=line_of,
    )


def matches(texts: pa.Array, pattern: str) -> NDArray[np.bool_]:
    """Which of the texts match the pattern (RE2) somewhere."""
    found: NDArray[np.bool_] = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found
