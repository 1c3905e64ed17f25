import orjson
import pytest

from analytics_pipelines.web_events.intake.batch import Batch, encoded
from analytics_pipelines.web_events.intake.receipts import Outcome
from analytics_pipelines_tests.web_events.intake.items import receipt, refusal


def outcomes(batch: Batch, known=()) -> list[str]:
    return [taken.outcome.value for taken in batch.taken(known)]


def test_of_several_items_with_one_key_the_first_counts():
    items = [receipt("a", title="1"), receipt("b"), receipt("a", title="2"), receipt("a", site_id="t")]
    batch = Batch(items)
    assert list(batch.receipts.values()) == [items[0], items[1], items[3]]
    assert batch.repeats == [items[2]]
    assert outcomes(batch) == ["stored", "stored", "duplicate", "stored"]


def test_what_was_there_before_is_a_duplicate_with_all_its_repeats():
    assert outcomes(Batch([receipt("a"), receipt("b"), receipt("a")]), {("s", "a")}) == [
        "duplicate",
        "stored",
        "duplicate",
    ]


def test_a_refusal_is_rejected_also_when_it_comes_twice():
    batch = Batch([refusal("f"), receipt("a"), refusal("f")])
    assert outcomes(batch) == [Outcome.REJECTED, Outcome.STORED, Outcome.REJECTED]
    assert len(batch.refusals) == len(batch.repeats) == 1


def test_bytes_are_written_as_postgresql_reads_them():
    assert orjson.loads(encoded(refusal("f")))["payload"] == "\\x00ff7b"


@pytest.mark.parametrize(
    "value", [receipt("a", title="\ud800"), {"a": object()}], ids=["a lone surrogate", "an object"]
)
def test_what_is_no_json_is_an_error_of_its_own(value):
    with pytest.raises(orjson.JSONEncodeError):
        encoded(value)
