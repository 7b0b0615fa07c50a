"""The queue of what waits, and whom and what runs are about; both filled from what is there."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _queue()
    _subjects()
    _fill(op.get_bind())
    _drawn()
    _first_reads()
    _seeded_checks()


def _queue() -> None:
    op.create_table(
        "queue",
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.run_id", name="fk_queue_run_id_runs"), nullable=False),
        sa.Column("case_id", sa.String(200), nullable=False),
        sa.Column("case_type", sa.String(100), nullable=False),
        sa.Column("sop", sa.String(100), nullable=False),
        sa.Column("graph_version", sa.String(200), nullable=False),
        sa.Column("region", sa.String(20), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("route", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(100), nullable=False),
        sa.Column("seller_id", sa.String(200), nullable=False),
        sa.Column("impact_cents", sa.Integer, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("stake_cents", sa.Integer, nullable=False),
        sa.Column("stability", sa.Integer),
        sa.Column("interim", sa.Integer, nullable=False),
        sa.Column("due", sa.Integer, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("assigned_to", sa.String(200), nullable=False, server_default=""),
        sa.Column("claimed_by", sa.String(200), nullable=False, server_default=""),
        sa.Column("lease_until", sa.Integer, nullable=False, server_default="0"),
        sa.Column("renewals", sa.Integer, nullable=False, server_default="0"),
        sa.Column("held_until", sa.Integer, nullable=False, server_default="0"),
        sa.Column("held_for", sa.String(500), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("run_id", name="pk_queue"),
    )
    op.create_index("ix_queue_case_id", "queue", ["case_id"])
    order = [
        "route", "sop", "region", "language", "interim", "due", "stake_cents", "held_until",
        "assigned_to", "claimed_by", "lease_until", "channel", "run_id",
    ]  # fmt: skip
    op.create_index("ix_queue_order", "queue", order)


def _subjects() -> None:
    op.create_table(
        "subjects",
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.run_id", name="fk_subjects_run_id_runs"), nullable=False),
        sa.PrimaryKeyConstraint("value", "run_id", name="pk_subjects"),
    )


def _drawn() -> None:
    drawn = sa.text("CASE WHEN json_valid(body) THEN json_extract(body, '$.second_look') END")
    op.create_index("ix_runs_drawn", "runs", ["started_at", "run_id"], sqlite_where=drawn)
    seen = sa.text("kind IN ('viewed', 'first_read', 'reviewed')")
    columns = ["actor", "case_id", "entry"]
    op.create_index("ix_audit_events_seen", "audit_events", columns, sqlite_where=seen)


def _first_reads() -> None:
    op.create_table(
        "first_reads",
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.run_id", name="fk_first_reads_run_id_runs"), nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(100), nullable=False),
        sa.Column("proposed", sa.String(100), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "reviewer", name="pk_first_reads"),
    )


def _seeded_checks() -> None:
    op.create_table(
        "seeded_checks",
        sa.Column("case_id", sa.String(200), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(40), sa.ForeignKey("runs.run_id", name="fk_seeded_checks_source_id_runs"), nullable=False),
        sa.Column("sop", sa.String(100), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("planted_at", sa.String(32), nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False, server_default=""),
        sa.Column("at", sa.String(32), nullable=False, server_default=""),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_seeded_checks"),
    )
    op.create_index("ix_seeded_checks_status", "seeded_checks", ["status"])
    op.create_index("ix_seeded_checks_source_id", "seeded_checks", ["source_id"])
    op.create_table(
        "check_queue",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.String(200), nullable=False),
        sa.Column("case_type", sa.String(100), nullable=False),
        sa.Column("sop", sa.String(100), nullable=False),
        sa.Column("graph_version", sa.String(200), nullable=False),
        sa.Column("region", sa.String(20), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("route", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(100), nullable=False),
        sa.Column("seller_id", sa.String(200), nullable=False),
        sa.Column("impact_cents", sa.Integer, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("stake_cents", sa.Integer, nullable=False),
        sa.Column("stability", sa.Integer),
        sa.Column("interim", sa.Integer, nullable=False),
        sa.Column("due", sa.Integer, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("assigned_to", sa.String(200), nullable=False, server_default=""),
        sa.Column("claimed_by", sa.String(200), nullable=False, server_default=""),
        sa.Column("lease_until", sa.Integer, nullable=False, server_default="0"),
        sa.Column("renewals", sa.Integer, nullable=False, server_default="0"),
        sa.Column("held_until", sa.Integer, nullable=False, server_default="0"),
        sa.Column("held_for", sa.String(500), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("run_id", name="pk_check_queue"),
    )
    op.create_index("ix_check_queue_case_id", "check_queue", ["case_id"])


def _fill(connection: sa.Connection) -> None:
    """What waited and was there before: its stake is its impact until it is routed again."""
    runs = connection.execute(sa.text("SELECT run_id, status, body FROM runs")).all()
    for run_id, status, body in runs:
        run = json.loads(body)
        for value in _involved(run["case"]):
            row = {"value": value, "run_id": run_id}
            connection.execute(sa.text("INSERT INTO subjects VALUES (:value, :run_id)"), row)
        if status == "waiting" and run["decision"]:
            columns = _waiting(run_id, run)
            names = ", ".join(columns)
            marks = ", ".join(f":{name}" for name in columns)
            connection.execute(sa.text(f"INSERT INTO queue ({names}) VALUES ({marks})"), columns)


def _involved(case: dict) -> set:
    parties = (case["seller_id"], *case["linked_seller_ids"], *case["party_ids"])
    return {one for one in (*parties, *case["subject"].values()) if one}


def _waiting(run_id: str, run: dict) -> dict:
    case, decision = run["case"], run["decision"]
    own = ("case_id", "case_type", "region", "language", "channel", "seller_id")
    taken = set()
    for one in run["enforced"]:
        if one["status"] == "done" and one["write"]["purpose"] == "interim":
            taken.add(one["write"]["name"])
        elif one["status"] == "done" and one["write"]["purpose"] == "undo":
            taken.discard(one["write"]["name"])
    return {
        **{name: case[name] for name in own},
        "run_id": run_id,
        "sop": run["sop"],
        "graph_version": run["graph_version"],
        "route": decision["route"],
        "outcome": decision["outcome"],
        "impact_cents": case["impact"]["cents"],
        "currency": case["impact"]["currency"],
        "stake_cents": max(case["impact"]["cents"], 1),
        "stability": decision["stability"],
        "interim": int(bool(taken)),
        "due": _seconds(run["due_at"] or run["updated_at"]),
        "since": _seconds(run["updated_at"]),
    }


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def downgrade() -> None:
    op.drop_table("check_queue")
    op.drop_table("seeded_checks")
    op.drop_table("first_reads")
    op.drop_index("ix_audit_events_seen", "audit_events")
    op.drop_index("ix_runs_drawn", "runs")
    op.drop_table("subjects")
    op.drop_table("queue")
