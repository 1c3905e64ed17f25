"""PostgreSQL to raw, compared with a plain client's reading of the same tables."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.errors import CheckFailed, Unavailable
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.product_export.extract import UnsuitableSource, export_items, export_users
from analytics_pipelines.product_export.seed import seed
from analytics_pipelines.product_export.tables import ITEMS, RAW_ITEMS, RAW_USERS, USERS

DAY = date(2026, 3, 1)
TODAY = date(2026, 3, 20)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.fixture
def source(database_urls):
    return conninfo(database_urls.source)


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def server_zone(request, database_urls):
    alter = psycopg.sql.SQL("ALTER DATABASE {} SET TimeZone TO {}")
    with psycopg.connect(conninfo(database_urls.owner), autocommit=True) as connection:
        connection.execute(alter.format(psycopg.sql.Identifier(connection.info.dbname), request.param))


def add_user(database, email="ada@example.com", **more):
    values = {"email": email, "created_at": NOON, "updated_at": NOON} | more
    with database.writing() as connection:
        return connection.execute(sa.insert(USERS).values(values).returning(USERS.c.id)).scalar_one()


def add_item(database, owner, title="A thing", **more):
    values = {"owner_id": owner, "title": title, "created_at": NOON, "updated_at": NOON} | more
    with database.writing() as connection:
        connection.execute(sa.insert(ITEMS).values(values))


def export(lake, source, table, day=DAY):
    verb = {RAW_USERS: export_users, RAW_ITEMS: export_items}[table]
    return lake.replace(table, day, verb(source, day, TODAY))


def exported(lake, source, table, day=DAY):
    export(lake, source, table, day)
    return lake.lazy(table, [day]).collect().rows(named=True)


def plainly_read(source, query):
    with psycopg.connect(source) as connection, connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(query).fetchall()


def test_the_lake_holds_exactly_what_a_plain_client_reads(database, source, lake):
    seed(database, today=DAY, users=40, items=200)
    for table, query in [
        (RAW_USERS, "SELECT id, email, full_name, is_active, created_at, updated_at FROM product.users ORDER BY id"),
        (RAW_ITEMS, "SELECT id, owner_id, title, description, created_at, updated_at FROM product.items ORDER BY id"),
    ]:
        expected = [{"export_date": DAY} | row for row in plainly_read(source, query)]
        assert exported(lake, source, table) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("  blanks \t\r\n around ", id="white space"),
        pytest.param('O\'Brien "the" \\ \\N $1 $day ? %s {x}; DROP TABLE product.users; --', id="quotes and markers"),
        pytest.param("Zoë 日本語 🗼 \u202eabc\u200b e\u0301 \ufeff", id="unicode"),
        pytest.param("\x01\x08\x1f\x7f\u0085\u2028", id="control characters"),
        pytest.param("\U0010ffff\uffff\ue000", id="last and private characters"),
        pytest.param("x" * 1_000_000, id="a million characters"),
        pytest.param("NULL", id="the word NULL"),
    ],
)
def test_any_text_that_the_source_can_hold_arrives_unchanged(database, source, lake, text):
    owner = add_user(database, full_name=text)
    add_item(database, owner, title=text, description=text)
    (user,), (item,) = exported(lake, source, RAW_USERS), exported(lake, source, RAW_ITEMS)
    assert (user["full_name"], item["title"], item["description"]) == (text, text, text)


def test_null_stays_apart_from_empty(database, source, lake):
    owner = add_user(database, full_name=None)
    add_item(database, owner, description=None)
    add_item(database, owner, description="")
    assert exported(lake, source, RAW_USERS)[0]["full_name"] is None
    assert [item["description"] for item in exported(lake, source, RAW_ITEMS)] == [None, ""]


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), id="the first moment allowed"),
        pytest.param(datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), id="a microsecond before a century"),
        pytest.param(datetime(2024, 2, 29, 12, 0, 0, 1, tzinfo=UTC), id="a leap day and one microsecond"),
        pytest.param(NOON - TICK, id="a microsecond before noon"),
    ],
)
def test_moments_keep_their_microseconds(database, source, lake, moment):
    add_user(database, created_at=moment, updated_at=moment)
    (user,) = exported(lake, source, RAW_USERS)
    assert (user["created_at"], user["updated_at"]) == (moment, moment)


@pytest.mark.parametrize(
    ("created_at", "is_in"),
    [
        pytest.param(MIDNIGHT - TICK, True, id="the last microsecond of the day"),
        pytest.param(MIDNIGHT, False, id="midnight is the next day"),
        pytest.param(datetime.fromisoformat("2026-03-02T13:59:59+14:00"), True, id="tomorrow in Kiritimati"),
        pytest.param(datetime.fromisoformat("2026-03-01T23:30:00-01:00"), False, id="still today in the Azores"),
    ],
)
@pytest.mark.usefixtures("server_zone")
def test_a_day_ends_at_midnight_in_utc_whatever_the_zone_of_the_server(database, source, lake, created_at, is_in):
    user = add_user(database, created_at=created_at)
    add_item(database, user, created_at=created_at)
    assert len(exported(lake, source, RAW_USERS)) == len(exported(lake, source, RAW_ITEMS)) == int(is_in)


def test_a_past_day_holds_those_who_existed_by_its_end_and_still_exist(database, source, lake):
    for number in range(3):
        add_user(database, str(number) + "@example.com", created_at=NOON + timedelta(days=number))
    with database.writing() as connection:
        connection.execute(sa.delete(USERS).where(USERS.c.email == "0@example.com"))
    days = [DAY + timedelta(days=number) for number in range(4)]
    found = [[user["email"][0] for user in exported(lake, source, RAW_USERS, day)] for day in days]
    assert found == [[], ["1"], ["1", "2"], ["1", "2"]]


def test_a_day_that_has_not_begun_is_left_alone():
    assert export_users("nowhere", DAY, DAY - timedelta(days=1)) is None
    assert export_items("nowhere", DAY, DAY - timedelta(days=1)) is None
    assert export_users("nowhere", DAY, DAY) is not None


def test_an_export_of_the_same_state_gives_the_same_bytes_in_any_order_of_days(database, source, lake):
    seed(database, today=DAY, users=30, items=100)
    days = [DAY - timedelta(days=number) for number in range(5)]
    forwards = [export(lake, source, RAW_ITEMS, day) for day in days]
    with database.writing() as connection:
        connection.execute(sa.update(ITEMS).values(title=ITEMS.c.title))
    backwards = [export(lake, source, RAW_ITEMS, day) for day in reversed(days)]
    assert forwards == backwards[::-1]


def test_the_rows_are_counted_in_the_snapshot_that_they_are_read_in(database, source, lake):
    add_user(database)
    select = export_users(source, DAY, TODAY)
    with lake.duck.cursor() as cursor:
        select.mount(cursor)
        cursor.execute("BEGIN TRANSACTION")
        before = cursor.execute(select.sql.text).fetchall()
        add_user(database, "late@example.com")
        (counted,) = cursor.execute(select.expected_rows.text).fetchone()
        cursor.execute("ROLLBACK")
    assert len(before) == counted == 1


def test_a_source_without_the_key_is_refused_and_nothing_published(owner_database, database, source, lake):
    with owner_database.writing() as connection:
        connection.execute(sa.text("ALTER TABLE product.items DROP CONSTRAINT items_pkey"))
    owner = add_user(database)
    for _ in range(2):
        add_item(database, owner, id=7)
    with pytest.raises(CheckFailed, match="key_is_unique"):
        export(lake, source, RAW_ITEMS)
    assert lake.days(RAW_ITEMS) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param("DROP TABLE product.items", "relation .* does not exist", id="no table"),
        pytest.param("DROP SCHEMA product CASCADE", "relation .* does not exist", id="no schema"),
        pytest.param("ALTER TABLE product.items DROP COLUMN title", "column .* does not exist", id="no column"),
        pytest.param("REVOKE ALL ON product.items FROM PUBLIC, {}", "permission denied", id="no right"),
    ],
)
def test_another_source_is_refused_with_its_reason_and_without_secrets(owner_database, source, lake, change, told):
    role = psycopg.conninfo.conninfo_to_dict(source)
    with owner_database.writing() as connection:
        connection.exec_driver_sql(change.format(role["user"]))
    with pytest.raises(UnsuitableSource, match=told) as raised:
        export(lake, source, RAW_ITEMS)
    assert "SOURCE_DATABASE_URL" in raised.value.remedy
    assert str(role["password"]) not in str(raised.value)
    assert lake.days(RAW_ITEMS) == []


def test_a_source_that_is_away_is_said_to_be_away(lake):
    with pytest.raises(Unavailable) as raised:
        export(lake, "host=/nowhere password=secret", RAW_USERS)
    assert "secret" not in str(raised.value)
