"""The rows that the models describe are those that the migrations make."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics_pipelines.product_export.models import Item, User

LONG_AGO = datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_new_row_has_its_number_and_its_moments_from_the_database(database):
    with database.writing() as connection, Session(connection) as session:
        user = User(email="ada@example.com")
        session.add(user)
        session.flush()
        session.refresh(user)
        assert (user.full_name, user.is_active) == (None, True)
        assert user.id > 0
        assert user.created_at == user.updated_at


def test_items_go_with_their_owner(database):
    with database.writing() as connection, Session(connection) as session:
        user = User(email="ada@example.com")
        session.add(user)
        session.flush()
        session.add(Item(owner_id=user.id, title="lamp"))
        session.flush()
        session.delete(user)
        session.flush()
        assert session.scalar(sa.select(sa.func.count()).select_from(Item)) == 0


@pytest.mark.parametrize("model", [User, Item])
def test_a_time_that_no_reader_can_hold_is_refused(database, model):
    with database.writing() as connection:
        connection.execute(sa.insert(User), {"email": "ada@example.com", "id": 1})
        given = {"email": "bob@example.com"} if model is User else {"owner_id": 1, "title": "lamp"}
        with pytest.raises(sa.exc.IntegrityError, match="_times_check"):
            connection.execute(sa.insert(model), given | {"created_at": LONG_AGO})
