"""Notes of experts: entries that are only ever added."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("note_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_notes"),
    )
    op.create_index("ix_notes_note_id", "notes", ["note_id"])


def downgrade() -> None:
    op.drop_table("notes")
