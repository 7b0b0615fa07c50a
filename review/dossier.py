"""The dossier of a case: all that shows how it was decided, in one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field

from casewright.audit import Event, as_json
from casewright.base import Digest, Model, Moment
from casewright.canonical import digest_of, parsed
from casewright.errors import UsageError
from casewright.models import Evidence, Run
from casewright.references import evidence_named
from casewright.store import Store
from casewright.store.log import Head
from graphs.explain import tried
from graphs.sop import Sop
from graphs.versions import CODE_VERSION
from review.told import people

FORMAT: Final = "casewright dossier 1"

Json = dict[str, Any]


class Frozen(Model):
    """A body of evidence in a dossier.

    Attributes:
        content: All that its digest covers; in a masked dossier with tokens for personal data.
        retrieved_at: When the answer came.
    """

    content: Json
    retrieved_at: Moment

    def evidence(self) -> Evidence:
        """It as evidence under the digest of what stands here.

        That is the digest it is cited by, unless it was masked or changed.
        """
        draft = Evidence.model_validate(
            {**self.content, "retrieved_at": self.retrieved_at, "digest": "0" * 64}
        )
        return draft.model_copy(update={"digest": digest_of(draft.content())})


class Dossier(Model):
    """What stands alone before a regulator.

    Attributes:
        format: Of this file.
        case_id: The case.
        exported_at: When.
        masked: Whether tokens stand for personal data.
        code_version: Version of the node code that wrote it.
        head: How many events the store had, and the hash of the newest, as ``NUMBER:HASH``.
        people: Who had a part in it, by role.
        runs: The records of its runs as they are stored, oldest first.
        versions: The SOP files of each graph version that a run is pinned to.
        clauses: The policy clauses that the newest decision cites, as they were in force.
        rows: The decision table as the newest decision met it, row by row.
        evidence: Every body of evidence that the log names, by digest.
        events: The log of the case.
        seal: Digest of all the rest of this file.
    """

    format: str = FORMAT
    case_id: str
    exported_at: Moment
    masked: bool
    code_version: int
    head: str
    people: list[Json]
    runs: Annotated[list[Json], Field(min_length=1)]
    versions: dict[str, dict[str, str]]
    clauses: list[Json]
    rows: list[Json]
    evidence: dict[Digest, Frozen]
    events: list[Json]
    seal: str = ""

    def computed(self) -> str:
        """The seal that it should have."""
        return digest_of(parsed(self.model_dump_json(exclude={"seal"})))

    def sealed(self) -> Dossier:
        """It with its seal."""
        return self.model_copy(update={"seal": self.computed()})

    def require_readable(self) -> None:
        """Check that every part is what it should be.

        Raises:
            ValueError: one is not.
        """
        for record in self.runs:
            Run.model_validate(record)
        for event in self.events:
            Event.model_validate(event)
        for one in self.evidence.values():
            one.evidence()
        Head.parse(self.head)

    @property
    def run(self) -> Run:
        """The newest run."""
        return Run.model_validate(self.runs[-1])

    @property
    def log(self) -> tuple[Event, ...]:
        """The events."""
        return tuple(map(Event.model_validate, self.events))


async def compiled(store: Store, case_id: str, sops: Mapping[str, Sop], *, at: datetime) -> Dossier:
    """Everything that a store knows of a case, with personal data as it is.

    Args:
        store: The store.
        case_id: The case.
        sops: The SOPs of its runs, by graph version.
        at: The present moment.

    Raises:
        UsageError: the case was never investigated.
        StoreCorrupt: its record or an event of it does not read.
    """
    bodies = await store.records(case_id)
    if not bodies:
        raise UsageError(
            f"Case {case_id!r} was never investigated here.",
            remedy=f"Run `casewright investigate {case_id}`.",
        )
    records = [parsed(body) for body in bodies]
    events = await store.log.of(case_id)
    held = await store.intact_evidence(evidence_named(events))
    versions = dict.fromkeys(record["graph_version"] for record in records)
    run = Run.model_validate(records[-1])
    return Dossier(
        case_id=case_id,
        exported_at=at,
        masked=False,
        code_version=CODE_VERSION,
        head=str(await store.log.head()),
        people=people(events),
        runs=records,
        versions={name: await store.version_files(name) for name in versions},
        clauses=clauses_of(run, sops[run.graph_version]),
        rows=rows_of(run, sops[run.graph_version]),
        evidence={digest: _frozen(item) for digest, item in sorted(held.items())},
        events=[dict(as_json(event)) for event in events],
    )


def clauses_of(run: Run, sop: Sop) -> list[Json]:
    """The clauses that the decision cites, in the versions that were in force."""
    cited = _cited_clauses(run)
    held = (sop.policy.clause(reference) for reference in cited)
    return [{**one.model_dump(mode="json"), "reference": one.reference} for one in held if one]


def rows_of(run: Run, sop: Sop) -> list[Json]:
    """The rows of the decision table, each with how it ended and which factors made it so."""
    if run.decision is None:
        return []
    return [row.model_dump(mode="json") for row in tried(sop, run.decision)]


def _cited_clauses(run: Run) -> Iterable[str]:
    claims = run.decision.claims if run.decision else ()
    cited = (one for claim in claims for one in claim.citations if one.kind == "policy")
    return dict.fromkeys(one.reference for one in cited)


def _frozen(item: Evidence) -> Frozen:
    return Frozen(content=item.content(), retrieved_at=item.retrieved_at)


def exported(dossier: Dossier) -> Json:
    """What the log says of an export."""
    return {"seal": dossier.seal, "masked": dossier.masked, "events": len(dossier.events)}
