"""Series for these tests: times by their step, and processes whose truth is known."""

from datetime import datetime, timedelta

import numpy as np


def moment(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001 - a column of times without a zone gives such


START = moment(2024, 1, 1)


def days(count: int, start: datetime = START) -> list[datetime]:
    return [start + timedelta(days=day) for day in range(count)]


def months(count: int, every: int = 1) -> list[datetime]:
    return [moment(2000 + month // 12, month % 12 + 1, 1) for month in range(0, count * every, every)]


def steady(rng: np.random.Generator, count: int) -> np.ndarray:
    return 10 + rng.normal(size=count)


def walk(rng: np.random.Generator, count: int) -> np.ndarray:
    return np.cumsum(rng.normal(size=count))


def persistent(rng: np.random.Generator, count: int) -> np.ndarray:
    values = np.zeros(count)
    for step in range(1, count):
        values[step] = 0.7 * values[step - 1] + rng.normal()
    return values


def rising(rng: np.random.Generator, count: int) -> np.ndarray:
    return 0.5 * np.arange(count) + 3 * rng.normal(size=count)


def weekly(rng: np.random.Generator, count: int) -> np.ndarray:
    swing = 5 * np.sin(np.arange(count) * 2 * np.pi / 7)
    return 20 + swing + 0.2 * np.cumsum(rng.normal(size=count)) + rng.normal(size=count)


def growing(rng: np.random.Generator, count: int) -> np.ndarray:
    steps = np.arange(count)
    return np.exp(0.01 * steps + 0.3 * np.sin(steps * 2 * np.pi / 7) + 0.1 * rng.normal(size=count))


def rare(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.poisson(4 * (1 + 0.5 * np.sin(np.arange(count) * 2 * np.pi / 7))).astype(float)
