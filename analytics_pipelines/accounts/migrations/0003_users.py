"""Users, the access tokens that they revoked, and service tokens that act for them."""

import sqlalchemy as sa
from alembic import op

revision = "accounts_0003"
down_revision = "accounts_0002"
branch_labels = None
depends_on = None

SCHEMA = "accounts"
# FORCE holds for the owner too: where one role does everything, the policies still stand. Checks and cascades of
# foreign keys pass by them, as PostgreSQL sees to itself.
GUARDS = (
    "ALTER TABLE accounts.users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "ALTER TABLE accounts.revoked_tokens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
)
POLICIES = (
    "CREATE POLICY own_row ON accounts.users USING (id = current_setting('analytics.user_id', true))",
    """
CREATE POLICY sign_in_finds ON accounts.users FOR SELECT
    USING (current_setting('analytics.duty', true) = 'sign-in')
""",
    # Nobody who registers becomes an admin, whatever the code above says.
    """
CREATE POLICY sign_in_registers ON accounts.users FOR INSERT
    WITH CHECK (current_setting('analytics.duty', true) = 'sign-in' AND role <> 'admin')
""",
    "CREATE POLICY managed ON accounts.users USING (current_setting('analytics.duty', true) = 'manage-users')",
    "CREATE POLICY own_rows ON accounts.revoked_tokens USING (user_id = current_setting('analytics.user_id', true))",
    """
CREATE POLICY swept_are_seen ON accounts.revoked_tokens FOR SELECT
    USING (current_setting('analytics.duty', true) = 'sweep')
""",
    # A sweep can not make a token good again that has still to run.
    """
CREATE POLICY swept ON accounts.revoked_tokens FOR DELETE
    USING (current_setting('analytics.duty', true) = 'sweep' AND expires_at < now())
""",
)


def upgrade() -> None:
    _users()
    _revoked_tokens()
    _service_tokens()
    for statement in (*GUARDS, *POLICIES):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("service_token", "user_id", schema=SCHEMA)
    op.drop_table("revoked_tokens", schema=SCHEMA)
    op.drop_table("users", schema=SCHEMA)


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("email", sa.Text, nullable=False, comment="In the one form that e-mail addresses are kept in"),
        sa.Column("username", sa.Text, nullable=False, comment="As its owner writes it; unique in any case"),
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
        schema=SCHEMA,
    )


def _revoked_tokens() -> None:
    ended = "From then on nobody needs the row"
    op.create_table(
        "revoked_tokens",
        sa.Column("jti", sa.Text, primary_key=True, comment="Id of an access token that was logged out"),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment=ended),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.users.id"], name="revoked_tokens_user_id_fkey", ondelete="CASCADE"
        ),
        schema=SCHEMA,
    )
    for column in ("user_id", "expires_at"):
        op.create_index("revoked_tokens_" + column + "_idx", "revoked_tokens", [column], schema=SCHEMA)


def _service_tokens() -> None:
    comment = "Account that the token acts for, where it has one"
    op.add_column("service_token", sa.Column("user_id", sa.Text, comment=comment), schema=SCHEMA)
    op.create_foreign_key(
        "service_token_user_id_fkey",
        "service_token",
        "users",
        ["user_id"],
        ["id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
        ondelete="CASCADE",
    )
    op.create_index("service_token_user_id_idx", "service_token", ["user_id"], schema=SCHEMA)
