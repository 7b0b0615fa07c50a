from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from casewright.errors import SchemaStale
from casewright.settings import Settings
from casewright.store import postgres, schema
from casewright.store.tables import metadata


@pytest.fixture
def engine(bare: Settings) -> Iterator[Engine]:
    url = bare.store_url.get_secret_value()
    file = f"sqlite:///{bare.home / 'store.sqlite'}"
    engine = create_engine(postgres.address(url) if url else file)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(schema.MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = compare_metadata(context, metadata)
    return [one for one in found if not (isinstance(one, list) and one[0][0] == "modify_comment")]


def changes(connection: Connection) -> object:
    server = connection.dialect.name == "postgresql"  # there: the transaction, once it writes
    count = "pg_current_xact_id_if_assigned()::text" if server else "total_changes()"
    return connection.execute(text(f"SELECT {count}")).scalar()


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


def test_text_and_numbers_are_as_wide_and_ordered_as_in_sqlite(connection: Connection) -> None:
    schema.upgrade(connection)
    if connection.dialect.name == "sqlite":
        return
    columns = connection.execute(
        text(
            "SELECT table_name, column_name, data_type, collation_name"
            " FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name != 'alembic_version'"
        )
    ).all()
    assert {row.data_type for row in columns} == {"bigint", "character varying", "json"}
    texts = [row for row in columns if row.data_type == "character varying"]
    assert {row.collation_name for row in texts} == {"C"}, "use the types of store/columns.py"


def test_a_migration_that_fails_leaves_nothing_behind(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE reviews (of_another INTEGER)"))
    with pytest.raises(Exception, match="already exists"), engine.begin() as connection:
        schema.require_head(connection)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == ["reviews"]
