"""What one process says is what the other one hears."""

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.messages import (
    HEADER,
    Ask,
    Does,
    Done,
    Format,
    Job,
    Kind,
    Setup,
    Statement,
    ask_of,
    done_of,
    frame_of,
    job_of,
    setup_of,
)
from analytics_pipelines_tests.counts import examples

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
STATEMENTS = st.builds(
    Statement, TEXT, st.none() | st.lists(VALUES, max_size=3) | st.dictionaries(TEXT, VALUES, max_size=3)
)
SOME = st.lists(STATEMENTS, max_size=3).map(tuple)
NUMBER = st.integers(0, 2**40)
ASKS = st.builds(
    Ask,
    does=st.sampled_from(Does),
    caller=st.builds(Caller, TEXT, st.sampled_from(Rights)),
    statements=SOME,
    format=st.sampled_from(Format),
    limit=st.none() | NUMBER,
    timeout_s=st.none() | st.floats(0, 1e6),
    query_id=TEXT,
    uses_transaction=st.booleans(),
    is_analyzed=st.booleans(),
    name=TEXT,
)
JOBS = st.builds(
    Job,
    query_id=TEXT,
    does=st.sampled_from(Does),
    rights=st.sampled_from(Rights),
    statements=SOME,
    format=st.sampled_from(Format),
    row_limit=NUMBER,
    keeps_answer=st.booleans(),
)
SETUPS = st.builds(
    Setup,
    generation_folder=TEXT,
    spill_folder=TEXT,
    memory_bytes=NUMBER,
    threads=NUMBER,
    most_spilled_bytes=NUMBER,
    extensions=st.lists(TEXT).map(tuple),
    may_lack=st.lists(TEXT).map(tuple),
)
DONES = st.builds(Done, query_id=TEXT, rows=NUMBER, file=TEXT, columns=st.lists(st.tuples(TEXT, TEXT)).map(tuple))


def content_of(said):
    return frame_of(Kind.ASK, said)[HEADER.size :]


@settings(max_examples=examples(100))
@given(ASKS, JOBS, SETUPS, DONES)
def test_what_is_said_is_heard(ask, job, setup, done):
    assert ask_of(content_of(ask)) == ask
    assert job_of(content_of(job)) == job
    assert setup_of(content_of(setup)) == setup
    assert done_of(content_of(done)) == done
