"""The queue of what waits, and whom and what runs are about; both filled from what is there."""

import hashlib
import json
from datetime import UTC, datetime

import rfc8785
import sqlalchemy as sa
from alembic import op

from casewright.store.columns import Integer, String, Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _queue()
    _subjects()
    _fill(op.get_bind())
    _doors()
    _outbox()
    _opened()
    _expected(op.get_bind())
    _run_index()
    _reveals()
    _drawn()
    _first_reads()
    _seeded_checks()
    _idempotency()
    _submissions()
    _webhook_cursors()
    _adopt(op.get_bind())


def _waiting_columns() -> list:
    """How a case waits: the columns of both queues but their key."""
    return [
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("case_type", String(100), nullable=False),
        sa.Column("sop", String(100), nullable=False),
        sa.Column("graph_version", String(200), nullable=False),
        sa.Column("region", String(20), nullable=False),
        sa.Column("language", String(20), nullable=False),
        sa.Column("channel", String(20), nullable=False),
        sa.Column("route", String(20), nullable=False),
        sa.Column("outcome", String(100), nullable=False),
        sa.Column("seller_id", String(200), nullable=False),
        sa.Column("impact_cents", Integer, nullable=False),
        sa.Column("currency", String(3), nullable=False),
        sa.Column("stake_cents", Integer, nullable=False),
        sa.Column("stability", Integer),
        sa.Column("interim", Integer, nullable=False),
        sa.Column("due", Integer, nullable=False),
        sa.Column("since", Integer, nullable=False),
        sa.Column("assigned_to", String(200), nullable=False, server_default=""),
        sa.Column("claimed_by", String(200), nullable=False, server_default=""),
        sa.Column("lease_until", Integer, nullable=False, server_default="0"),
        sa.Column("renewals", Integer, nullable=False, server_default="0"),
        sa.Column("held_until", Integer, nullable=False, server_default="0"),
        sa.Column("held_for", String(500), nullable=False, server_default=""),
    ]


def _queue() -> None:
    op.create_table(
        "queue",
        sa.Column("run_id", String(40), sa.ForeignKey("runs.run_id", name="fk_queue_run_id_runs"), nullable=False),
        *_waiting_columns(),
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
        sa.Column("value", String(200), nullable=False),
        sa.Column("run_id", String(40), sa.ForeignKey("runs.run_id", name="fk_subjects_run_id_runs"), nullable=False),
        sa.PrimaryKeyConstraint("value", "run_id", name="pk_subjects"),
    )


