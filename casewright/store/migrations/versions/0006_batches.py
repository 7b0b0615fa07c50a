"""Batches with their cases, journals of runs, and rates that processes share."""

import sqlalchemy as sa
from alembic import op

from casewright.store.columns import Integer, String, Text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _journal()
    _batches()
    _batch_cases()
    _rate_limits()


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("run_id", String(40), nullable=False),
        sa.Column("key", String(100), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "key", name="pk_journal"),
    )


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("batch_id", String(40), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.Column("author", String(200), nullable=False),
        sa.Column("state", String(20), nullable=False),
        sa.Column("why", String(500), nullable=False, server_default=""),
        sa.Column("body", Text, nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name="pk_batches"),
    )


def _batch_cases() -> None:
    op.create_table(
        "batch_cases",
        sa.Column("batch_id", String(40), nullable=False),
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("place", Integer, nullable=False),
        sa.Column("state", String(20), nullable=False),
        sa.Column("owner", String(100), nullable=False, server_default=""),
        sa.Column("lease_until", Integer, nullable=False, server_default="0"),
        sa.Column("not_before", Integer, nullable=False, server_default="0"),
        sa.Column("failures", Integer, nullable=False, server_default="0"),
        sa.Column("deaths", Integer, nullable=False, server_default="0"),
        sa.Column("number", Integer, nullable=False, server_default="0"),
        sa.Column("micros", Integer, nullable=False, server_default="0"),
        sa.Column("body", Text, nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.batch_id"], name="fk_batch_cases_batch_id_batches"
        ),
        sa.PrimaryKeyConstraint("batch_id", "case_id", name="pk_batch_cases"),
    )
    op.create_index(
        "ix_batch_cases_batch_id_state_place", "batch_cases", ["batch_id", "state", "place"]
    )
    op.create_index("ix_batch_cases_batch_id_number", "batch_cases", ["batch_id", "number"])
    op.create_index("ix_batch_cases_owner", "batch_cases", ["owner"])


def _rate_limits() -> None:
    op.create_table(
        "rate_limits",
        sa.Column("name", String(300), nullable=False),
        sa.Column("kind", String(20), nullable=False),
        sa.Column("micros", Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", "kind", name="pk_rate_limits"),
    )


def downgrade() -> None:
    for table in ("rate_limits", "batch_cases", "batches", "journal"):
        op.drop_table(table)
