"""Keys of the source beside keys of the lake: what is new, what is gone, and what was missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import one_row
from analytics_pipelines.foundation.sql import Sql, columns_of, literals, name, names
from analytics_pipelines.product_export.current import same_key, state_of

STATE, CHANGED, SOURCE, GONE, NEW, MISSED = (
    "state_keys",
    "changed_keys",
    "source_keys",
    "gone_keys",
    "new_keys",
    "missed_keys",
)
VIEW = Sql("CREATE OR REPLACE TEMP VIEW {view} AS {query}")
FILES = Sql("SELECT * FROM read_parquet({files}, hive_partitioning = false)")
COUNT = Sql("SELECT count(*) FROM {rows}")
DISTINCT = Sql("(SELECT DISTINCT {key} FROM new_keys) AS found")
# Reads the state once. A key that is among the changed ones twice is counted twice, and then all keys are compared.
EXPECTED = Sql(
    "SELECT count(*) - count(changed.is_known) + (SELECT count(*) FROM changed_keys)"
    " FROM state_keys LEFT JOIN (SELECT {key}, true AS is_known FROM changed_keys) AS changed ON {is_same}"
)
LEFT = Sql("CREATE OR REPLACE TEMP TABLE gone_keys AS SELECT {key} FROM state_keys ANTI JOIN source_keys ON {is_same}")
NEW_OF = Sql("CREATE OR REPLACE TEMP TABLE new_keys AS SELECT {key} FROM source_keys ANTI JOIN state_keys ON {is_same}")
MISSED_OF = Sql("SELECT {key} FROM new_keys ANTI JOIN changed_keys ON {is_same}")
AT_MISSED = Sql("SELECT {columns} FROM read_parquet({file}) AS placed SEMI JOIN missed_keys ON {is_same}")


@dataclass(frozen=True, slots=True)
class KeySets:
    """The sets by one cursor of DuckDB: of the state before, of the rows that changed, of all rows now."""

    cursor: DuckDBPyConnection
    key: tuple[str, ...]

    def of_state(self, files: Sequence[Path]) -> None:
        """Take the keys after the base and the changes in these files."""
        self._view(STATE, state_of(self.key, self.key, files))

    def of_changed(self, files: Sequence[Path]) -> None:
        """Take the keys of rows that are new or changed."""
        self._view(CHANGED, FILES.fill(files=literals(str(file) for file in files)))

    def of_source(self, file: Path) -> None:
        """Take all keys of the source, and see which of the state's are gone."""
        self._view(SOURCE, FILES.fill(files=literals([str(file)])))
        gone = LEFT.fill(key=columns_of(STATE, self.key), is_same=same_key(self.key, STATE, SOURCE))
        self.cursor.execute(gone.text)

    def match(self) -> None:
        """See which of the source's keys are new, and which of these are not even among the changed ones."""
        new = NEW_OF.fill(key=columns_of(SOURCE, self.key), is_same=same_key(self.key, SOURCE, STATE))
        self.cursor.execute(new.text)
        is_same = same_key(self.key, NEW, CHANGED)
        self._view(MISSED, MISSED_OF.fill(key=columns_of(NEW, self.key), is_same=is_same))

    def expected_rows(self) -> int:
        """Rows that the source has if no key is gone: keys of the state, and new ones."""
        is_same = same_key(self.key, STATE, "changed")
        (count,) = one_row(self.cursor.execute(EXPECTED.fill(key=names(self.key), is_same=is_same).text))
        return int(count)

    @property
    def gone(self) -> Sql:
        """The table of keys that the state has and the source lacks."""
        return name(GONE)

    def count_gone(self) -> int:
        """How many there are."""
        return self._count(name(GONE))

    def count_missed(self) -> int:
        """Keys of the source that are neither in the state nor among the changed ones."""
        return self._count(name(MISSED))

    def at_missed(self, placed: Path, columns: Sequence[str]) -> Sql:
        """DuckDB: these columns of a file of keys, of those that were missed."""
        is_same = same_key(self.key, "placed", MISSED)
        return AT_MISSED.fill(columns=names(columns), file=literals([str(placed)]), is_same=is_same)

    def count_source(self) -> int:
        """Keys of the source, each as often as it is there."""
        return self._count(name(SOURCE))

    def count_repeated(self) -> int:
        """How many rows of the source have the key of one before them."""
        new = self._count(name(NEW))
        repeated_new = new - self._count(DISTINCT.fill(key=names(self.key)))
        return self.count_source() - new - (self._count(name(STATE)) - self.count_gone()) + repeated_new

    def _view(self, view: str, query: Sql) -> None:
        self.cursor.execute(VIEW.fill(view=name(view), query=query).text)

    def _count(self, rows: Sql) -> int:
        (count,) = one_row(self.cursor.execute(COUNT.fill(rows=rows).text))
        return int(count)
