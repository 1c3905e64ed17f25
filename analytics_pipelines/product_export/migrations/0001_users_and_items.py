"""Users and items of the product."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "product_export_0001"
down_revision = None
branch_labels = ("product_export",)
depends_on = None

FINITE_TIMES = (
    "created_at >= '1970-01-01 00:00:00+00' AND created_at < '9999-01-01 00:00:00+00'"
    " AND updated_at >= '1970-01-01 00:00:00+00' AND updated_at < '9999-01-01 00:00:00+00'"
)


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS product")
    _users()
    _items()


def downgrade() -> None:
    op.drop_table("items", schema="product")
    op.drop_table("users", schema="product")


def _moment(name: str) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("full_name", sa.Text),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("email", name="users_email_key"),
        sa.CheckConstraint(FINITE_TIMES, name="users_times_check"),
        schema="product",
    )


def _items() -> None:
    owner = sa.ForeignKey("product.users.id", ondelete="CASCADE", name="items_owner_id_fkey")
    op.create_table(
        "items",
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("owner_id", sa.Integer, owner, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        _moment("created_at"),
        _moment("updated_at"),
        sa.CheckConstraint(FINITE_TIMES, name="items_times_check"),
        schema="product",
    )
    op.create_index("items_owner_id_created_at_idx", "items", ["owner_id", "created_at"], schema="product")
