"""For whom a token speaks: a user of the product, named by e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "accounts_0002"
down_revision = "accounts_0001"
branch_labels = None
depends_on = None

SUBJECT = "subject IS NOT NULL OR scopes @> ARRAY['admin'] OR NOT scopes @> ARRAY['product:write']"


def upgrade() -> None:
    comment = "E-mail of the product's user for whom the token speaks"
    op.add_column("service_token", sa.Column("subject", sa.Text, comment=comment), schema="accounts")
    op.create_check_constraint("service_token_subject_check", "service_token", SUBJECT, schema="accounts")


def downgrade() -> None:
    op.drop_constraint("service_token_subject_check", "service_token", schema="accounts")
    op.drop_column("service_token", "subject", schema="accounts")
