"""What one case's evidence says: names that expressions read, and citations of what they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from jsonpointer import resolve_pointer
from pydantic_core import to_json

from casewright.models import ActionRecord, Case, Citation, Evidence, EvidenceStatus
from graphs.scope import Bound, Read, Scope, Unknown
from graphs.sop import CASE, POLICY, Sop


# No repr: asyncio.run spells the result of its task, and facts hold whole procedures and answers.
@dataclass(frozen=True, repr=False)
class Facts:
    """The frozen case, how each action ended, and the evidence by digest.

    Attributes:
        sop: The procedure.
        case: The case, frozen as Evidence.
        records: How each action ended, by name.
        evidence: All evidence the records refer to, by digest.
        bound: The case and every action as expressions see them, where that was made already.
    """

    sop: Sop
    case: Evidence
    records: Mapping[str, ActionRecord]
    evidence: Mapping[str, Evidence]
    bound: Scope | None = field(default=None, compare=False)

    @cached_property
    def scope(self) -> Scope:
        """The case and every action as expressions see them."""
        if self.bound is not None:
            return self.bound
        names = {CASE: bind_case(self.case)}
        for name in self.sop.actions:
            record = self.records.get(name)
            names[name] = bind_action(self.sop, name, record, self.evidence)
        return names

    def scope_with_policy(self, in_force: str) -> Scope:
        """The scope with ``policy``: values of the fact's day, or of the decision's.

        A value whose clause is not in force that day is absent, like one before its first day.
        """
        if in_force not in self._policy_scopes:
            self._policy_scopes[in_force] = self._scope_on(self.day(in_force))
        return self._policy_scopes[in_force]

    @cached_property
    def _policy_scopes(self) -> dict[str, Scope]:
        return {}

    def _scope_on(self, on: datetime) -> Scope:
        policy = self.sop.policy
        held = {
            name: policy.value(name, on=on, region=self._region)
            for name, value in policy.values.items()
            if policy.in_force(value.clause, on=on, region=self._region)
        }
        return {**self.scope, POLICY: Bound(held, POLICY)}

    def day(self, in_force: str) -> datetime:
        """The day whose policy holds: the ``fact``'s, or the ``decision``'s."""
        return self.case.as_of if in_force == "decision" else self.fact_date

    @cached_property
    def fact_date(self) -> datetime:
        """The day of the fact; the day the case opened where evidence for it is missing."""
        result = self.sop.fact_date.evaluate(self.scope)
        if isinstance(result.value, datetime):
            return result.value
        opened: datetime = self.scope[CASE].value["opened_at"]
        return opened

    def cite_all(self, reads: Iterable[Read], *, in_force: str = "fact") -> tuple[Citation, ...]:
        """The citations of several reads, each proof once; ``in_force`` as for the scope."""
        cited = [self.cite(read, in_force=in_force) for read in reads]
        return tuple({(one.reference, one.pointer): one for one in cited}.values())

    def cite(self, read: Read, *, in_force: str = "fact") -> Citation:
        """The citation of one read field, with the exact value that stands there."""
        if read.root == POLICY:
            value = self.sop.policy.values[read.pointer.split("/")[1]]
            return self.cite_clause(value.clause, in_force=in_force)
        digest = self.case.digest if read.root == CASE else self.records[read.root].digest
        source = self.case if read.root == CASE else self.evidence[digest]
        return Citation(
            kind="evidence",
            reference=digest,
            pointer=read.pointer,
            quote=resolve_pointer(source.data, read.pointer),
            label=f"{read.root}{read.pointer}",
        )

    def cite_clause(self, clause_id: str, *, in_force: str = "fact") -> Citation:
        """The citation of the clause version in force on the day of the fact, or the decision.

        Raises:
            KeyError: none was; see :meth:`in_force`.
        """
        on = self.day(in_force)
        clause = self.sop.policy.in_force(clause_id, on=on, region=self._region)
        if clause is None:
            raise KeyError(clause_id)
        return Citation(
            kind="policy", reference=clause.reference, quote=clause.text, label=clause_id
        )

    def in_force(self, clause_id: str) -> bool:
        """Whether some version of the clause held on the day of the fact in the case's region."""
        found = self.sop.policy.in_force(clause_id, on=self.fact_date, region=self._region)
        return found is not None

    @property
    def _region(self) -> str:
        return str((self.case.data or {})["region"])


def bind_action(
    sop: Sop, name: str, record: ActionRecord | None, evidence: Mapping[str, Evidence]
) -> Bound:
    """An action as expressions see it: its typed data, or unknown with the reason."""
    if record is None or record.status != "ok":
        return Bound(Unknown.of(name, _why(name, record)), name)
    item = evidence[record.digest]
    return Bound(_typed(sop, name, item), name, complete=item.complete, cut=item.reason)


def bind_case(item: Evidence) -> Bound:
    """The frozen case as expressions see it: ``opened_at`` and ``as_of`` are times."""
    data = dict(item.data or {})
    times = {name: datetime.fromisoformat(data[name]) for name in ("opened_at", "as_of")}
    return Bound({**data, **times}, CASE)


def _typed(sop: Sop, action: str, item: Evidence) -> dict[str, Any]:
    """Evidence as the tool's result model types it: times as datetimes, absent fields left out."""
    result = sop.actions[action].result.model_validate_json(to_json(item.data))
    return result.model_dump(mode="python", by_alias=True, exclude_none=True, exclude_unset=True)


def freeze_case(case: Case, *, as_of: datetime, at: datetime) -> Evidence:
    """The case, fetched ``at``, as Evidence: what decides is citable like everything else."""
    data = case.model_dump(mode="json", exclude={"impact"})
    data |= {"impact_cents": case.impact.cents, "currency": case.impact.currency}
    data["as_of"] = as_of.isoformat()
    return Evidence.freeze(
        tool="get_case",
        request={"case_id": case.case_id},
        status=EvidenceStatus.OK,
        data=data,
        untrusted=("/text",),
        source="inbox",
        as_of=as_of,
        retrieved_at=at,
    )


def judged_at(item: Evidence, as_of: datetime) -> Evidence:
    """The frozen case, judged at another moment than before; itself where that is the same."""
    if item.as_of == as_of:
        return item
    return Evidence.freeze(
        tool=item.tool,
        request=item.request,
        status=item.status,
        data={**(item.data or {}), "as_of": as_of.isoformat()},
        untrusted=item.untrusted,
        source=item.source,
        as_of=as_of,
        retrieved_at=item.retrieved_at,
    )


def _why(name: str, record: ActionRecord | None) -> str:
    if record is None:
        return f"{name} was not run"
    told = {
        "not_run": "was not run",
        "not_needed": "was not needed",
        "error": "failed",
        "no_data": "found nothing",
    }[record.status]
    return f"{name} {told}" + (f" ({record.reason})" if record.reason else "")