def _doors() -> None:
    """Who is signed in, and with which keys programs come."""
    op.create_table(
        "sessions",
        sa.Column("digest", String(64), nullable=False),
        sa.Column("member", String(200), nullable=False),
        sa.Column("way", String(20), nullable=False),
        sa.Column("created", Integer, nullable=False),
        sa.Column("seen", Integer, nullable=False),
        sa.Column("expires", Integer, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_index("ix_sessions_expires", "sessions", ["expires"])
    op.create_table(
        "api_keys",
        sa.Column("key_id", String(20), nullable=False),
        sa.Column("digest", String(64), nullable=False),
        sa.Column("name", String(100), nullable=False),
        sa.Column("member", String(200), nullable=False),
        sa.Column("created", Integer, nullable=False),
        sa.Column("expires", Integer, nullable=False),
        sa.Column("revoked", Integer, nullable=False, server_default="0"),
        sa.Column("used", Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
    )


def _outbox() -> None:
    """Starts empty: what an older version left to do, ``casewright investigate`` goes on with."""
    op.create_table(
        "outbox",
        sa.Column("run_id", String(40), sa.ForeignKey("runs.run_id", name="fk_outbox_run_id_runs"), nullable=False),
        sa.Column("key", String(64), nullable=False),
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("do", String(100), nullable=False),
        sa.Column("due", Integer, nullable=False),
        sa.Column("attempts", Integer, nullable=False, server_default="0"),
        sa.Column("next_at", Integer, nullable=False),
        sa.Column("last_error", String(500), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("run_id", "key", name="pk_outbox"),
    )
    op.create_index("ix_outbox_next_at", "outbox", ["next_at"])
    op.create_index("ix_outbox_case_id", "outbox", ["case_id"])


def _opened() -> None:
    op.create_table(
        "opened_cases",
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("digest", String(64), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.Column("appeal_of", String(200), nullable=False),
        sa.Column("opened_by", String(200), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_opened_cases"),
    )
    op.create_index("ix_opened_cases_appeal_of", "opened_cases", ["appeal_of"])


def _expected(connection: sa.Connection) -> None:
    """What was closed with a question before: the answer may still come."""
    op.create_table(
        "expected_answers",
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("run_id", String(40), sa.ForeignKey("runs.run_id", name="fk_expected_answers_run_id_runs"), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_expected_answers"),
    )
    query = "SELECT case_id, run_id, status, body FROM runs ORDER BY started_at, run_id"
    newest = {row.case_id: row for row in connection.execute(sa.text(query)).all()}
    for case_id, row in newest.items():
        decision = json.loads(row.body)["decision"] or {}
        if row.status == "done" and decision.get("outcome") == "request_information":
            added = {"case_id": case_id, "run_id": row.run_id}
            connection.execute(sa.text("INSERT INTO expected_answers VALUES (:case_id, :run_id)"), added)


def _drawn() -> None:
    drawn = sa.text("CASE WHEN json_valid(body) THEN json_extract(body, '$.second_look') END")
    on_server = sa.text("CASE WHEN json_valid(body) THEN json_extract(body, '$.second_look') = '1' END")
    columns = ["started_at", "run_id"]
    op.create_index("ix_runs_drawn", "runs", columns, sqlite_where=drawn, postgresql_where=on_server)
    seen = sa.text("kind IN ('viewed', 'first_read', 'reviewed')")
    columns = ["actor", "case_id", "entry"]
    op.create_index("ix_audit_events_seen", "audit_events", columns, sqlite_where=seen, postgresql_where=seen)


def _first_reads() -> None:
    op.create_table(
        "first_reads",
        sa.Column("run_id", String(40), sa.ForeignKey("runs.run_id", name="fk_first_reads_run_id_runs"), nullable=False),
        sa.Column("reviewer", String(200), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.Column("outcome", String(100), nullable=False),
        sa.Column("proposed", String(100), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "reviewer", name="pk_first_reads"),
    )


def _seeded_checks() -> None:
    op.create_table(
        "seeded_checks",
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("run_id", String(40), nullable=False),
        sa.Column("source_id", String(40), sa.ForeignKey("runs.run_id", name="fk_seeded_checks_source_id_runs"), nullable=False),
        sa.Column("sop", String(100), nullable=False),
        sa.Column("status", String(20), nullable=False),
        sa.Column("planted_at", String(32), nullable=False),
        sa.Column("reviewer", String(200), nullable=False, server_default=""),
        sa.Column("at", String(32), nullable=False, server_default=""),
        sa.Column("body", Text, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_seeded_checks"),
    )
    op.create_index("ix_seeded_checks_status", "seeded_checks", ["status"])
    op.create_index("ix_seeded_checks_source_id", "seeded_checks", ["source_id"])
    op.create_table(
        "check_queue",
        sa.Column("run_id", String(40), nullable=False),
        *_waiting_columns(),
        sa.PrimaryKeyConstraint("run_id", name="pk_check_queue"),
    )
    op.create_index("ix_check_queue_case_id", "check_queue", ["case_id"])


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("member", String(200), nullable=False),
        sa.Column("key", String(255), nullable=False),
        sa.Column("request", String(64), nullable=False),
        sa.Column("status", Integer, nullable=False),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.Column("at", Integer, nullable=False),
        sa.PrimaryKeyConstraint("member", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])


def _submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("member", String(200), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.Column("failures", Integer, nullable=False, server_default="0"),
        sa.Column("next_at", Integer, nullable=False),
        sa.Column("error", Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("case_id", name="pk_submissions"),
    )
    op.create_index("ix_submissions_next_at", "submissions", ["next_at"])


def _webhook_cursors() -> None:
    op.create_table(
        "webhook_cursors",
        sa.Column("name", String(40), nullable=False),
        sa.Column("entry", Integer, nullable=False),
        sa.Column("failures", Integer, nullable=False, server_default="0"),
        sa.Column("next_at", Integer, nullable=False, server_default="0"),
        sa.Column("last_error", String(500), nullable=False, server_default=""),
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


def _run_index() -> None:
    op.create_table(
        "run_index",
        sa.Column("run_id", String(40), sa.ForeignKey("runs.run_id", name="fk_run_index_run_id_runs"), nullable=False),
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("case_type", String(100), nullable=False),
        sa.Column("sop", String(100), nullable=False),
        sa.Column("status", String(20), nullable=False),
        sa.Column("region", String(20), nullable=False),
        sa.Column("language", String(20), nullable=False),
        sa.Column("route", String(20), nullable=False),
        sa.Column("outcome", String(100), nullable=False),
        sa.Column("automatic", Integer, nullable=False),
        sa.Column("seller_id", String(200), nullable=False),
        sa.Column("newest", Integer, nullable=False),
        sa.Column("started", Integer, nullable=False),
        sa.Column("updated", Integer, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_index"),
    )
    op.create_index("ix_run_index_case_id", "run_index", ["case_id"])
    order = [
        "started", "run_id", "newest", "status", "sop", "region", "language", "outcome", "updated",
        "case_id",
    ]  # fmt: skip
    op.create_index("ix_run_index_order", "run_index", order)
    _index_runs(op.get_bind())


def _index_runs(connection: sa.Connection) -> None:
    query = "SELECT run_id, status, body FROM runs ORDER BY started_at, run_id"
    newest, rows = {}, []
    for run_id, status, body in connection.execute(sa.text(query)):
        rows.append(_indexed(run_id, status, json.loads(body)))
        newest[rows[-1]["case_id"]] = run_id
    for row in rows:
        row["newest"] = int(newest[row["case_id"]] == row["run_id"])
        marks = ", ".join(f":{name}" for name in row)
        names = ", ".join(row)
        connection.execute(sa.text(f"INSERT INTO run_index ({names}) VALUES ({marks})"), row)


def _indexed(run_id: str, status: str, run: dict) -> dict:
    case, decision = run["case"], run["decision"] or {"route": "", "outcome": ""}
    own = ("case_id", "case_type", "region", "language", "seller_id")
    return {
        **{name: case[name] for name in own},
        "run_id": run_id,
        "sop": run["sop"],
        "status": status,
        "route": decision["route"],
        "outcome": decision["outcome"],
        "automatic": int(run["automatic"]),
        "started": _micros(run["started_at"]),
        "updated": _micros(run["updated_at"]),
    }


def _micros(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1_000_000)


def _reveals() -> None:
    op.create_table(
        "reveals",
        sa.Column("entry", Integer, nullable=False),
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("member", String(200), nullable=False),
        sa.Column("reason", String(20), nullable=False),
        sa.Column("note", String(500), nullable=False),
        sa.Column("at", Integer, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_reveals"),
    )
    op.create_index("ix_reveals_case_id_member_at", "reveals", ["case_id", "member", "at"])


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
    op.drop_table("api_keys")
    op.drop_table("sessions")
    op.drop_table("outbox")
    op.drop_table("expected_answers")
    op.drop_table("opened_cases")
    op.drop_table("reveals")
    op.drop_table("run_index")
    op.drop_table("check_queue")
    op.drop_table("seeded_checks")
    op.drop_table("first_reads")
    op.drop_index("ix_audit_events_seen", "audit_events")
    op.drop_index("ix_runs_drawn", "runs")
    op.drop_table("webhook_cursors")
    op.drop_table("submissions")
    op.drop_table("idempotency")
    op.drop_table("subjects")
    op.drop_table("queue")
