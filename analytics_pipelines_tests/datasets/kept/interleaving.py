"""Two users who do anything in any order, each also to what is the other's, beside a model of what each may see."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import sqlalchemy as sa
from hypothesis import strategies as st

from analytics_pipelines.datasets.folders import Folders
from analytics_pipelines.datasets.kept.analyses import history, history_of_table, record
from analytics_pipelines.datasets.kept.audit import audit_of
from analytics_pipelines.datasets.kept.datasets import (
    DatasetInFull,
    NoSuchDataset,
    dataset,
    datasets_of,
    delete_dataset,
)
from analytics_pipelines.datasets.kept.running import (
    NoSuchRun,
    ask_to_cancel,
    end_running,
    is_cancelled,
    running_of,
    start_running,
)
from analytics_pipelines.datasets.kept.transactions import reading_for
from analytics_pipelines.datasets.tables import ANALYSES, DATASETS, PLAN_AUDIT, RUNNING_PLANS
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines_tests.datasets.kept.examples import NOW, executed, kept, made_user, put_files

ACTS = ["add", "delete", "look", "record", "record_table", "start", "cancel", "end"]
STEPS = st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(0, 7))
"""What is done, by whom, and to which of all things that either has made."""


@dataclass
class Play:
    """Plays steps with two new users each time, and looks at the end what either sees."""

    database: Database
    folders: Folders
    users: list[str] = field(default_factory=list)
    datasets: list[DatasetInFull] = field(default_factory=list)
    runs: list[tuple[str, str]] = field(default_factory=list)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows that a user may see of a table."""

    def through(self, steps: list[tuple[str, int, int]]) -> None:
        """Play the steps."""
        self.users = [made_user(self.database), made_user(self.database)]
        self.datasets, self.runs, self.seen = [], [], Counter()
        for act, who, which in steps:
            getattr(self, act)(self.users[who], which)
        self.look_round()

    def add(self, user_id: str, _: int) -> None:
        """An upload."""
        added = kept(self.database, user_id)
        put_files(self.folders, added)
        self.datasets.append(added)
        self.seen[user_id, "datasets"] += 1

    def delete(self, user_id: str, which: int) -> None:
        """Of one's own it takes everything, of another's nothing."""
        if chosen := self._chosen(which):
            with suppress(NoSuchDataset):
                asked = len(history(self.database, user_id, chosen.session_id))
                delete_dataset(self.database, self.folders, user_id, chosen.session_id)
                assert chosen.user_id == user_id
                self.datasets.remove(chosen)
                self.seen[user_id, "datasets"] -= 1
                self.seen[user_id, "analyses"] -= asked
            assert (chosen in self.datasets) == self.folders.data(chosen.place).exists()

    def look(self, user_id: str, which: int) -> None:
        """One's own is there in full, another's is not there."""
        if chosen := self._chosen(which):
            try:
                assert dataset(self.database, user_id, chosen.session_id) == chosen
            except NoSuchDataset:
                assert chosen.user_id != user_id

    def record(self, user_id: str, which: int) -> None:
        """An analysis, by mistake also of another's dataset: then it is in the audit alone."""
        if chosen := self._chosen(which):
            record(self.database, executed(user_id, chosen))
            self.seen[user_id, "analyses"] += chosen.user_id == user_id
            self.seen[user_id, "plan_audit"] += 1

    def record_table(self, user_id: str, _: int) -> None:
        """An analysis of a table, which both may ask."""
        record(self.database, executed(user_id))
        self.seen[user_id, "analyses"] += 1
        self.seen[user_id, "plan_audit"] += 1

    def start(self, user_id: str, _: int) -> None:
        """A plan begins."""
        run = start_running(self.database, user_id, subject="a table", plan_hash="ab" * 32, at=NOW)
        self.runs.append((user_id, run))
        self.seen[user_id, "running_plans"] += 1

    def cancel(self, user_id: str, which: int) -> None:
        """Only one's own plan is cancelled."""
        if self.runs:
            owner, run = self.runs[which % len(self.runs)]
            before = is_cancelled(self.database, owner, run)
            try:
                ask_to_cancel(self.database, user_id, run, at=NOW)
                assert (owner, is_cancelled(self.database, owner, run)) == (user_id, True)
            except NoSuchRun:
                assert (owner != user_id, is_cancelled(self.database, owner, run)) == (True, before)

    def end(self, user_id: str, which: int) -> None:
        """Only one's own plan ends."""
        if self.runs:
            owner, run = self.runs[which % len(self.runs)]
            end_running(self.database, user_id, run)
            if owner == user_id:
                self.runs.remove((owner, run))
                self.seen[user_id, "running_plans"] -= 1

    def look_round(self) -> None:
        """Lists, and queries that forget to say whose rows they want, show each user the own ones."""
        for user_id in self.users:
            with reading_for(self.database, user_id) as connection:
                for table in (DATASETS, ANALYSES, PLAN_AUDIT, RUNNING_PLANS):
                    rows = connection.execute(sa.select(table.c.user_id)).scalars().all()
                    assert list(rows) == [user_id] * self.seen[user_id, table.name], table.name
            own = {each.session_id for each in self.datasets if each.user_id == user_id}
            assert {each.session_id for each in datasets_of(self.database, user_id)} == own
            assert {each.user_id for each in audit_of(self.database, user_id)} <= {user_id}
            assert {each.user_id for each in history_of_table(self.database, user_id, "out_web__daily_metrics")} <= {
                user_id
            }
            assert {each.id for each in running_of(self.database, user_id)} == {
                run for owner, run in self.runs if owner == user_id
            }

    def _chosen(self, which: int) -> DatasetInFull | None:
        return self.datasets[which % len(self.datasets)] if self.datasets else None
