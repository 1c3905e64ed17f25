"""What Alembic runs: the connection and the list to report to are handed in; logging is left alone."""

from alembic import context

given = context.config.attributes

context.configure(
    connection=given["connection"],
    version_table="applied",
    version_table_schema=given["schema"],
    on_version_apply=lambda *, step, **_: given["applied"].extend(step.up_revision_ids),
)
with context.begin_transaction():
    context.run_migrations()
