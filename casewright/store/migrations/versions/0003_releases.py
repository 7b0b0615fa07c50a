"""What may run: releases, calibrations, second looks and shadow runs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("sop", sa.String(100), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_releases"),
    )
    op.create_index("ix_releases_sop", "releases", ["sop"])
    op.create_table(
        "calibrations",
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_calibrations"),
    )
    op.create_index("ix_calibrations_version", "calibrations", ["version"])
    op.create_table(
        "second_looks",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_second_looks_run_id_runs"),
        sa.PrimaryKeyConstraint("run_id", "reviewer", name="pk_second_looks"),
    )
    op.create_table(
        "shadow_runs",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_shadow_runs_run_id_runs"),
        sa.PrimaryKeyConstraint("run_id", "version", name="pk_shadow_runs"),
    )


def downgrade() -> None:
    op.drop_table("shadow_runs")
    op.drop_table("second_looks")
    op.drop_table("calibrations")
    op.drop_table("releases")
