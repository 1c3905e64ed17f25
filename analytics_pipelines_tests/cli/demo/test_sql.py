"""What the demo shows of its query; the demo's own test asks it of a running API."""

import io

from rich.console import Console

from analytics_pipelines.cli.demo.sql import FOLDERS, sql_table

ANSWERS = {FOLDERS: {"execution_time": 0.0123, "data": [["/usr/lib", 12, 2048, 60.0, 60.0], ["/usr", 1, 512, 15, 75]]}}


def test_its_answer_is_a_table_of_words_and_sizes():
    told = io.StringIO()
    Console(file=told, width=100).print(sql_table(ANSWERS))
    lines = [line.split() for line in told.getvalue().splitlines()]
    assert "12.3 ms" in told.getvalue()
    assert ["/usr/lib", "12", "2.0", "KiB", "60.0", "%", "60.0", "%"] in lines
    assert ["/usr", "1", "512", "B", "15.0", "%", "75.0", "%"] in lines
