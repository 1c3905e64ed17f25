"""One transaction, and what its refusals mean."""

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.failures import TextNotStorable
from analytics_pipelines.product_export.keeping.changing import EmailTaken, UnknownOwner, changing, looking
from analytics_pipelines.product_export.models import Item, User


def emails(database):
    with looking(database) as session:
        return list(session.scalars(sa.select(User.email).order_by(User.id)))


def test_what_is_added_is_kept_at_the_end(database):
    with changing(database) as session:
        session.add(User(email="ada@example.com"))
    assert emails(database) == ["ada@example.com"]


def fail_after_adding(database, row, error=None):
    with changing(database) as session:
        session.add_all([User(email="bob@example.com"), row])
        session.flush()
        if error:
            raise error


@pytest.mark.parametrize(
    ("row", "error", "expected"),
    [
        pytest.param(lambda: User(email="ada@example.com"), None, EmailTaken, id="an address twice"),
        pytest.param(lambda: Item(owner_id=9_999, title="lamp"), None, UnknownOwner, id="an owner who is not there"),
        pytest.param(lambda: User(email="a\x00@example.com"), None, TextNotStorable, id="a NUL"),
        pytest.param(lambda: User(email="eve@example.com"), KeyError("ours"), KeyError, id="an error of the caller's"),
        pytest.param(lambda: User(email=None), None, sa.exc.IntegrityError, id="a mistake of ours"),
    ],
)
def test_a_refusal_has_a_name_and_changes_nothing(database, row, error, expected):
    with changing(database) as session:
        session.add(User(email="ada@example.com"))
    with pytest.raises(expected):
        fail_after_adding(database, row(), error)
    assert emails(database) == ["ada@example.com"]


def test_who_only_looks_can_not_write(database):
    with pytest.raises(sa.exc.InternalError, match="read-only"), looking(database) as session:
        session.execute(sa.insert(User), [{"email": "ada@example.com"}])
