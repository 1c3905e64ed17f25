"""Errors keep their kind and all that they say from process to process, under the names that older callers catch."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.errors import BadInput, FaultAt, NotFound
from analytics_pipelines.sql_service.errors import (
    FEEDS_BREAKER,
    KINDS,
    CircuitBreakerOpenException,
    DuckDBConnectionError,
    DuckDBException,
    DuckDBQueryError,
    DuckDBResourceError,
    ErrorClass,
    QueryFailed,
    class_of,
    error_of,
    told_of,
)
from analytics_pipelines_tests.counts import examples

WORDS = st.none() | st.text(max_size=20)


@settings(max_examples=examples(200))
@given(st.sampled_from(sorted(KINDS)), st.text(max_size=40), WORDS, WORDS)
def test_an_error_that_is_told_is_the_same_error(name, detail, limit, remedy):
    error = KINDS[name](detail, limit=limit, remedy=remedy)
    again = error_of(told_of(error))
    assert type(again) is type(error)
    assert (again.detail, again.limit, again.remedy) == (detail, limit, remedy)
    assert class_of(again) is class_of(error)


def test_faults_and_rests_are_told_too():
    fault = FaultAt(pointer="/queries/3", code="DuckDBQueryError", message="no")
    assert error_of(told_of(DuckDBQueryError("no", faults=[fault]))).faults == (fault,)
    assert error_of(told_of(CircuitBreakerOpenException("rests", retry_after_s=7))).retry_after_s == 7


def test_an_error_of_another_kind_says_nothing_of_its_own_kind():
    told = told_of(NotFound("nothing there"))
    assert type(error_of(told)) is QueryFailed
    assert class_of(ZeroDivisionError()) is ErrorClass.INTERNAL


@pytest.mark.parametrize("kind", [DuckDBQueryError, DuckDBConnectionError, DuckDBResourceError])
def test_the_names_that_older_callers_catch_are_one_family(kind):
    assert issubclass(kind, DuckDBException)


def test_a_mistake_of_the_user_never_feeds_the_breaker():
    of_users = {name for name, kind in KINDS.items() if issubclass(kind, BadInput | NotFound)}
    assert of_users == {"DuckDBQueryError", "QueryRefused", "QueryNotFound"}
    assert {KINDS[name].error_class for name in of_users}.isdisjoint(FEEDS_BREAKER)
