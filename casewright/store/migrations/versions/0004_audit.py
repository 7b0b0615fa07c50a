"""The log of what happened to each case, chained; what was there before is taken in as it stands.

The chain's rule is written out here once more: a migration must do tomorrow what it does today.
"""

import hashlib
import json
from datetime import UTC, datetime

import rfc8785
import sqlalchemy as sa
from alembic import op

from casewright.store.columns import Integer, String, Text

revision = "0004"
down_revision = "0003"

ORIGIN = "0" * 64
SAFE = 2**53 - 1
GUARDS = {
    "audit_events_no_update": "BEFORE UPDATE ON audit_events",
    "audit_events_no_delete": "BEFORE DELETE ON audit_events",
    "audit_events_no_replace": (
        "BEFORE INSERT ON audit_events WHEN EXISTS (SELECT 1 FROM audit_events "
        "WHERE entry = NEW.entry OR (case_id = NEW.case_id AND number = NEW.number))"
    ),
    "audit_head_only_forward": "BEFORE UPDATE ON audit_head WHEN NEW.entry <= OLD.entry",
    "audit_head_no_delete": "BEFORE DELETE ON audit_head",
}


SERVER_GUARDS = {
    "audit_events_no_update": "BEFORE UPDATE ON audit_events FOR EACH ROW",
    "audit_events_no_delete": "BEFORE DELETE ON audit_events FOR EACH ROW",
    "audit_events_no_truncate": "BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT",
    "audit_head_only_forward": "BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (NEW.entry <= OLD.entry)",
    "audit_head_no_delete": "BEFORE DELETE ON audit_head FOR EACH ROW",
    "audit_head_no_truncate": "BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT",
}
TOLD = "events of the audit log are never changed or deleted"


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("entry", Integer, nullable=False),
        sa.Column("before", String(64), nullable=False),
        sa.Column("case_id", String(200), nullable=False),
        sa.Column("run_id", String(40), nullable=False),
        sa.Column("number", Integer, nullable=False),
        sa.Column("previous", String(64), nullable=False),
        sa.Column("at", String(32), nullable=False),
        sa.Column("kind", String(20), nullable=False),
        sa.Column("role", String(20), nullable=False),
        sa.Column("actor", String(200), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.Column("hash", String(64), nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_audit_events"),
    )
    op.create_index(
        "ix_audit_events_case_id_number", "audit_events", ["case_id", "number"], unique=True
    )
    op.create_table(
        "audit_head",
        sa.Column("entry", Integer, nullable=False),
        sa.Column("hash", String(64), nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_audit_head"),
    )
    _adopt(op.get_bind())
    _guard(on_server=op.get_bind().dialect.name == "postgresql")


def _guard(*, on_server: bool) -> None:
    if not on_server:
        for name, when in GUARDS.items():
            op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{TOLD}'); END")
        return
    op.execute(
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN RAISE EXCEPTION '{TOLD}'; END $$"
    )
    for name, when in SERVER_GUARDS.items():
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION audit_refuse()")


def _adopt(connection: sa.Connection) -> None:
    """One event for each run that is there, with the digests of what it holds."""
    runs = connection.execute(
        sa.text("SELECT run_id, case_id, body FROM runs ORDER BY started_at, run_id")
    ).all()
    entry, before, cases = 0, ORIGIN, {}
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    for run_id, case_id, body in runs:
        number, previous = cases.get(case_id, (0, ORIGIN))
        entry, number = entry + 1, number + 1
        event = {
            "entry": entry,
            "before": before,
            "case_id": case_id,
            "run_id": run_id,
            "number": number,
            "previous": previous,
            "at": at,
            "kind": "adopted",
            "actor": {"id": "casewright", "role": "system"},
            "body": _held(connection, run_id, body),
        }
        before = hashlib.sha256(rfc8785.dumps(event)).hexdigest()
        cases[case_id] = number, before
        written = event | {"body": rfc8785.dumps(event["body"]).decode(), "hash": before}
        connection.execute(
            sa.text(
                "INSERT INTO audit_events VALUES (:entry, :before, :case_id, :run_id, :number, "
                ":previous, :at, :kind, 'system', 'casewright', :body, :hash)"
            ),
            {name: value for name, value in written.items() if name != "actor"},
        )
    connection.execute(
        sa.text("INSERT INTO audit_head VALUES (:entry, :hash)"), {"entry": entry, "hash": before}
    )


def _held(connection: sa.Connection, run_id: str, body: str) -> dict:
    record = _parsed(body)
    decision = record.get("decision")
    record.pop("updated_at", None)
    given = {"run": run_id}
    reviews = connection.execute(
        sa.text("SELECT body FROM reviews WHERE run_id = :run ORDER BY at"), given
    ).scalars()
    evidence = connection.execute(
        sa.text("SELECT DISTINCT digest FROM run_evidence WHERE run_id = :run ORDER BY 1"), given
    ).scalars()
    return {
        "decision": _digest(decision) if decision else "",
        "reviews": [_digest(_parsed(one)) for one in reviews],
        "evidence": list(evidence),
        "record": _digest(record),
    }


def _digest(value: object) -> str:
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def _parsed(text: str) -> dict:
    return json.loads(text, parse_int=lambda d: int(d) if abs(int(d)) <= SAFE else float(d))


def downgrade() -> None:
    op.drop_table("audit_head")
    op.drop_table("audit_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuse()")
