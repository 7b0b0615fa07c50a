"""Evidence, graph versions, runs and reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("retrieved_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_evidence"),
    )
    op.create_table(
        "graph_versions",
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("sop", sa.String(100), nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_graph_versions"),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.String(200), nullable=False),
        sa.Column("sop", sa.String(100), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_index("ix_runs_case_id_started_at", "runs", ["case_id", "started_at"])
    op.create_index("ix_runs_status_started_at", "runs", ["status", "started_at"])
    op.create_table(
        "run_evidence",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("retrieved_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "action", "digest", name="pk_run_evidence"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_run_evidence_run_id_runs"),
        sa.ForeignKeyConstraint(
            ["digest"], ["evidence.digest"], name="fk_run_evidence_digest_evidence"
        ),
    )
    op.create_table(
        "reviews",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "at", name="pk_reviews"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_reviews_run_id_runs"),
    )


def downgrade() -> None:
    for table in ("reviews", "run_evidence", "runs", "graph_versions", "evidence"):
        op.drop_table(table)
