"""Thirty published series that come with statsmodels: yearly, quarterly, monthly and weekly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.datasets import (
    co2,
    copper,
    danish_data,
    elec_equip,
    elnino,
    interest_inflation,
    macrodata,
    nile,
    sunspots,
)

HORIZONS = {1: 6, 4: 8, 12: 18, 52: 13}
"""Steps ahead by the steps of a year, as in the M4 competition."""
MOST_ORIGINS = 4


@dataclass(frozen=True, slots=True)
class Series:
    """Values in order, NaN where none was measured, and the steps of a year."""

    name: str
    at: list[datetime]
    values: npt.NDArray[np.float64]
    season: int

    @property
    def horizon(self) -> int:
        """Steps that are held out from each origin."""
        return HORIZONS[self.season]

    @property
    def origins(self) -> list[int]:
        """Where what is held out begins, one after the other up to the end, in the newer half."""
        least = max(self.values.size // 2, 2 * self.season + 4)
        starts = [self.values.size - self.horizon * back for back in range(1, MOST_ORIGINS + 1)]
        return sorted(start for start in starts if start >= least)


def published() -> list[Series]:
    """All of them; the same numbers at every call."""
    return [*yearly(), *quarterly(), *monthly(), weekly()]


def yearly() -> Iterator[Series]:
    """Sunspots, the Nile, and the world's copper market."""
    yield made("sunspots", sunspots.load_pandas().data["SUNACTIVITY"], "1700-01-01", 1)
    yield made("nile", nile.load_pandas().data["volume"], "1871-01-01", 1)
    table = copper.load_pandas().data.drop(columns="TIME")
    for name in table:
        yield made(f"copper {name}", table[name], "1951-01-01", 1)


def quarterly() -> Iterator[Series]:
    """Accounts of three nations."""
    for table, start in (
        (macrodata.load_pandas().data, "1959-01-01"),
        (danish_data.load_pandas().data, "1974-01-01"),
        (interest_inflation.load_pandas().data, "1972-04-01"),
    ):
        for name in table.columns.difference(["year", "quarter"], sort=False):
            yield made(f"quarterly {name}", table[name], start, 4)


def monthly() -> Iterator[Series]:
    """The sea's surface, what was sold, and the air."""
    table = elnino.load_pandas().data.drop(columns="YEAR")
    yield made("elnino", pd.Series(table.to_numpy().ravel()), "1950-01-01", 12)
    yield made("elec_equip", elec_equip.load_pandas().data.iloc[:, 0], "1995-01-01", 12)
    yield made("co2 monthly", co2.load_pandas().data["co2"].resample("MS").mean(), "1958-03-01", 12)


def weekly() -> Series:
    """The air again, as it was measured, weeks without a value included."""
    return made("co2 weekly", co2.load_pandas().data["co2"], "1958-03-29", 52)


FREQUENCIES = {1: "YS", 4: "QS", 12: "MS", 52: "7D"}


def made(name: str, values: "pd.Series[float]", start: str, season: int) -> Series:
    """The series from that day on."""
    at = pd.date_range(start, periods=len(values), freq=FREQUENCIES[season])
    return Series(name, list(at.to_pydatetime()), np.asarray(values, dtype=np.float64), season)
