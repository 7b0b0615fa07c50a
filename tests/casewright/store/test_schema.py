from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from casewright.errors import SchemaStale
from casewright.store import schema
from casewright.store.tables import metadata


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(schema.MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def changes(connection: Connection) -> object:
    return connection.execute(text("SELECT total_changes()")).scalar()


def pin(connection: Connection, revision: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    connection.commit()


def test_the_newest_revision_is_alembics_only_head() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [schema.HEAD]


def test_an_empty_database_has_no_revision(connection: Connection) -> None:
    assert schema.revision(connection) is None


def test_an_empty_database_is_brought_to_the_newest(connection: Connection) -> None:
    schema.require_head(connection)
    assert schema.revision(connection) == schema.HEAD


def test_a_database_at_the_newest_is_left_alone(connection: Connection) -> None:
    schema.require_head(connection)
    connection.commit()
    before = changes(connection)
    schema.require_head(connection)
    assert changes(connection) == before


def test_the_migrations_make_the_tables_that_the_code_uses(connection: Connection) -> None:
    schema.upgrade(connection)
    assert differences(connection) == []


def test_a_difference_would_be_found(connection: Connection) -> None:
    schema.upgrade(connection)
    connection.execute(text("ALTER TABLE runs ADD COLUMN forgotten TEXT"))
    assert differences(connection)


def test_going_down_and_up_again_gives_the_same_tables(connection: Connection) -> None:
    schema.upgrade(connection)
    connection.commit()
    command.downgrade(config(connection), "base")
    assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    connection.commit()
    schema.upgrade(connection)
    assert differences(connection) == []
    assert schema.revision(connection) == schema.HEAD


@pytest.mark.parametrize("revision", ["0000", "9999"])
def test_another_revision_is_refused(connection: Connection, revision: str) -> None:
    schema.upgrade(connection)
    connection.commit()
    pin(connection, revision)
    with pytest.raises(SchemaStale, match=f"{revision}.*needs {schema.HEAD}") as caught:
        schema.require_head(connection)
    assert "doctor --upgrade" in caught.value.remedy


def test_a_newer_revision_cannot_be_upgraded(connection: Connection) -> None:
    schema.upgrade(connection)
    connection.commit()
    pin(connection, "9999")
    with pytest.raises(SchemaStale, match="cannot be upgraded"):
        schema.upgrade(connection)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE reviews (of_another INTEGER)"))
    with pytest.raises(Exception, match="already exists"), engine.begin() as connection:
        schema.require_head(connection)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == ["reviews"]
    engine.dispose()
