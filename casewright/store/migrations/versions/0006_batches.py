"""Batches with their cases, journals of runs, and rates that processes share."""

import sqlalchemy as sa
from alembic import op

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
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "key", name="pk_journal"),
    )


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("batch_id", sa.String(40), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("why", sa.String(500), nullable=False, server_default=""),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name="pk_batches"),
    )


def _batch_cases() -> None:
    op.create_table(
        "batch_cases",
        sa.Column("batch_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.String(200), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False, server_default=""),
        sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("not_before", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("deaths", sa.Integer, nullable=False, server_default="0"),
        sa.Column("number", sa.Integer, nullable=False, server_default="0"),
        sa.Column("micros", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("body", sa.Text, nullable=False, server_default=""),
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
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("micros", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", "kind", name="pk_rate_limits"),
    )


def downgrade() -> None:
    for table in ("rate_limits", "batch_cases", "batches", "journal"):
        op.drop_table(table)
