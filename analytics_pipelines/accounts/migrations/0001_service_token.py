"""Service tokens, kept as hashes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "accounts_0001"
down_revision = None
branch_labels = ("accounts",)
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS accounts")
    op.create_table(
        "service_token",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False, comment="SHA-256 of the token, hexadecimal"),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), comment="To the minute"),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("name", name="service_token_name_key"),
        sa.UniqueConstraint("token_hash", name="service_token_token_hash_key"),
        sa.CheckConstraint("cardinality(scopes) > 0", name="service_token_scopes_check"),
        sa.CheckConstraint("expires_at > created_at", name="service_token_expires_at_check"),
        schema="accounts",
    )


def downgrade() -> None:
    op.drop_table("service_token", schema="accounts")
