"""Runs of asset groups from the shell: days in one run each, then the generation."""

from collections.abc import Sequence
from datetime import date

from analytics_pipelines.dagster_kit.launch import Made, Outcome
from analytics_pipelines.dagster_kit.launch import materialize as launch
from analytics_pipelines.dashboard.words import human_bytes
from analytics_pipelines.definitions import GROUPS, build, job_name
from analytics_pipelines.foundation.errors import BadInput, Unavailable
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations import mirror

SERVING = "serving"
ROOMS = tuple(group for group in GROUPS if group != SERVING)


class UnknownGroup(BadInput):
    """No asset group has that name."""


class RunFailed(Unavailable):
    """A run ended with failures; days that passed their checks are published all the same."""


def cells(made: Made) -> tuple[str, str, str, str]:
    """Table, days, rows and size, as the summary shows them."""
    return made.asset, str(len(made.days)), f"{made.rows:,}", human_bytes(made.size_bytes)


class Runs:
    """Runs in this process, each told to the database too, where the API looks for what was made."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._definitions = build(settings)

    def group(self, group: str, first: date, last: date, assets: Sequence[str] | None = None) -> Outcome:
        """One run of a group, or of some of its assets, over the days from first to last."""
        return self._told(launch(self._settings, self._definitions, job_name(group), (first, last), assets))

    def publish(self) -> str:
        """Build the next generation and put it into force; its id. Raises `RunFailed`."""
        made_of(self._told(launch(self._settings, self._definitions, job_name(SERVING))))
        return GenerationFolders.of(self._settings.home).current_id() or ""

    def _told(self, outcome: Outcome) -> Outcome:
        mirror.record(self._database, outcome.materialized)
        return outcome


def materialize_groups(runs: Runs, groups: Sequence[str] | None, first: date, last: date) -> list[Made]:
    """Make the days of each group in one run each, then publish what was made.

    Raises `UnknownGroup`, or `RunFailed` at the end: one group's failure keeps no other from being published.
    """
    outcomes = [runs.group(group, first, last) for group in known(groups or ROOMS)]
    runs.publish()
    return [each for outcome in outcomes for each in made_of(outcome)]


def known(groups: Sequence[str]) -> list[str]:
    """The rooms' groups among these, in the order in which they depend; raises `UnknownGroup`."""
    unknown = sorted(set(groups) - set(GROUPS))
    if unknown:
        raise UnknownGroup(f"There is no group {', '.join(unknown)}.", remedy="Groups: " + ", ".join(GROUPS) + ".")
    return [group for group in ROOMS if group in groups]


def made_of(outcome: Outcome) -> list[Made]:
    """What a run made; raises `RunFailed` that names what was not published."""
    if not outcome.has_succeeded:
        raise RunFailed("; ".join(outcome.failures) or f"Run {outcome.run_id} failed.", remedy="Mend it, run it again.")
    return outcome.made
