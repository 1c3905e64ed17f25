"""Users are looked up by their address, whatever its case."""

import sqlalchemy as sa
from alembic import op

revision = "product_export_0002"
down_revision = "product_export_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("users_lower_email_idx", "users", [sa.text("lower(email)")], schema="product")


def downgrade() -> None:
    op.drop_index("users_lower_email_idx", "users", schema="product")
