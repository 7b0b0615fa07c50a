"""The queue of what waits, and whom and what runs are about; both filled from what is there."""

import hashlib
import json
from datetime import UTC, datetime

import rfc8785
import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _queue()
    _subjects()
    _fill(op.get_bind())
    _adopt(op.get_bind())


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
        "route", "sop", "region", "language", "channel", "interim", "due", "stake_cents",
        "held_until", "assigned_to", "claimed_by", "lease_until", "run_id",
    ]  # fmt: skip
    op.create_index("ix_queue_order", "queue", order)


def _subjects() -> None:
    op.create_table(
        "subjects",
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.run_id", name="fk_subjects_run_id_runs"), nullable=False),
        sa.PrimaryKeyConstraint("value", "run_id", name="pk_subjects"),
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


ORIGIN = "0" * 64
SAFE = 2**53 - 1


def _adopt(connection: sa.Connection) -> None:
    """Take in, with their digests, the second looks, releases and calibrations that are there.

    The chain's rule is written out here once more: a migration must do tomorrow what it does today.
    """
    looks = {}
    query = "SELECT run_id, case_id, l.body FROM second_looks l JOIN runs USING (run_id) ORDER BY l.at, l.reviewer"
    for run_id, case_id, body in connection.execute(sa.text(query)):
        looks.setdefault((case_id, run_id), []).append(_digest(body))
    for (case_id, run_id), digests in looks.items():
        _append(connection, case_id, run_id, {"looks": digests})
    held = {
        table: [_digest(body) for body in connection.execute(sa.text(f"SELECT body FROM {table} ORDER BY entry")).scalars()]
        for table in ("releases", "calibrations")
    }
    if any(held.values()):
        _append(connection, "", "", held)


def _append(connection: sa.Connection, case_id: str, run_id: str, body: dict) -> None:
    head = connection.execute(sa.text("SELECT entry, hash FROM audit_head")).one_or_none()
    entry, before = head or (0, ORIGIN)
    last = connection.execute(
        sa.text("SELECT number, hash FROM audit_events WHERE case_id = :c ORDER BY number DESC LIMIT 1"),
        {"c": case_id},
    ).one_or_none()
    number, previous = last or (0, ORIGIN)
    event = {
        "entry": entry + 1,
        "before": before,
        "case_id": case_id,
        "run_id": run_id,
        "number": number + 1,
        "previous": previous,
        "at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "kind": "adopted",
        "actor": {"id": "casewright", "role": "system"},
        "body": body,
    }
    written = event | {"body": rfc8785.dumps(body).decode(), "hash": hashlib.sha256(rfc8785.dumps(event)).hexdigest()}
    connection.execute(
        sa.text(
            "INSERT INTO audit_events VALUES (:entry, :before, :case_id, :run_id, :number, "
            ":previous, :at, :kind, 'system', 'casewright', :body, :hash)"
        ),
        {name: value for name, value in written.items() if name != "actor"},
    )
    moved = "UPDATE audit_head SET entry = :entry, hash = :hash"
    if head is None:
        moved = "INSERT INTO audit_head VALUES (:entry, :hash)"
    connection.execute(sa.text(moved), {"entry": written["entry"], "hash": written["hash"]})


def _digest(body: str) -> str:
    value = json.loads(body, parse_int=lambda d: int(d) if abs(int(d)) <= SAFE else float(d))
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def downgrade() -> None:
    op.drop_table("subjects")
    op.drop_table("queue")
