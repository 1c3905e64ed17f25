"""For whom a transaction acts is said in it, and forgotten with it."""

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.acting import DUTY, USER, Duty, acting_for, on_duty

SAID = sa.select(sa.func.current_setting(USER, True), sa.func.current_setting(DUTY, True))


def said(connection) -> tuple[str, str]:
    user, duty = connection.execute(SAID).one()
    return user or "", duty or ""


def test_a_transaction_acts_for_one_user_or_is_on_duty(database):
    with database.reading() as connection:
        acting_for(connection, "ada")
        assert said(connection) == ("ada", "")
        on_duty(connection, Duty.SWEEP)
        assert said(connection) == ("", "sweep")


def test_the_next_transaction_of_the_same_connection_acts_for_nobody(database):
    with database.engine.connect() as connection:
        acting_for(connection, "ada")
        connection.commit()
        assert said(connection) == ("", "")
