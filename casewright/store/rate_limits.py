"""The table of what all processes may do together in a minute."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, String, Table

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("name", String(500), primary_key=True, comment="what is bounded, and whose it is"),
    Column("free_at", BigInteger, nullable=False, comment="microseconds since 1970, UTC"),
)
"""One row for each bound: its theoretical arrival time."""
