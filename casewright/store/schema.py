"""Which schema a database has, and how it gets the newest one.

Alembic takes two thirds of a second to import, so it is loaded only when there is something to
migrate.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from casewright.errors import SchemaStale
from casewright.store.dialect import WRITING
from casewright.store.tables import HEAD as HEAD

MIGRATIONS = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """The schema revision of the database, or None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def require_head(connection: Connection) -> None:
    """Create the schema in an empty database; refuse any revision but the newest.

    Raises:
        SchemaStale: the database was written by an older or a newer casewright.
    """
    present = revision(connection)
    if present is None:
        upgrade(connection)
        present = revision(connection)
    if present != HEAD:
        raise SchemaStale(
            f"The store has schema {present}, this version needs {HEAD}.",
            remedy="Run `casewright doctor --upgrade` (or install the newer casewright).",
        )


def upgrade(connection: Connection) -> None:
    """Run all migrations that the database lacks, all or none of them.

    Raises:
        SchemaStale: the database is newer than this version knows.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    # Two processes may open an empty store at once: the second waits here and finds it done.
    connection.exec_driver_sql(WRITING[connection.dialect.name])
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise SchemaStale(
            f"The store's schema cannot be upgraded: {error}.",
            remedy="It was written by a newer casewright: install that one.",
        ) from error
