"""Cases that are opened here: submitted from outside, and appeals against decisions made here."""

from __future__ import annotations

import json
import re
from typing import Annotated, Final, Literal, get_args

from pydantic import ConfigDict, Field, StringConstraints, ValidationError

from casewright.audit import Actor, reviewer
from casewright.clock import Clock
from casewright.errors import Forbidden, UnknownCase, UsageError
from casewright.models import ALWAYS_OUTCOMES, Case, Run, RunStatus
from casewright.store.opened import OpenedCase
from casewright.team import Member, Permission
from graphs.appeal import MOST, closes
from graphs.run import Investigator
from tools.inbox import CaseRecord, get_case

Party = Literal["seller", "buyer"]
"""Who can appeal."""

PARTIES: Final[tuple[str, ...]] = get_args(Party)

MOST_WORDS: Final = 20_000
"""Characters of a text that a party submits."""

MOST_BYTES: Final = 256_000
"""Size of a case that is submitted."""

_APPEAL: Final = re.compile(r"(?P<root>.+)-appeal-(?P<number>[0-9]+)")

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,99}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]


class SubmittedRecord(CaseRecord):
    """A case as it is submitted: as the inbox lists one, with nothing beside it, and bounded."""

    model_config = ConfigDict(extra="forbid")

    case_id: Id
    case_type: Word
    subject: dict[Word, Id] = Field(max_length=20)
    seller_id: Id
    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}$")]
    language: Language = "en"
    impact_cents: int = Field(ge=0, le=10**12)
    text: str = Field(default="", max_length=MOST_WORDS)
    linked_seller_ids: tuple[Id, ...] = Field(default=(), max_length=1_000)
    party_ids: tuple[Id, ...] = Field(default=(), max_length=1_000)


