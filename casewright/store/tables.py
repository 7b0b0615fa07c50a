"""The tables, as SQLAlchemy Core sees them. A change here needs a migration beside it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, MetaData, Table, text

from casewright.store.columns import Integer, String, Text

DRAWN = {
    "sqlite": "CASE WHEN json_valid(body) THEN json_extract(body, '$.second_look') END",
    "postgresql": "CASE WHEN json_valid(body) THEN json_extract(body, '$.second_look') = '1' END",
}
"""Which runs were drawn for a second reader: the condition of a partial index, by dialect."""

SEEN = "kind IN ('viewed', 'first_read', 'reviewed')"
"""Events of which the figures of reviewers are made: the condition of a partial index."""

HEAD = "0006"
"""Revision of the newest migration; a test compares it with Alembic's."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    }
)

evidence = Table(
    "evidence",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", Text, nullable=False, comment="canonical JSON (RFC 8785) of the content"),
    Column("retrieved_at", String(32), nullable=False, comment="first retrieval, RFC 3339 UTC"),
)

graph_versions = Table(
    "graph_versions",
    metadata,
    Column("version", String(200), primary_key=True, comment="sop@number+digest"),
    Column("sop", String(100), nullable=False),
    Column("files", JSON, nullable=False, comment="the SOP folder's files by name"),
    Column("created_at", String(32), nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("case_id", String(200), nullable=False),
    Column("sop", String(100), nullable=False),
    Column("status", String(20), nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
    Column("body", Text, nullable=False, comment="the Run model as JSON"),
    Index(None, "case_id", "started_at"),
    Index(None, "status", "started_at"),
    Index(
        "ix_runs_drawn",
        "started_at",
        "run_id",
        sqlite_where=text(DRAWN["sqlite"]),
        postgresql_where=text(DRAWN["postgresql"]),
    ),
)

run_evidence = Table(
    "run_evidence",
    metadata,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("action", String(100), primary_key=True),
    Column("digest", ForeignKey("evidence.digest"), primary_key=True),
    Column("retrieved_at", String(32), nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("at", String(32), primary_key=True),
    Column("act", String(20), nullable=False),
    Column("reviewer", String(200), nullable=False),
    Column("body", Text, nullable=False, comment="the Review model as JSON"),
)

notes = Table(
    "notes",
    metadata,
    Column("entry", Integer, primary_key=True),
    Column("note_id", String(40), nullable=False),
    Column("kind", String(20), nullable=False, comment="written or withdrawn"),
    Column("author", String(200), nullable=False),
    Column("at", String(32), nullable=False, comment="in the source's time, RFC 3339 UTC"),
    Column("body", Text, nullable=False, comment="the Note model as JSON, as this entry leaves it"),
    Index(None, "note_id"),
)

releases = Table(
    "releases",
    metadata,
    Column("entry", Integer, primary_key=True),
    Column("sop", String(100), nullable=False),
    Column("version", String(200), nullable=False, comment="sop@number+digest"),
    Column("kind", String(20), nullable=False, comment="promoted or rolled back"),
    Column("author", String(200), nullable=False),
    Column("at", String(32), nullable=False),
    Column("body", Text, nullable=False, comment="the Release model as JSON"),
    Index(None, "sop"),
)

calibrations = Table(
    "calibrations",
    metadata,
    Column("entry", Integer, primary_key=True),
    Column("version", String(200), nullable=False, comment="sop@number+digest"),
    Column("kind", String(20), nullable=False, comment="calibrated or switched off"),
    Column("author", String(200), nullable=False),
    Column("at", String(32), nullable=False),
    Column("body", Text, nullable=False, comment="the entry's model as JSON"),
    Index(None, "version"),
)

second_looks = Table(
    "second_looks",
    metadata,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("reviewer", String(200), primary_key=True),
    Column("at", String(32), nullable=False),
    Column("body", Text, nullable=False, comment="the SecondLook model as JSON"),
)

shadow_runs = Table(
    "shadow_runs",
    metadata,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("version", String(200), primary_key=True, comment="sop@number+digest of the shadow"),
    Column("at", String(32), nullable=False),
    Column("body", Text, nullable=False, comment="the ShadowRun model as JSON"),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("entry", Integer, primary_key=True, comment="number in the store, from 1, no gaps"),
    Column("before", String(64), nullable=False, comment="hash of the store's event before it"),
    Column("case_id", String(200), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("number", Integer, nullable=False, comment="number in the case, from 1, no gaps"),
    Column("previous", String(64), nullable=False, comment="hash of the case's event before it"),
    Column("at", String(32), nullable=False, comment="RFC 3339 UTC"),
    Column("kind", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("body", Text, nullable=False, comment="canonical JSON (RFC 8785)"),
    Column("hash", String(64), nullable=False, comment="sha-256 over the canonical JSON of it"),
    Index(None, "case_id", "number", unique=True),
    Index(
        "ix_audit_events_seen",
        "actor",
        "case_id",
        "entry",
        sqlite_where=text(SEEN),
        postgresql_where=text(SEEN),
    ),
)
"""Triggers forbid to change or delete an event, see migration 0004."""

audit_head = Table(
    "audit_head",
    metadata,
    Column("entry", Integer, primary_key=True, comment="how many events there are"),
    Column("hash", String(64), nullable=False, comment="hash of the newest"),
)
"""One row, which can only go forward."""


def _waiting() -> tuple[Column[Any], ...]:
    """The columns of what waits, behind the run that does."""
    return (
        Column("case_id", String(200), nullable=False),
        Column("case_type", String(100), nullable=False),
        Column("sop", String(100), nullable=False),
        Column("graph_version", String(200), nullable=False),
        Column("region", String(20), nullable=False),
        Column("language", String(20), nullable=False),
        Column("channel", String(20), nullable=False),
        Column("route", String(20), nullable=False),
        Column("outcome", String(100), nullable=False),
        Column("seller_id", String(200), nullable=False),
        Column("impact_cents", Integer, nullable=False),
        Column("currency", String(3), nullable=False),
        Column("stake_cents", Integer, nullable=False, comment="what a wrong decision may cost"),
        Column("stability", Integer),
        Column("interim", Integer, nullable=False, comment="1: a measure is in force"),
        Column("due", Integer, nullable=False, comment="seconds since 1970, UTC, as all below"),
        Column("since", Integer, nullable=False, comment="when it came to wait, or last changed"),
        Column("assigned_to", String(200), nullable=False, server_default=""),
        Column("claimed_by", String(200), nullable=False, server_default=""),
        Column("lease_until", Integer, nullable=False, server_default="0"),
        Column("renewals", Integer, nullable=False, server_default="0"),
        Column("held_until", Integer, nullable=False, server_default="0", comment="0: not on hold"),
        Column("held_for", String(500), nullable=False, server_default=""),
    )


queue = Table(
    "queue",
    metadata,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    *_waiting(),
    Index(None, "case_id"),
    Index(
        "ix_queue_order",
        "route", "sop", "region", "language", "channel", "interim", "due", "stake_cents",
        "held_until", "assigned_to", "claimed_by", "lease_until", "run_id",
    ),
)  # fmt: skip
"""One row for each run that waits, gone once it waits no more; the run's record is the truth.
The second index holds all that a page of the queue is filtered and ordered by."""

subjects = Table(
    "subjects",
    metadata,
    Column("value", String(200), primary_key=True, comment="an id of whom or what a case is about"),
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
)
"""Which runs are about a seller, an order, a violation and so on: for search and for four eyes."""

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True, comment="sha-256 of what the browser holds"),
    Column("member", String(200), nullable=False),
    Column("way", String(20), nullable=False, comment="how they signed in"),
    Column("created", Integer, nullable=False, comment="seconds since 1970, UTC, as below"),
    Column("seen", Integer, nullable=False, comment="when it was last used, to the minute"),
    Column("expires", Integer, nullable=False),
    Index(None, "expires"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(20), primary_key=True),
    Column("digest", String(64), nullable=False, comment="sha-256 of its secret"),
    Column("name", String(100), nullable=False, comment="what it is for"),
    Column("member", String(200), nullable=False, comment="as whom it acts"),
    Column("created", Integer, nullable=False, comment="seconds since 1970, UTC, as below"),
    Column("expires", Integer, nullable=False),
    Column("revoked", Integer, nullable=False, server_default="0", comment="0: it is not"),
    Column("used", Integer, nullable=False, server_default="0", comment="0: never"),
)
outbox = Table(
    "outbox",
    metadata,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("key", String(64), primary_key=True, comment="idempotency key of the write"),
    Column("case_id", String(200), nullable=False),
    Column("do", String(100), nullable=False, comment="name of the write tool"),
    Column("due", Integer, nullable=False, comment="not before; seconds since 1970, UTC"),
    Column("attempts", Integer, nullable=False, server_default="0", comment="begun, not: ended"),
    Column("next_at", Integer, nullable=False, comment="when it is tried next"),
    Column("last_error", String(500), nullable=False, server_default=""),
    Index(None, "next_at"),
    Index(None, "case_id"),
)
"""One row for each write that waits to be sent; the run's record is the truth."""
opened_cases = Table(
    "opened_cases",
    metadata,
    Column("case_id", String(200), primary_key=True),
    Column("digest", String(64), nullable=False, comment="sha-256 over the case's canonical JSON"),
    Column("body", Text, nullable=False, comment="the Case model as JSON; empty once erased"),
    Column(
        "appeal_of", String(200), nullable=False, comment="whose decision it contests, or empty"
    ),
    Column("opened_by", String(200), nullable=False),
    Column("at", String(32), nullable=False, comment="RFC 3339 UTC"),
    Index(None, "appeal_of"),
)
"""Cases that were opened here and not at the source; one that is there never changes."""

expected_answers = Table(
    "expected_answers",
    metadata,
    Column("case_id", String(200), primary_key=True),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False),
)
"""Cases that an answer may come for; the run's record is the truth."""


run_index = Table(
    "run_index",
    metadata,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("case_id", String(200), nullable=False),
    Column("case_type", String(100), nullable=False),
    Column("sop", String(100), nullable=False),
    Column("status", String(20), nullable=False),
    Column("region", String(20), nullable=False),
    Column("language", String(20), nullable=False),
    Column("route", String(20), nullable=False, comment="empty before it is routed"),
    Column("outcome", String(100), nullable=False, comment="empty before it is decided"),
    Column("automatic", Integer, nullable=False),
    Column("seller_id", String(200), nullable=False),
    Column("newest", Integer, nullable=False, comment="1: the case has no newer run"),
    Column("started", Integer, nullable=False, comment="microseconds since 1970, UTC, as below"),
    Column("updated", Integer, nullable=False),
    Index(None, "case_id"),
    Index(
        "ix_run_index_order",
        "started", "run_id", "newest", "status", "sop", "region", "language", "outcome", "updated",
        "case_id",
    ),
)  # fmt: skip
"""One narrow row for each run, as its record says: what is searched, listed and counted.
The second index holds all that runs are filtered, ordered and counted by."""

reveals = Table(
    "reveals",
    metadata,
    Column("entry", Integer, primary_key=True),
    Column("case_id", String(200), nullable=False),
    Column("member", String(200), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("note", String(500), nullable=False, comment="why, in words"),
    Column("at", Integer, nullable=False, comment="seconds since 1970, UTC"),
    Index(None, "case_id", "member", "at"),
)
"""Who was shown personal data of which case, when and why."""


first_reads = Table(
    "first_reads",
    metadata,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("reviewer", String(200), primary_key=True),
    Column("at", String(32), nullable=False),
    Column("outcome", String(100), nullable=False),
    Column("proposed", String(100), nullable=False, comment="at that moment, and not shown"),
    Column("body", Text, nullable=False, comment="the FirstRead model as JSON"),
)

seeded_checks = Table(
    "seeded_checks",
    metadata,
    Column("case_id", String(200), primary_key=True, comment="looks like the team's own"),
    Column("run_id", String(40), nullable=False, comment="of no run in the store"),
    Column("source_id", ForeignKey("runs.run_id"), nullable=False, comment="the closed run"),
    Column("sop", String(100), nullable=False),
    Column("status", String(20), nullable=False, comment="open, caught, missed or withdrawn"),
    Column("planted_at", String(32), nullable=False),
    Column("reviewer", String(200), nullable=False, server_default="", comment="who acted on it"),
    Column("at", String(32), nullable=False, server_default="", comment="when they did"),
    Column("body", Text, nullable=False, comment="the Check model as JSON"),
    Index(None, "status"),
    Index(None, "source_id"),
)
"""Recommendations known to be wrong. They stand here alone, so nothing counts them as cases."""

check_queue = Table(
    "check_queue",
    metadata,
    Column("run_id", String(40), primary_key=True),
    *_waiting(),
    Index(None, "case_id"),
)
"""How open checks wait: the columns of ``queue``, whose rows they are listed among."""


idempotency = Table(
    "idempotency",
    metadata,
    Column("member", String(200), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request", String(64), nullable=False, comment="digest of method, path and body"),
    Column("status", Integer, nullable=False, comment="HTTP status; 0: not answered yet"),
    Column("headers", JSON, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Integer, nullable=False, comment="seconds since 1970, UTC"),
    Index(None, "at"),
)
"""Writes that came over the API with their answers, kept for a day."""

submissions = Table(
    "submissions",
    metadata,
    Column("case_id", String(200), primary_key=True),
    Column("member", String(200), nullable=False, comment="who asked for it"),
    Column("at", String(32), nullable=False, comment="RFC 3339 UTC"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("next_at", Integer, nullable=False, comment="not tried before; seconds since 1970, UTC"),
    Column("error", Text, nullable=False, server_default=""),
    Index(None, "next_at"),
)
"""Cases that were submitted and whose investigation has not come to its end, or to its gate."""

webhook_cursors = Table(
    "webhook_cursors",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("entry", Integer, nullable=False, comment="the last event of the log it was told of"),
    Column("failures", Integer, nullable=False, server_default="0", comment="since the last one"),
    Column("next_at", Integer, nullable=False, server_default="0", comment="to the second"),
    Column("last_error", String(500), nullable=False, server_default=""),
)
"""How far each endpoint was told of the log."""

journal = Table(
    "journal",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("key", String(100), primary_key=True, comment="what was asked, as a digest"),
    Column("body", Text, nullable=False, comment="what it brought; of a fetch a digest"),
)
"""What runs on their way to the gate have asked and got; gone once they are there."""

batches = Table(
    "batches",
    metadata,
    Column("batch_id", String(40), primary_key=True),
    Column("at", String(32), nullable=False, comment="when it was planned, RFC 3339 UTC"),
    Column("author", String(200), nullable=False),
    Column("state", String(20), nullable=False, comment="open, stopped, cancelled or ended"),
    Column("why", String(500), nullable=False, server_default="", comment="why it was stopped"),
    Column("body", Text, nullable=False, comment="the Plan model as JSON"),
)

batch_cases = Table(
    "batch_cases",
    metadata,
    Column("batch_id", ForeignKey("batches.batch_id"), primary_key=True),
    Column("case_id", String(200), primary_key=True),
    Column("place", Integer, nullable=False, comment="its place in the order"),
    Column("state", String(20), nullable=False, comment="a CaseState"),
    Column("owner", String(100), nullable=False, server_default="", comment="the worker"),
    Column("lease_until", Integer, nullable=False, server_default="0", comment="to the second"),
    Column("not_before", Integer, nullable=False, server_default="0", comment="as lease_until"),
    Column("failures", Integer, nullable=False, server_default="0", comment="times it failed"),
    Column("deaths", Integer, nullable=False, server_default="0", comment="workers that died so"),
    Column("number", Integer, nullable=False, server_default="0", comment="in the order of ending"),
    Column("micros", Integer, nullable=False, server_default="0", comment="money spent on it"),
    Column("body", Text, nullable=False, server_default="", comment="the Ending model as JSON"),
    Index("ix_batch_cases_batch_id_state_place", "batch_id", "state", "place"),
    Index("ix_batch_cases_batch_id_number", "batch_id", "number"),
    Index(None, "owner"),
)
"""What has become of each case of a batch: whom it is leased to, and how it ended."""

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("name", String(300), primary_key=True, comment="what is limited"),
    Column("kind", String(20), primary_key=True, comment="requests or tokens"),
    Column("micros", Integer, nullable=False, comment="next free moment since 1970"),
)
"""How far each allowance that processes share is used up (a generic cell rate algorithm)."""
