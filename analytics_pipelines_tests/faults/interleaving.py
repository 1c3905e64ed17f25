"""Random scripts of several sessions that write one table at once, so that exports fall anywhere between."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import psycopg

SESSIONS = 3
KEYS = 30
TABLE = "CREATE TABLE things (id int PRIMARY KEY, name text, n int)"
FILLED = "INSERT INTO things SELECT n, 'thing ' || n, 0 FROM generate_series(1, 20) AS n"
BLOCK = (
    "DO $$ BEGIN UPDATE things SET n = n + 1, name = 'in a block' WHERE id = {key};"
    " BEGIN DELETE FROM things WHERE id = {key}; RAISE 'undone'; EXCEPTION WHEN OTHERS THEN NULL; END; END $$"
)
STATEMENTS = [
    "INSERT INTO things VALUES ({key}, 'new', 1) ON CONFLICT (id) DO UPDATE SET n = things.n + 1",
    "UPDATE things SET n = n + 1 WHERE id = {key}",
    "UPDATE things SET name = NULL WHERE id = {key}",
    "DELETE FROM things WHERE id = {key}",
    "UPDATE things SET id = {other} WHERE id = {key} AND NOT EXISTS (SELECT FROM things WHERE id = {other})",
    "SELECT FROM things WHERE id = {key} FOR UPDATE",
    BLOCK,
]
MAINTENANCE = ["VACUUM things", "VACUUM (FREEZE) things", "ANALYZE things"]


@dataclass
class Session:
    """A connection that keeps to keys of its own, so that no session waits for another."""

    connection: psycopg.Connection
    keys: list[int]
    chance: random.Random
    savepoints: list[str] = field(default_factory=list)

    def step(self) -> None:
        """One statement, savepoint, or end of the transaction."""
        self.chance.choices([self.write, self.save, self.undo, self.end], [12, 3, 2, 3])[0]()

    def write(self) -> None:
        """Any statement, on keys of one's own."""
        key, other = self.chance.sample(self.keys, 2)
        statement = self.chance.choice(STATEMENTS)
        self.connection.execute(statement.replace("{key}", str(key)).replace("{other}", str(other)))

    def save(self) -> None:
        """A savepoint; each begins a transaction within the transaction."""
        self.savepoints.append("s" + str(len(self.savepoints)))
        self.connection.execute("SAVEPOINT " + self.savepoints[-1])

    def undo(self) -> None:
        """Back to a savepoint, or on past it."""
        if self.savepoints:
            how = self.chance.choice(["ROLLBACK TO SAVEPOINT ", "RELEASE SAVEPOINT "])
            self.connection.execute(how + self.savepoints.pop())

    def end(self) -> None:
        """Commit, and at times take all back."""
        self.savepoints.clear()
        if self.chance.random() < 0.8:
            self.connection.commit()
        else:
            self.connection.rollback()


def interleave(conninfo: str, seed: int, exports: int, export: Callable[[], object]) -> None:
    """Write at random in several sessions, exporting so many times in between, in the middle of what they do."""
    chance = random.Random(seed)
    with ExitStack() as opened:
        sessions = [
            Session(opened.enter_context(psycopg.connect(conninfo)), [*range(1 + place, KEYS, SESSIONS)], chance)
            for place in range(SESSIONS)
        ]
        keeper = opened.enter_context(psycopg.connect(conninfo, autocommit=True))
        export()
        for _ in range(exports):
            for _ in range(chance.randrange(1, 40)):
                chance.choice(sessions).step()
            if chance.random() < 0.3:
                keeper.execute(chance.choice(MAINTENANCE))
            export()
        for session in sessions:
            session.connection.commit()
    export()


@dataclass
class Books:
    """Accounts and entries that agree in every snapshot: a balance is the sum of its entries."""

    conninfo: str

    accounts: range = range(1, 41)
    """Those it books on: one that waits within its transactions keeps to its own, or all others would wait with it."""
    pause: Callable[[], None] = lambda: None
    """Called after each statement."""

    def write(self, seed: int, is_stopping: Callable[[], bool]) -> None:
        """Book as fast as it goes; deadlocks with others are tried again."""
        chance = random.Random(seed)
        with psycopg.connect(self.conninfo) as connection:
            while not is_stopping():
                with suppress(psycopg.errors.DeadlockDetected), connection.transaction() as booking:
                    for step in self._booking(chance):
                        connection.execute(*step)
                        self.pause()
                    if chance.random() < 0.1:
                        raise psycopg.Rollback(booking)

    def _booking(self, chance: random.Random) -> Iterator[tuple[str, dict[str, int]]]:
        giver, taker = sorted(chance.sample(self.accounts, 2))
        values = {"giver": giver, "taker": taker, "amount": chance.randrange(1, 100)}
        if chance.random() < 0.2:
            yield TAKEN_BACK, values
            return
        yield "INSERT INTO books.entries (account_id, amount) VALUES (%(giver)s, -%(amount)s)", values
        yield "SAVEPOINT half", {}
        yield "UPDATE books.accounts SET balance = balance - %(amount)s WHERE id = %(giver)s", values
        yield "INSERT INTO books.entries (account_id, amount) VALUES (%(taker)s, %(amount)s)", values
        yield "UPDATE books.accounts SET balance = balance + %(amount)s WHERE id = %(taker)s", values


BOOKS = """
CREATE SCHEMA books;
CREATE TABLE books.accounts (id int PRIMARY KEY, balance bigint NOT NULL DEFAULT 0);
CREATE TABLE books.entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id int NOT NULL, amount bigint);
INSERT INTO books.accounts SELECT n FROM generate_series(1, 50) AS n;
"""
TAKEN_BACK = """
WITH gone AS (
    DELETE FROM books.entries
    WHERE id = (SELECT min(id) FROM books.entries WHERE account_id = %(giver)s)
    RETURNING account_id, amount
)
UPDATE books.accounts SET balance = balance - gone.amount FROM gone WHERE id = gone.account_id
"""
