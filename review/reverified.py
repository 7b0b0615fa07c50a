"""Verifies a dossier by itself: no store, no source, nothing but the file and the rules."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jsonpointer import JsonPointerException
from pydantic import ValidationError

from casewright.audit import Event, Kind, written
from casewright.base import Model
from casewright.canonical import digest_of, parsed
from casewright.chain import Fault
from casewright.chain import faults as chain_faults
from casewright.errors import CasewrightError, UsageError
from casewright.happenings import record_digest_of, spelled_value
from casewright.models import ActionRecord, Citation, Cost, Decision, Evidence, ReviewAct, Run
from casewright.references import Told
from casewright.store.log import Head
from graphs.decide import Given, decide
from graphs.facts import Facts
from graphs.load import load_sop
from graphs.plan import planned
from graphs.sop import Sop
from graphs.verify import fault as citation_fault
from graphs.verify import verify
from graphs.versions import CODE_VERSION
from review.dossier import FORMAT, Dossier, clauses_of, rows_of
from review.told import people
from tools.base import Tool

MASKED: Final = (
    "personal data is masked, so that the digests of evidence, records and reviews cannot be "
    "computed here; the log holds them, to be checked by whoever is shown the unmasked words"
)


CASE_TOOL: Final = "get_case"
"""What the frozen case says that it came from."""


class Reverified(Model):
    """What a dossier proves by itself.

    Attributes:
        case_id: The case.
        masked: Whether tokens stand for personal data.
        events: How many events it holds.
        evidence: How many bodies of evidence.
        citations: How many citations were checked against them.
        head: The number and hash of the case's last event in it.
        faults: What is wrong; empty where all holds.
        unproven: What could not be checked, and why.
    """

    case_id: str
    masked: bool
    events: int
    evidence: int
    citations: int
    head: str
    faults: tuple[Fault, ...] = ()
    unproven: tuple[str, ...] = ()


def read(text: str) -> Dossier:
    """A dossier from its file.

    Raises:
        UsageError: it is none, or one of another version.
    """
    try:
        value = parsed(text)
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise UsageError(f"This is no dossier of the format {FORMAT!r}.")
        dossier = Dossier.model_validate(value)
        dossier.require_readable()
    except (ValueError, IndexError, KeyError) as error:
        raise UsageError(f"The dossier does not read: {_first(error)}.") from error
    return dossier


def reverified(dossier: Dossier, tools: Mapping[str, Tool], head: Head | None = None) -> Reverified:
    """Verify a dossier.

    Args:
        dossier: It.
        tools: Tools that its SOP may name; none of them is called.
        head: The head of the case as it was kept elsewhere: the dossier must hold that event.
    """
    verification = _Verification(dossier, tools)
    faults = tuple(verification.told_faults(head))
    last = dossier.log[-1] if dossier.events else None
    return Reverified(
        case_id=dossier.case_id,
        masked=dossier.masked,
        events=len(dossier.events),
        evidence=len(dossier.evidence),
        citations=verification.citations,
        head=str(Head(last.number, last.hash)) if last else "",
        faults=faults,
        unproven=tuple(verification.unproven),
    )


@dataclass
class _Verification:
    dossier: Dossier
    tools: Mapping[str, Tool]
    citations: int = 0
    unproven: list[str] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=lambda: defaultdict(Told))

    def told_faults(self, head: Head | None) -> Iterator[Fault]:
        """What is wrong, also where an event no longer says what its kind says."""
        try:
            yield from self.faults(head)
        except (LookupError, TypeError, AttributeError) as error:
            yield self._fault(f"an event lacks what its kind has: {error}")

    def faults(self, head: Head | None) -> Iterator[Fault]:
        self.events = self.dossier.log
        self.rows = [written(event) for event in self.events]
        self.bodies = {digest: one.evidence() for digest, one in self.dossier.evidence.items()}
        for event, row in zip(self.events, self.rows, strict=True):
            self.told[event.run_id].take(row, event.body)
        if self.dossier.seal != self.dossier.computed():
            yield self._fault("the seal is another: something in this file was changed")
        yield from self._log(head)
        yield from self._evidence()
        held = {record["run_id"] for record in self.dossier.runs}
        for run_id, told in self.told.items():
            if told.record and run_id not in held:
                yield Fault.at(told.record[0], f"the record of run {run_id} is not in the dossier")
        for record in self.dossier.runs:
            yield from self._record(record)
        yield from self._reasoning()
        if self.dossier.masked:
            self.unproven.append(MASKED)

    def _fault(self, wrong: str) -> Fault:
        return Fault(case_id=self.dossier.case_id, wrong=wrong)

    def _log(self, head: Head | None) -> Iterator[Fault]:
        yield from chain_faults(self.rows, whole=False)
        for row in self.rows:
            if row.case_id != self.dossier.case_id:
                yield Fault.at(row, "it is an event of another case")
        if self.dossier.people != people(self.events):
            yield self._fault("the people are not those of the log")
        newest = Head.parse(self.dossier.head)
        if self.rows and self.rows[-1].entry > newest.entry:
            yield Fault.at(self.rows[-1], "it is newer than the store's head in this file")
        if head and not any((row.number, row.hash) == head for row in self.rows):
            yield self._fault(f"the log does not hold the event {head} that was kept elsewhere")

    def _evidence(self) -> Iterator[Fault]:
        """Every body is one that the log names, and every one that the log names is there."""
        erased = {d for one in self.events if one.kind is Kind.ERASED for d in one.body["evidence"]}
        named = {d: row for told in self.told.values() for d, row in told.evidence.items()}
        for digest, row in named.items():
            if digest not in self.bodies and digest not in erased:
                yield Fault.at(row, f"evidence {digest[:12]} is not in the dossier")
        for digest, item in self.bodies.items():
            if digest not in named:
                yield self._fault(f"no event tells of evidence {digest[:12]}")
            elif not self.dossier.masked and item.digest != digest:
                yield Fault.at(named[digest], f"evidence {digest[:12]} was changed")

    def _record(self, record: dict[str, Any]) -> Iterator[Fault]:
        run = Run.model_validate(record)
        told = self.told.get(run.run_id)
        if told is None or told.record is None:
            yield self._fault(f"no event tells of run {run.run_id}")
            return
        event, digest = told.record
        if run.case.case_id != self.dossier.case_id:
            yield self._fault(f"run {run.run_id} is one of another case")
        yield from self._files(run, told)
        if self.dossier.masked:
            return
        if record_digest_of(_text(record)) != digest:
            yield Fault.at(event, f"the record of run {run.run_id} was changed")
        if told.erased:
            return
        reviews = {digest_of(parsed(_text(one))) for one in record["reviews"]}
        for one, row in told.reviews.items():
            if one not in reviews:
                yield Fault.at(row, "its review is not in the dossier, or was changed")

    def _files(self, run: Run, told: Told) -> Iterator[Fault]:
        files = self.dossier.versions.get(run.graph_version)
        if files is None:
            yield self._fault(f"the SOP files of {run.graph_version} are not in the dossier")
        elif told.files and digest_of(files) != told.files[1]:
            yield Fault.at(told.files[0], f"the SOP files of {run.graph_version} were changed")
        elif told.files is None:
            self.unproven.append(f"no event tells which SOP files run {run.run_id} had")

    def _reasoning(self) -> Iterator[Fault]:
        run = self.dossier.run
        decision = run.decision
        if decision is None:
            return
        yield from self._as_logged(run, decision)
        try:
            sop = load_sop(self.dossier.versions[run.graph_version], self.tools)
        except (CasewrightError, KeyError) as error:
            self.unproven.append(
                f"the SOP does not load here, so citations of the policy and the "
                f"table are unchecked: {error}"
            )
            return
        yield from self._derived(run, sop)
        evidence = self._cited_by()
        for claim in (one for one in decision.claims if not one.struck):
            for citation in claim.citations:
                yield from self._citation(citation, evidence, sop)
        yield from self._table(run, decision, sop, evidence)

    def _as_logged(self, run: Run, decision: Decision) -> Iterator[Fault]:
        """What the record says of the decision is what the last events said of it."""
        own = [event for event in self.events if event.run_id == run.run_id]
        said = [one for one in own if one.kind in (Kind.PROPOSED, Kind.DECIDED)]
        if not said:
            return
        last = said[-1]
        now = (decision.outcome, decision.row, len(decision.claims))
        if now != tuple(last.body.get(name) for name in ("outcome", "row", "claims")):
            yield _at(last, "the decision is another than the one that was logged")
        logged = {f["name"]: f for e in own if e.kind is Kind.FACTORS for f in e.body["factors"]}
        for factor in (*decision.factors, *decision.flags):
            then = logged.get(factor.name)
            value = spelled_value(factor.value)
            unseen = self.dossier.masked and isinstance(value, dict)
            if then is None or (not unseen and (then["value"], then["by"]) != (value, factor.by)):
                yield _at(last, f"the factor {factor.name} is another than the one that was logged")

    def _derived(self, run: Run, sop: Sop) -> Iterator[Fault]:
        if self.dossier.clauses != clauses_of(run, sop):
            yield self._fault("the clauses are not those that the decision cites")
        if self.dossier.rows != rows_of(run, sop):
            yield self._fault("the rows are not those that the factors lead through")

    def _cited_by(self) -> dict[str, Evidence]:
        """Evidence by the digest it is cited by; masked bodies are compared as they stand here."""
        if self.dossier.masked:
            return dict(self.bodies)
        return {digest: item for digest, item in self.bodies.items() if item.digest == digest}

    def _citation(
        self, citation: Citation, evidence: Mapping[str, Evidence], sop: Sop
    ) -> Iterator[Fault]:
        self.citations += 1
        wrong = citation_fault(citation, evidence, sop.policy)
        if wrong and self.dossier.masked and citation.excerpt:
            self.unproven.append(f"an excerpt of {citation.label} cannot be compared: it is masked")
        elif wrong:
            yield self._fault(f"a citation does not hold: {wrong}")

    def _table(
        self, run: Run, decision: Decision, sop: Sop, evidence: Mapping[str, Evidence]
    ) -> Iterator[Fault]:
        try:
            again = self._decided(run, decision, sop, evidence)
        except (CasewrightError, ValidationError, LookupError, JsonPointerException) as error:
            adopted = self.told[run.run_id].adopted
            if adopted or self.dossier.masked or self.dossier.code_version != CODE_VERSION:
                self.unproven.append(f"the table cannot be applied again here: {_first(error)}")
            else:
                yield self._fault(f"the table cannot be applied again: {_first(error)}")
            return
        if (again.outcome, again.row) == (decision.outcome, decision.row):
            return
        told = (
            f"the table leads to {again.outcome} by row {again.row}, and the record says "
            f"{decision.outcome} by row {decision.row}"
        )
        if self.dossier.code_version != CODE_VERSION:
            code = f"written by node code {self.dossier.code_version}, read by {CODE_VERSION}"
            self.unproven.append(f"{told} ({code})")
        else:
            yield self._fault(told)

    def _decided(
        self, run: Run, decision: Decision, sop: Sop, evidence: Mapping[str, Evidence]
    ) -> Decision:
        """The decision that the recorded factors lead to, and what reviewers made of it."""
        records = self._actions(run, sop)
        facts = Facts(sop, evidence[self._case(run)], records, evidence)
        given = Given(decision.factors, None, Cost(), run.graph_version)
        again = verify(planned(facts, decide(facts, given), run.run_id), evidence, sop.policy)
        last = run.standing[-1] if run.standing else None
        if last and last.act is ReviewAct.EDIT and last.outcome:
            return again.model_copy(update={"outcome": last.outcome})
        return again

    def _case(self, run: Run) -> str:
        """The case as it was judged last."""
        frozen = [
            event.body["digest"]
            for event in self.events
            if event.run_id == run.run_id and event.kind is Kind.EVIDENCE
            if event.body.get("tool") == CASE_TOOL
        ]
        return str(frozen[-1])

    def _actions(self, run: Run, sop: Sop) -> dict[str, ActionRecord]:
        """How each action ended at last."""
        found: dict[str, ActionRecord] = {}
        for event in self.events:
            own = event.run_id == run.run_id and event.kind is Kind.EVIDENCE
            if own and "action" in event.body:
                body = {name: event.body[name] for name in ("action", "status", "digest", "parts")}
                found[body["action"]] = ActionRecord.model_validate(body)
        return {name: found[name] for name in sop.actions}


def _at(event: Event, wrong: str) -> Fault:
    return Fault.at(written(event), wrong)


def _text(value: Any) -> str:
    return json.dumps(value)


def _first(error: Exception) -> str:
    return str(error).split("\n")[0]
