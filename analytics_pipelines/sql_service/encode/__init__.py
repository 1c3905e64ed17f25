"""Answers as bytes: what DuckDB found, as JSON, Arrow, CSV or Parquet, no value changed without a word.

`prepared` rewrites a statement so that its columns come in types which the format can hold; `encoded` turns the result
into parts. `docs/sql-types.md` says what becomes of each type.

    columns = [("day", "DATE"), ("spent", "DECIMAL(18,2)")]
    result = cursor.execute(prepared(sql, columns, Format.JSON, 100_000))
    encoding = encoded(result, columns, Format.JSON, 100_000, folder)
    for part in encoding.parts(): ...
"""

from analytics_pipelines.sql_service.encode.encoding import Encoding, encoded
from analytics_pipelines.sql_service.encode.preparation import prepared

__all__ = ["Encoding", "encoded", "prepared"]
