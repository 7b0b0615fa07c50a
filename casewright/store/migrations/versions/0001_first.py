"""Evidence, graph versions, runs and reviews."""

import sqlalchemy as sa
from alembic import op

from casewright.store.columns import String, Text

revision = "0001"
down_revision = None


LIKE_SQLITE = (
    """CREATE FUNCTION json_valid(text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1 IS JSON $$""",
    # A NUL, which JSON can write, may stand anywhere in it, and PostgreSQL reads over none.
    r"""CREATE FUNCTION json_extract(text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE json_typeof(found) WHEN 'boolean' THEN found::text::boolean::int::text
    ELSE found #>> '{}' END FROM (SELECT replace($1, '\u0000', '\ufffd')::json #> string_to_array(substr($2, 3), '.')) AS at (found) $$""",
    """CREATE FUNCTION julianday(text) RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT extract(epoch FROM $1::timestamptz)::double precision / 86400 + 2440587.5 $$""",
)
"""Functions of SQLite that queries use, as PostgreSQL gets them. All values come as text."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for function in LIKE_SQLITE:
            op.execute(function)
    op.create_table(
        "evidence",
        sa.Column("digest", String(64), nullable=False),
        sa.Column("content", Text, nullable=False),
        sa.Column("retrieved_at", String(32), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_evidence"),
    )
    op.create_table(
        "graph_versions",
        sa.Column("version", String(200), nullable=False),
        sa.Column("sop", String(100), nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("created_at", String(32), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_graph_versions"),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", String(40), nullable=False),
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("sop", String(100), nullable=False),
        sa.Column("status", String(20), nullable=False),
        sa.Column("started_at", String(32), nullable=False),
        sa.Column("updated_at", String(32), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_index("ix_runs_case_id_started_at", "runs", ["case_id", "started_at"])
    op.create_index("ix_runs_status_started_at", "runs", ["status", "started_at"])
    op.create_table(
        "run_evidence",
        sa.Column("run_id", String(40), nullable=False),
        sa.Column("action", String(100), nullable=False),
        sa.Column("digest", String(64), nullable=False),
        sa.Column("retrieved_at", String(32), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "action", "digest", name="pk_run_evidence"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_run_evidence_run_id_runs"),
        sa.ForeignKeyConstraint(
            ["digest"], ["evidence.digest"], name="fk_run_evidence_digest_evidence"
        ),
    )
    op.create_table(
        "reviews",
        sa.Column("run_id", String(40), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.Column("act", String(20), nullable=False),
        sa.Column("reviewer", String(200), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "at", name="pk_reviews"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_reviews_run_id_runs"),
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for function in ("json_valid(text)", "json_extract(text, text)", "julianday(text)"):
            op.execute(f"DROP FUNCTION {function} CASCADE")
    for table in ("reviews", "run_evidence", "runs", "graph_versions", "evidence"):
        op.drop_table(table)
