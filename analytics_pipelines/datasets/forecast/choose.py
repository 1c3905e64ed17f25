"""Which model carries the series on: the one that erred least on its past, be it the naive one."""

from dataclasses import dataclass

import numpy as np

from analytics_pipelines.datasets.forecast.backtest import (
    COMBINATION,
    MEMBERS,
    Trial,
    Windows,
    fitted,
    models_for,
    paths,
    trials,
    windows_of,
)
from analytics_pipelines.datasets.forecast.model import Ahead, Floats
from analytics_pipelines.datasets.forecast.naive import Naive, SeasonalNaive
from analytics_pipelines.datasets.forecast.result import Backtest, Score
from analytics_pipelines.datasets.forecast.scale import AS_IT_IS, Scale, scale_of

WORDS = {SeasonalNaive.name: "repeating the last season", Naive.name: "repeating the last value"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A model and its path, which is mapped by `scale`."""

    model: str
    description: str
    path: Ahead
    scale: Scale
    statement: str
    backtest: Backtest | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_naive(self) -> bool:
        """Whether it only repeats what was."""
        return self.model in WORDS


def choose(values: Floats, season: int, horizon: int) -> Chosen:
    """The model of least error in the backtest, fitted to all values; a naive one where none can be tried."""
    if values.max() == values.min():
        return repeated(values, 1, horizon, AS_IT_IS, "Every value is the same.")
    scale = scale_of(values, season)
    mapped = scale.into(values)
    windows = windows_of(values.size, horizon, season)
    if windows is None:
        return repeated(mapped, season, horizon, scale, "The series is too short to try models on its past.")
    tried = trials(mapped, scale, windows, season)
    scores = scored(tried, values, windows, season)
    for score in scores:
        final = carried_on(score.model, tuple(tried), mapped, season, horizon)
        if final:
            break
    else:
        raise AssertionError("a naive model carries every series on")
    description, path = final
    return Chosen(
        model=score.model,
        description=description,
        path=tried[score.model].widened(path),
        scale=scale,
        statement=statement(score, scores, windows, season),
        backtest=Backtest(windows=len(windows.origins), horizon=windows.horizon, scores=scores),
        warnings=tuple(told_of(tried, windows, horizon, season)),
    )


def repeated(mapped: Floats, season: int, horizon: int, scale: Scale, why: str) -> Chosen:
    """The last season, or the last value, of a series on which nothing can be tried."""
    model = SeasonalNaive(season) if season > 1 else Naive()
    return Chosen(
        model=model.name,
        description=model.description,
        path=model.ahead(mapped, horizon),
        scale=scale,
        statement=f"{why} What is returned is {model.description}.",
    )


def carried_on(
    name: str, tried: tuple[str, ...], mapped: Floats, season: int, horizon: int
) -> tuple[str, Ahead] | None:
    """The description and path of the model fitted to all values; None where that fails.

    A combination is of those members that were tried.
    """
    wanted = set(MEMBERS) & set(tried) if name == COMBINATION else {name}
    models = tuple(each for each in models_for(mapped.size, season) if each.name in wanted)
    fits = fitted(models, mapped, season)
    path = paths(fits, mapped, horizon).get(name)
    if path is None:
        return None
    parts = [fit.description for fit in fits.values()]
    return ("the mean of " + ", ".join(parts) if name == COMBINATION else parts[0]), path


def scored(tried: dict[str, Trial], values: Floats, windows: Windows, season: int) -> tuple[Score, ...]:
    """The models by their error, least first; of equals the simpler one."""
    scales = np.array([naive_error(values[:origin], season) for origin in windows.origins])
    found = []
    for name, trial in tried.items():
        errors = np.abs(trial.errors).mean(axis=1)
        mase = float(np.mean(errors / scales)) if scales.all() else None
        found.append(Score(model=name, mase=mase, mae=float(errors.mean())))
    return tuple(sorted(found, key=lambda each: each.mae if each.mase is None else each.mase))


def naive_error(values: Floats, season: int) -> float:
    """Mean absolute error of the seasonal naive within the values; of the plain one where that never errs.

    Zero where all values are equal. Hyndman and Koehler (2006).
    """
    for lag in (season, 1):
        error = float(np.abs(values[lag:] - values[:-lag]).mean())
        if error:
            return error
    return 0.0


def statement(chosen: Score, scores: tuple[Score, ...], windows: Windows, season: int) -> str:
    """Why this model, in a sentence."""
    over = f"over {len(windows.origins)} windows of {windows.horizon:,} steps"
    if chosen.model in WORDS:
        return f"No model did better {over} than {WORDS[chosen.model]}, and so that is what is returned."
    yardstick = SeasonalNaive.name if season > 1 else Naive.name
    naive = next(each.mae for each in scores if each.model == yardstick)
    share = f"{chosen.mae / naive:.2f} times" if naive else "not less than"
    return f"Of {len(scores)} models this one did best {over}: its error is {share} that of {WORDS[yardstick]}."


def told_of(tried: dict[str, Trial], windows: Windows, horizon: int, season: int) -> list[str]:
    """What a reader must know of the backtest."""
    found = []
    if windows.horizon < horizon:
        found.append(
            f"The series has room to try {windows.horizon:,} steps ahead, not {horizon:,};"
            " further ahead the intervals rest on the model alone."
        )
    failed = [each.name for each in models_for(windows.origins[0], season) if each.name not in tried]
    if failed:
        found.append(f"Models that could not be fitted and were left out: {', '.join(failed)}.")
    return found
