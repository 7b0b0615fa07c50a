"""Alembic entry: migrates the connection that ``casewright.store.schema`` hands in."""

from alembic import context

from casewright.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
