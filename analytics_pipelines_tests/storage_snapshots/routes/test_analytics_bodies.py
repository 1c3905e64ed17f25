from dataclasses import asdict

from analytics_pipelines.storage_snapshots.ask.heavy import HeavyFiles
from analytics_pipelines.storage_snapshots.routes import analytics_bodies as bodies
from analytics_pipelines_tests.storage_snapshots.ask.shelves import DAY, TAKEN_AT, asked, rows_of_files


def test_an_answer_has_the_fields_of_what_was_found_and_its_snapshots():
    with asked(rows_of_files([{"share": "one", "path": "/one/a"}])) as these:
        told = bodies.answer_of(these, HeavyFiles([], "next"), by="size")
    assert told == {
        "snapshots": [{"share": "one", "date": DAY, "taken_at": TAKEN_AT}],
        "by": "size",
        "files": [],
        "next_cursor": "next",
    }


def test_every_field_of_a_question_is_promised_by_its_model():
    assert set(asdict(HeavyFiles([], None))) <= set(bodies.HeavyFiles.model_fields)
