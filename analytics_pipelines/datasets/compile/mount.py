"""The rows of a subject, made readable under the one name that questions know."""

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.subject import VIEW, Reading
from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.select import mount_view
from analytics_pipelines.foundation.sql import Sql, literal, name

ATTACH = Sql("ATTACH IF NOT EXISTS {file} AS {name} (READ_ONLY)")


class SubjectGone(Conflict):
    """What the subject is read from was replaced or removed since it was looked up."""


def mount(cursor: DuckDBPyConnection, reading: Reading) -> None:
    """Attach the databases, only to be read, and make the query the view `subject`.

    Raises `SubjectGone` when one of the files is not there any more.
    """
    try:
        for attached, file in reading.attached.items():
            cursor.execute(ATTACH.fill(file=literal(file), name=name(attached)).text)
        mount_view(cursor, VIEW, Sql(reading.query))
    except duckdb.IOException:
        # The message holds paths, so it ends here.
        raise SubjectGone(
            "The data was replaced or removed while the plan waited.", remedy="Execute the plan again."
        ) from None
