"""Users and items: the product's tables in PostgreSQL, and their copies in the lake."""

from datetime import datetime

import sqlalchemy as sa

from analytics_pipelines.foundation.tables import Column, Table, Type

ROOM = "product_export"
METADATA = sa.MetaData(schema="product")
FINITE_TIMES = (
    "created_at >= '1970-01-01 00:00:00+00' AND created_at < '9999-01-01 00:00:00+00'"
    " AND updated_at >= '1970-01-01 00:00:00+00' AND updated_at < '9999-01-01 00:00:00+00'"
)


def _moment(name: str) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))


USERS = sa.Table(
    "users",
    METADATA,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("full_name", sa.Text),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    _moment("created_at"),
    _moment("updated_at"),
    sa.UniqueConstraint("email", name="users_email_key"),
    sa.CheckConstraint(FINITE_TIMES, name="users_times_check"),
)

ITEMS = sa.Table(
    "items",
    METADATA,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column(
        "owner_id",
        sa.Integer,
        sa.ForeignKey("product.users.id", ondelete="CASCADE", name="items_owner_id_fkey"),
        nullable=False,
    ),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    _moment("created_at"),
    _moment("updated_at"),
    sa.Index("items_owner_id_created_at_idx", "owner_id", "created_at"),
    sa.CheckConstraint(FINITE_TIMES, name="items_times_check"),
)

PARTITION = "UTC day by whose end the row had been created; rows deleted before the export ran are missing"
EXPORT_DATE = Column(name="export_date", type=Type.DATE, meaning="UTC day whose state was exported")
USER_ID = Column(name="id", type=Type.INT, meaning="The user's number in the product")
ITEM_ID = Column(name="id", type=Type.INT, meaning="The item's number in the product")
OWNER_ID = Column(name="owner_id", type=Type.INT, meaning="The user who owns the item")
IS_ACTIVE = Column(name="is_active", type=Type.BOOL, meaning="Whether the user may use the product")
CREATED_AT = Column(name="created_at", type=Type.TIMESTAMP, meaning="When the row was created")
UPDATED_AT = Column(name="updated_at", type=Type.TIMESTAMP, meaning="When the row was last changed before the export")

RAW_USERS = Table(
    name="raw_app__users",
    room=ROOM,
    grain="one user of the product, as stored when the export ran",
    partition=PARTITION,
    key=("id",),
    columns=(
        EXPORT_DATE,
        USER_ID,
        Column(name="email", type=Type.TEXT, meaning="Address as stored", is_personal=True),
        Column(name="full_name", type=Type.TEXT, meaning="Name as stored", is_nullable=True, is_personal=True),
        IS_ACTIVE,
        CREATED_AT,
        UPDATED_AT,
    ),
)

RAW_ITEMS = Table(
    name="raw_app__items",
    room=ROOM,
    grain="one item of the product, as stored when the export ran",
    partition=PARTITION,
    key=("id",),
    columns=(
        EXPORT_DATE,
        ITEM_ID,
        OWNER_ID,
        Column(name="title", type=Type.TEXT, meaning="Title as stored"),
        Column(name="description", type=Type.TEXT, meaning="Description as stored", is_nullable=True),
        CREATED_AT,
        UPDATED_AT,
    ),
)

CORE_USERS = Table(
    name="core_app__users",
    room=ROOM,
    grain="one user who existed by the end of the day",
    partition=PARTITION,
    key=("id",),
    columns=(
        EXPORT_DATE,
        USER_ID,
        Column(name="email", type=Type.TEXT, meaning="Address, trimmed, in lower case", is_personal=True),
        Column(
            name="full_name",
            type=Type.TEXT,
            meaning="Name, trimmed; null when blank",
            is_nullable=True,
            is_personal=True,
        ),
        IS_ACTIVE,
        CREATED_AT,
        UPDATED_AT,
    ),
    is_native=True,
)

CORE_ITEMS = Table(
    name="core_app__items",
    room=ROOM,
    grain="one item that existed by the end of the day",
    partition=PARTITION,
    key=("id",),
    columns=(
        EXPORT_DATE,
        ITEM_ID,
        OWNER_ID,
        Column(name="has_owner", type=Type.BOOL, meaning="Whether the owner is in core_app__users of the same day"),
        Column(name="title", type=Type.TEXT, meaning="Title, trimmed"),
        Column(name="description", type=Type.TEXT, meaning="Description, trimmed; null when blank", is_nullable=True),
        CREATED_AT,
        UPDATED_AT,
    ),
    is_native=True,
)

TABLES: tuple[Table, ...] = (RAW_USERS, RAW_ITEMS, CORE_USERS, CORE_ITEMS)
