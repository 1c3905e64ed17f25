"""Users, revoked access tokens and service tokens in PostgreSQL; the lake holds nothing of accounts.

Row-level security stands in front of users and revoked tokens, for the tables' owner too; migrations declare it.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from analytics_pipelines.foundation.tables import Table

METADATA = sa.MetaData(schema="accounts")

USERS = sa.Table(
    "users",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("email", sa.Text, nullable=False, comment="In the one form that e-mail addresses are kept in"),
    sa.Column("username", sa.Text, nullable=False, comment="As its owner writes it; unique in any case"),
    # Behind policies only conditions without functions use an index, so that one on lower(username) would be idle.
    sa.Column("lower_username", sa.Text, sa.Computed("lower(username)", persisted=True), nullable=False),
    sa.Column("hashed_password", sa.Text, nullable=False, comment="Argon2id, or bcrypt until the next log-in"),
    sa.Column("full_name", sa.Text),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("token_version", sa.Integer, nullable=False, comment="Access tokens of an older one are worthless"),
    sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_login_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("email", name="users_email_key"),
    sa.UniqueConstraint("lower_username", name="users_lower_username_key"),
    sa.CheckConstraint("role IN ('viewer', 'analyst', 'admin')", name="users_role_check"),
)

REVOKED_TOKENS = sa.Table(
    "revoked_tokens",
    METADATA,
    sa.Column("jti", sa.Text, primary_key=True, comment="Id of an access token that was logged out"),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="From then on nobody needs the row"),
    sa.ForeignKeyConstraint(["user_id"], [USERS.c.id], name="revoked_tokens_user_id_fkey", ondelete="CASCADE"),
    sa.Index("revoked_tokens_user_id_idx", "user_id"),
    sa.Index("revoked_tokens_expires_at_idx", "expires_at"),
)

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
    sa.Column("user_id", sa.Text, comment="Account that the token acts for, where it has one"),
    sa.ForeignKeyConstraint(["user_id"], [USERS.c.id], name="service_token_user_id_fkey", ondelete="CASCADE"),
    sa.UniqueConstraint("name", name="service_token_name_key"),
    sa.UniqueConstraint("token_hash", name="service_token_token_hash_key"),
    sa.CheckConstraint("cardinality(scopes) > 0", name="service_token_scopes_check"),
    sa.CheckConstraint("expires_at > created_at", name="service_token_expires_at_check"),
    sa.CheckConstraint(
        "subject IS NOT NULL OR scopes @> ARRAY['admin'] OR NOT scopes @> ARRAY['product:write']",
        name="service_token_subject_check",
    ),
    sa.Index("service_token_user_id_idx", "user_id"),
)

TABLES: tuple[Table, ...] = ()
