from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.differences.steps import Step, View


def test_a_step_is_worked_out_once_and_a_view_each_time(lake):
    with lake.duck.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE given AS SELECT 1 AS number")
        Step(Sql("SELECT number + 1 AS number FROM given")).mount(cursor, "step")
        View(Sql("SELECT number + 1 AS number FROM given")).mount(cursor, "view")
        cursor.execute("UPDATE given SET number = 5")
        assert cursor.execute("SELECT * FROM step").fetchall() == [(2,)]
        assert cursor.execute("SELECT * FROM view").fetchall() == [(6,)]
