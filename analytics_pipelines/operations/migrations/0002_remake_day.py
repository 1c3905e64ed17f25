"""Which touched days which run request answers, and when one that failed is asked for again."""

import sqlalchemy as sa
from alembic import op

revision = "operations_0002"
down_revision = "operations_0001"
branch_labels = None
depends_on = None

SCHEMA = "operations"


def upgrade() -> None:
    op.create_table(
        "remake_day",
        sa.Column("made_date", sa.Date, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True, comment="received or event, as touched; or the table to make"),
        sa.Column("touch_number", sa.BigInteger, nullable=False, comment="As it was when the day was asked for"),
        sa.Column("request_id", sa.Text, comment="The open request; null while none is open"),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("retry_at", sa.DateTime(timezone=True), comment="Not to be asked for before, after a failure"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("remake_day", schema=SCHEMA)
