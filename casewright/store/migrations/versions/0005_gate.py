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
    _idempotency()
    _submissions()
    _webhook_cursors()


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


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("member", sa.String(200), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("member", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])


def _submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("case_id", sa.String(200), nullable=False),
        sa.Column("member", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("case_id", name="pk_submissions"),
    )
    op.create_index("ix_submissions_next_at", "submissions", ["next_at"])


def _webhook_cursors() -> None:
    op.create_table(
        "webhook_cursors",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at", sa.Integer, nullable=False, server_default="0"),
        sa.Column("last_error", sa.String(500), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("name", name="pk_webhook_cursors"),
    )


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
    op.drop_table("webhook_cursors")
    op.drop_table("submissions")
    op.drop_table("idempotency")
    op.drop_table("subjects")
    op.drop_table("queue")
