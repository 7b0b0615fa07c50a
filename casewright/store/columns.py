"""The types of columns, which hold the same on SQLite and on PostgreSQL.

SQLite compares text byte by byte, counts to 64 bits, does not look at a column's length and takes
any character. PostgreSQL does so where it is told: collation ``C``, ``BIGINT``, no length. The one
character that it never takes is NUL, which a party may write into what becomes an id: there it
stands as U+FFFD. JSON escapes it, so records and evidence hold it as it came.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Dialect, types
from sqlalchemy.types import TypeDecorator, TypeEngine

NUL: Final = "\x00"
UNWRITABLE: Final = "\ufffd"


class String(TypeDecorator[str]):
    """Text that is ordered byte by byte, of a length that is told and not enforced.

    Args:
        length: About how many characters there are at most; None: it may be long.
    """

    impl = types.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(types.String(collation="C"))
        return super().load_dialect_impl(dialect)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """A value as the database takes it."""
        if value and NUL in value and dialect.name == "postgresql":
            return value.replace(NUL, UNWRITABLE)
        return value


class Text(String):
    """Text without a bound."""

    impl = types.Text
    cache_ok = True


Integer: Final = BigInteger().with_variant(types.Integer(), "sqlite")
"""A whole number of 64 bits."""
