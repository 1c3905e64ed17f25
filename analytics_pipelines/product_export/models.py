"""The product's own rows in PostgreSQL: users, and the items that they own."""

from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

METADATA = sa.MetaData(schema="product")
MOST_NUMBER = 2**31 - 1
"""The highest id that a row can have."""
FINITE_TIMES = (
    "created_at >= '1970-01-01 00:00:00+00' AND created_at < '9999-01-01 00:00:00+00'"
    " AND updated_at >= '1970-01-01 00:00:00+00' AND updated_at < '9999-01-01 00:00:00+00'"
)
NOW = sa.text("now()")
MOMENT = sa.DateTime(timezone=True)


class Row(DeclarativeBase):
    """A row of the schema `product`."""

    metadata = METADATA
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - SQLAlchemy declares it so


class User(Row):
    """Somebody who uses the product; data like any other, nobody logs in with it."""

    __tablename__ = "users"
    __table_args__ = (
        sa.UniqueConstraint("email", name="users_email_key"),
        sa.CheckConstraint(FINITE_TIMES, name="users_times_check"),
        sa.Index("users_lower_email_idx", sa.text("lower(email)")),
    )

    id: Mapped[int] = mapped_column(sa.Integer, sa.Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(sa.Text)
    full_name: Mapped[str | None] = mapped_column(sa.Text)
    is_active: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.true())
    created_at: Mapped[datetime] = mapped_column(MOMENT, server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(MOMENT, server_default=NOW, onupdate=sa.func.clock_timestamp())


class Item(Row):
    """Something that belongs to a user, and goes with them."""

    __tablename__ = "items"
    __table_args__ = (
        sa.Index("items_owner_id_created_at_idx", "owner_id", "created_at"),
        sa.CheckConstraint(FINITE_TIMES, name="items_times_check"),
    )

    id: Mapped[int] = mapped_column(sa.Integer, sa.Identity(), primary_key=True)
    owner_id: Mapped[int] = mapped_column(
        sa.ForeignKey("product.users.id", ondelete="CASCADE", name="items_owner_id_fkey")
    )
    title: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(MOMENT, server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(MOMENT, server_default=NOW, onupdate=sa.func.clock_timestamp())


USERS = cast("sa.Table", User.__table__)
ITEMS = cast("sa.Table", Item.__table__)
