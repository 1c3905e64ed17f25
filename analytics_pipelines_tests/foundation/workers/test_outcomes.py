"""What a process says of its end is data: no module of its choice is imported, and nothing but errors of ours made."""

import errno
import sys

import orjson
import pytest

from analytics_pipelines.foundation.errors import AnalyticsError, LimitExceeded, NotFound
from analytics_pipelines.foundation.workers.outcomes import MOST_TEXT_BYTES, Kind, error_of, outcome_of
from analytics_pipelines_tests.foundation.workers.work import TooManyStars

TESTS = "analytics_pipelines_tests"
ERRORS = AnalyticsError.__module__


class OutOfMemoryException(Exception):
    pass


def told(module, name, **facts):
    return orjson.dumps({"module": module, "name": name, "facts": facts})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(NotFound("gone"), Kind.ERROR, id="ours"),
        pytest.param(MemoryError(), Kind.NO_MEMORY, id="memory"),
        pytest.param(OutOfMemoryException(), Kind.NO_MEMORY, id="a library's memory"),
        pytest.param(OSError(errno.EFBIG, "too large"), Kind.LARGE_FILE, id="a large file"),
        pytest.param(OSError(errno.ENOENT, "not there"), Kind.MISTAKE, id="another error of the system"),
        pytest.param(SystemExit(0), Kind.MISTAKE, id="an exit"),
        pytest.param(ValueError("\ud800"), Kind.MISTAKE, id="what is no text"),
    ],
)
def test_each_error_has_its_kind(error, kind):
    assert outcome_of(error).kind is kind


def test_a_traceback_is_cut():
    assert len(outcome_of(ValueError("x" * 10**6)).content) == MOST_TEXT_BYTES


def test_an_error_comes_back_with_what_can_be_told():
    found = error_of(outcome_of(TooManyStars(4, seen=["Vega"])).content, TESTS)
    assert isinstance(found, TooManyStars)
    assert (found.detail, found.limit, found.stars, found.seen) == (
        "4 stars are too many.",
        "3 stars",
        4,
        ["Vega"],
    )
    assert not hasattr(found, "kept_here")


def test_ours_come_back_whatever_package_the_job_is_of():
    assert isinstance(error_of(told(ERRORS, "LimitExceeded", detail="x"), "anything"), LimitExceeded)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"junk", id="no JSON"),
        pytest.param(b"[]", id="another shape"),
        pytest.param(b'{"module": 1, "name": 2, "facts": 3}', id="other kinds"),
        pytest.param(told("os", "system", detail="x"), id="another package"),
        pytest.param(told("antigravity", "x", detail="x"), id="a module that does something when imported"),
        pytest.param(told("analytics_pipelines.nowhere", "X", detail="x"), id="no such module"),
        pytest.param(told(ERRORS, "Nowhere", detail="x"), id="no such class"),
        pytest.param(told(ERRORS, "dataclass", detail="x"), id="a function"),
        pytest.param(told(ERRORS, "FaultAt", detail="x"), id="a class that is no error"),
        pytest.param(told(ERRORS, "AnalyticsError.__init__", detail="x"), id="a method"),
        pytest.param(told(ERRORS, "NotFound"), id="no detail"),
        pytest.param(told(ERRORS, "NotFound", detail="x", code="y"), id="what can not be set"),
        pytest.param(told(ERRORS, "BadInput", detail="x", faults=[1]), id="faults that are none"),
    ],
)
def test_anything_else_is_no_error_of_ours(content):
    assert error_of(content, TESTS) is None
    assert "antigravity" not in sys.modules


def test_facts_are_texts_where_texts_belong_and_no_inner_parts():
    content = told(ERRORS, "NotFound", detail={"a": 1}, limit=[3], remedy=None, __class__="x", __traceback__="y")
    found = error_of(content, TESTS)
    assert (type(found), found.detail, found.limit, found.remedy) == (NotFound, "{'a': 1}", "[3]", None)
