"""Notes of experts: entries that are only ever added."""

import sqlalchemy as sa
from alembic import op

from casewright.store.columns import Integer, String, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("entry", Integer, nullable=False),
        sa.Column("note_id", String(40), nullable=False),
        sa.Column("kind", String(20), nullable=False),
        sa.Column("author", String(200), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_notes"),
    )
    op.create_index("ix_notes_note_id", "notes", ["note_id"])


def downgrade() -> None:
    op.drop_table("notes")
