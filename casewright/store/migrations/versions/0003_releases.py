"""What may run: releases, calibrations, second looks and shadow runs."""

import sqlalchemy as sa
from alembic import op

from casewright.store.columns import Integer, String, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("entry", Integer, nullable=False),
        sa.Column("sop", String(100), nullable=False),
        sa.Column("version", String(200), nullable=False),
        sa.Column("kind", String(20), nullable=False),
        sa.Column("author", String(200), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_releases"),
    )
    op.create_index("ix_releases_sop", "releases", ["sop"])
    op.create_table(
        "calibrations",
        sa.Column("entry", Integer, nullable=False),
        sa.Column("version", String(200), nullable=False),
        sa.Column("kind", String(20), nullable=False),
        sa.Column("author", String(200), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_calibrations"),
    )
    op.create_index("ix_calibrations_version", "calibrations", ["version"])
    op.create_table(
        "second_looks",
        sa.Column("run_id", String(40), nullable=False),
        sa.Column("reviewer", String(200), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_second_looks_run_id_runs"),
        sa.PrimaryKeyConstraint("run_id", "reviewer", name="pk_second_looks"),
    )
    op.create_table(
        "shadow_runs",
        sa.Column("run_id", String(40), nullable=False),
        sa.Column("version", String(200), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_shadow_runs_run_id_runs"),
        sa.PrimaryKeyConstraint("run_id", "version", name="pk_shadow_runs"),
    )


def downgrade() -> None:
    op.drop_table("shadow_runs")
    op.drop_table("second_looks")
    op.drop_table("calibrations")
    op.drop_table("releases")