class Opening:
    """Opens cases for a member of the team; one that is open is never changed.

    Args:
        investigator: Holds the runs.
        member: Who opens them.
        clock: The present moment.

    Raises:
        Forbidden: every method, where the member may not submit, or does not see such cases.
    """

    def __init__(self, investigator: Investigator, member: Member, clock: Clock) -> None:
        self._investigator = investigator
        self._member = member
        self._clock = clock

    async def submit(self, record: str) -> OpenedCase:
        """Submit a case; the same one again changes nothing.

        Args:
            record: The case as JSON: what the inbox lists of one, see docs/information.md.

        Returns:
            It as it was first opened.

        Raises:
            UsageError: it does not read, its id is another case's, or no SOP decides its type.
            SourceError: the source does not say whether it knows the id.
        """
        self._member.require(Permission.SUBMIT)
        case = submitted(record)
        self._require_sees(case)
        await self._require_free(case)
        return await self._investigator.store.opened.put(case, self._who, self._clock())

    async def appeal(
        self, run: Run, by: Party, statement: str, *, language: str = ""
    ) -> OpenedCase:
        """Open an appeal against the decision of a closed case; the same one again changes nothing.

        It is a case of its own on the same procedure and subject, with the party's statement as
        its text. The second appeal contests what the first one was decided to be.

        Args:
            run: The newest run of the case, or of its first appeal.
            by: Who appeals.
            statement: What they say; it is data.
            language: Its language (BCP 47); empty: the case's.

        Raises:
            UsageError: the case is not closed, was appealed twice, or the window has closed; or
                the statement is empty or too long.
        """
        self._member.require(Permission.SUBMIT)
        words = _statement(statement)
        root, contested, number = await self._contested(run)
        case_id = f"{root}-appeal-{number}"
        held = await self._investigator.store.opened.get(case_id)
        if held is not None and (held.case.text, held.by.partition(" ")[0]) == (words, by):
            return held
        await self._require_open(contested, number)
        if contested.appeal_of and contested.case.text == words:
            raise UsageError("A second appeal brings something new (APL-1.2): this says the same.")
        changed = {
            "case_id": case_id,
            "channel": "appeal",
            "opened_at": max(await self._investigator.inbox.now(), contested.as_of),
            "language": language or contested.case.language,
            "text": words,
            "appeal_of": contested.case.case_id,
        }
        case = Case.model_validate({**contested.case.model_dump(), **changed})
        opened = self._investigator.store.opened
        return await opened.put(case, self._who, self._clock(), party=by, number=number)

    async def _contested(self, run: Run) -> tuple[str, Run, int]:
        """The case at the root, the run whose decision is contested, and which appeal it is."""
        store = self._investigator.store
        match = _APPEAL.fullmatch(run.case.case_id) if run.appeal_of else None
        root = match["root"] if match else run.case.case_id
        contested, number = run, (int(match["number"]) if match else 0) + 1
        while appeals := await store.opened.appeals(contested.case.case_id):
            newer = await store.latest_run(appeals[-1])
            if newer is None or newer.status is not RunStatus.DONE:
                return root, contested, number  # the appeal that is open already
            contested, number = newer, number + 1
        return root, contested, number

    async def _require_open(self, contested: Run, number: int) -> None:
        case_id = contested.case.case_id
        if number > MOST:
            raise UsageError(f"Case {case_id!r} was appealed twice, which is all (APL-1.2).")
        if await self._investigator.store.opened.appeals(case_id):
            raise UsageError(f"An appeal against case {case_id!r} is open already.")
        decided = contested.decision
        closed = contested.status is RunStatus.DONE
        if not closed or decided is None or decided.outcome in ALWAYS_OUTCOMES:
            raise UsageError(
                f"Case {case_id!r} is not decided, so there is nothing to appeal against yet."
            )
        sop = await self._investigator.sop_of(contested)
        at = contested.reviews[-1].at if contested.reviews else contested.updated_at
        until = closes(sop, number, at, contested.case.region)
        if self._clock() > until:
            raise UsageError(
                f"The time to appeal against case {case_id!r} ended on {until:%Y-%m-%d} (APL-1.1)."
            )

    @property
    def _who(self) -> Actor:
        return reviewer(self._member.id)

    def _require_sees(self, case: Case) -> None:
        sop = self._investigator.procedure_of(case).name
        if not self._member.sees(region=case.region, sop=sop, language=case.language):
            raise Forbidden(f"{self._member.id} does not see cases like {case.case_id!r}.")

    async def _require_free(self, case: Case) -> None:
        """Refuse an id that the source or an older run has given to another case."""
        store = self._investigator.store
        if await store.opened.get(case.case_id) is not None:
            return  # told apart by what it says
        taken = await store.latest_run(case.case_id) is not None
        if not taken:
            try:
                await get_case(self._investigator.inbox, case.case_id)
                taken = True
            except UnknownCase:
                taken = False
        if taken:
            raise UsageError(
                f"The id {case.case_id!r} is another case's.",
                remedy="A case that is known is not submitted: investigate it.",
            )


def submitted(record: str) -> Case:
    """The case that a text submits.

    Raises:
        UsageError: it is no case, or more than one, with the first thing that is wrong.
    """
    if len(record.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise UsageError(f"A case has at most {MOST_BYTES:,} bytes.")
    try:
        json.loads(record, object_pairs_hook=_once)
        case = SubmittedRecord.model_validate_json(record).case()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/".join(str(part) for part in first["loc"])
        raise UsageError(f"The case does not fit at /{where}: {first['msg']}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The case is no JSON that can be read: {error}.") from error
    if _APPEAL.fullmatch(case.case_id):
        raise UsageError(
            f"The id {case.case_id!r} is an appeal's.", remedy="Use `casewright review appeal`."
        )
    return case


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose names are each there once: of two, nobody can tell which is meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _statement(text: str) -> str:
    words = text.strip()
    if not words:
        raise UsageError("An appeal says why: the statement is empty.")
    if len(words) > MOST_WORDS:
        raise UsageError(f"A statement has at most {MOST_WORDS:,} characters.")
    return words
