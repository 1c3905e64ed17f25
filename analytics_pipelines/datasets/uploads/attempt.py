"""What a recogniser of one kind made of a column's different values."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`misses` says of each value whether it is none of `what`; `values` stands only where none is."""

    what: str
    misses: NDArray[np.bool_]
    values: pa.Array | None = None
    form: str | None = None
    note: str = ""
    """Why the kind is not a narrower one."""
    doubt: str = ""
    """Why the values are not converted although all of them fit: two meanings, or digits that would be lost."""
