"""Service tokens in PostgreSQL; the lake holds nothing of accounts."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from analytics_pipelines.foundation.tables import Table

METADATA = sa.MetaData(schema="accounts")

SERVICE_TOKEN = sa.Table(
    "service_token",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("token_hash", sa.Text, nullable=False, comment="SHA-256 of the token, hexadecimal"),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_used_at", sa.DateTime(timezone=True), comment="To the minute"),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    sa.Column("subject", sa.Text, comment="E-mail of the product's user for whom the token speaks"),
    sa.UniqueConstraint("name", name="service_token_name_key"),
    sa.UniqueConstraint("token_hash", name="service_token_token_hash_key"),
    sa.CheckConstraint("cardinality(scopes) > 0", name="service_token_scopes_check"),
    sa.CheckConstraint("expires_at > created_at", name="service_token_expires_at_check"),
    sa.CheckConstraint(
        "subject IS NOT NULL OR scopes @> ARRAY['admin'] OR NOT scopes @> ARRAY['product:write']",
        name="service_token_subject_check",
    ),
)

TABLES: tuple[Table, ...] = ()
