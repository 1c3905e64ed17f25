"""The Parquet lake: partitions replaced as a whole, manifests beside them, readers that never see half.

lake.replace(SESSIONS, day, sessionize(lake.scan(EVENTS, days), day))
lake.lazy(SESSIONS, [day]).collect()
with lake.together() as run:  # partitions of several tables that turn at one instant
    run.publish([run.seal(USERS, day, rows=written_into(run.file(USERS, day))), …])
with lake.duck.cursor() as cursor:
    lake.relation(cursor, SESSIONS, [day]).count("*").fetchall()
"""

from analytics_pipelines.foundation.lake.checks import Verdict
from analytics_pipelines.foundation.lake.lake import Lake
from analytics_pipelines.foundation.lake.manifest import Manifest
from analytics_pipelines.foundation.lake.stage import Staged

__all__ = ["Lake", "Manifest", "Staged", "Verdict"]
