"""ARIMA of few orders: differenced until it stands still, the order chosen by AICc."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.stattools import kpss

from analytics_pipelines.datasets.forecast.model import Ahead, Floats
from analytics_pipelines.datasets.forecast.smoothing import ranked

ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (2, 2))
"""Autoregressive and moving-average terms that are tried."""
MOST_DIFFERENCES = 2
UNSTEADY = 0.05
"""Level of the KPSS test below which a series is differenced once more (Hyndman and Khandakar 2008)."""


@dataclass(frozen=True, slots=True)
class Order:
    """Terms, differences, and whether there is a constant: a mean, or a slope after one difference."""

    terms: tuple[int, int]
    differences: int
    has_constant: bool

    def over(self, values: Floats) -> Any:
        """The model of that order over these values."""
        trend = ("c", "t")[self.differences] if self.has_constant else "n"
        return ARIMA(values, order=(self.terms[0], self.differences, self.terms[1]), trend=trend)


@dataclass(frozen=True, slots=True)
class Arima:
    """The small ARIMA that explains the values best for its number of parameters."""

    name: ClassVar[str] = "arima"

    def fit(self, values: Floats, season: int) -> "FittedArima":  # noqa: ARG002 - a model's shape; it knows no season
        """The order of least AICc, its parameters by maximum likelihood."""
        times = differences(values)
        orders = [Order(terms, times, has_constant=times == 0) for terms in ORDERS]
        if times == 1:
            orders += [Order(terms, times, has_constant=True) for terms in ORDERS[:3]]
        fits = [(order, order.over(values).fit(cov_type="none")) for order in orders]
        order, best = min(fits, key=lambda each: ranked(each[1].aicc))
        return FittedArima(order, np.asarray(best.params, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class FittedArima:
    """An order and its parameters."""

    order: Order
    parameters: Floats

    @property
    def description(self) -> str:
        """As the books write it: `ARIMA(1,1,0)`."""
        drift = " with drift" if self.order.has_constant and self.order.differences else ""
        return f"ARIMA({self.order.terms[0]},{self.order.differences},{self.order.terms[1]}){drift}"

    def ahead(self, values: Floats, horizon: int) -> Ahead:
        """The path from the end of `values`, with the deviation of the filter."""
        prediction = self.order.over(values).smooth(self.parameters, cov_type="none").get_forecast(horizon)
        return Ahead(np.asarray(prediction.predicted_mean), np.sqrt(np.asarray(prediction.var_pred_mean)))


def differences(values: Floats) -> int:
    """How often the series must be differenced to stand still, at most twice."""
    for times in range(MOST_DIFFERENCES):
        moved = np.diff(values, n=times)
        if np.ptp(moved) == 0 or kpss(moved, regression="c", nlags="auto")[1] >= UNSTEADY:
            return times
    return MOST_DIFFERENCES
