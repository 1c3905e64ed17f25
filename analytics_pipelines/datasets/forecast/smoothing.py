"""Exponential smoothing: the additive ETS family, its form chosen by AICc, and the Theta method.

Forms and deviations: Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing (2008), table 6.1;
Theta: Assimakopoulos and Nikolopoulos (2000) in the reading of Hyndman and Billah (2003).
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel

from analytics_pipelines.datasets.forecast.model import Ahead, Floats
from analytics_pipelines.datasets.forecast.naive import spread_of

LONGEST_SEASON = 24
"""Of ETS with a season of its own; each of its steps is one more state to estimate."""
LONGEST_ESTIMATED = 12
"""Longer seasons start from decomposed values in place of estimated ones."""
LEAST_ALPHA = 0.01
"""Of Theta, which divides by it."""


@dataclass(frozen=True, slots=True)
class Form:
    """Which parts a smoothing has."""

    trend: str | None
    is_damped: bool
    season: int

    @property
    def description(self) -> str:
        """As the books write it: `ETS(A,Ad,N)`."""
        trend = "N" if self.trend is None else "Ad" if self.is_damped else "A"
        return f"ETS(A,{trend},{'A' if self.season > 1 else 'N'})"

    def over(self, values: Floats) -> Any:
        """The model of that form over these values."""
        return ETSModel(
            pd.Series(values),
            error="add",
            trend=self.trend,
            damped_trend=self.is_damped,
            seasonal="add" if self.season > 1 else None,
            seasonal_periods=self.season if self.season > 1 else None,
            initialization_method="heuristic" if self.season > LONGEST_ESTIMATED else "estimated",
        )


def forms(season: int) -> tuple[Form, ...]:
    """Those that are tried: level alone, with a trend, with one that flattens out."""
    return tuple(Form(trend, damped, season) for trend, damped in ((None, False), ("add", False), ("add", True)))


@dataclass(frozen=True, slots=True)
class Smoothing:
    """The ETS form that explains the values best for its number of parameters."""

    name: ClassVar[str] = "ets"

    def fit(self, values: Floats, season: int) -> "FittedSmoothing":
        """The form of least AICc, its parameters by maximum likelihood."""
        fits = [(form, form.over(values).fit(disp=False)) for form in forms(season)]
        form, best = min(fits, key=lambda each: ranked(each[1].aicc))
        return FittedSmoothing(form, np.asarray(best.params, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class FittedSmoothing:
    """A form and its parameters."""

    form: Form
    parameters: Floats

    @property
    def description(self) -> str:
        """The form."""
        return self.form.description

    def ahead(self, values: Floats, horizon: int) -> Ahead:
        """The path from the end of `values`; the deviation is the exact one of the form."""
        smoothed = self.form.over(values).smooth(self.parameters)
        prediction = smoothed.get_prediction(values.size, values.size + horizon - 1)
        variance = np.asarray(prediction.forecast_variance, dtype=np.float64)
        return Ahead(np.asarray(prediction.predicted_mean, dtype=np.float64), np.sqrt(variance))


@dataclass(frozen=True, slots=True)
class Theta:
    """Simple smoothing with half the slope of a straight line."""

    name: ClassVar[str] = "theta"
    description: str = "Theta"

    def fit(self, values: Floats, season: int) -> "Theta":  # noqa: ARG002 - a model's shape; two parameters, found anew
        """Itself: its two parameters come from the values that it is asked to carry on."""
        return self

    def ahead(self, values: Floats, horizon: int) -> Ahead:
        """The path from the end of `values`; deviations as of simple smoothing."""
        fitted = ThetaModel(values, deseasonalize=False).fit()
        slope, alpha = float(fitted.params["b0"]), max(float(fitted.params["alpha"]), LEAST_ALPHA)
        level = levels(values, alpha)
        steps = np.arange(horizon)
        behind = (1 - (1 - alpha) ** np.arange(1, values.size + 1)) / alpha
        errors = values[1:] - level[:-1] - slope / 2 * behind[:-1]
        middle = level[-1] + slope / 2 * (steps + behind[-1])
        return Ahead(middle, spread_of(errors) * np.sqrt(1 + steps * alpha**2))


def levels(values: Floats, alpha: float) -> Floats:
    """The smoothed level after each value, beginning with the first value itself."""
    smoothed, _ = lfilter([alpha], [1, alpha - 1], values, zi=[(1 - alpha) * values[0]])
    return np.asarray(smoothed, dtype=np.float64)


def ranked(criterion: float) -> float:
    """An information criterion to sort by; what is no number comes last."""
    return criterion if not np.isnan(criterion) else np.inf
