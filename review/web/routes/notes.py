"""Notes of experts: those in force, writing one, withdrawing one."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from casewright.errors import Forbidden, UsageError
from casewright.models import Note
from casewright.team import Member
from graphs.catalog import Catalog
from graphs.noting import Draft, about, ends, settles, write_note
from review.web.house import house_of
from review.web.pages import page, to
from review.web.paging import SIZE, Number, chosen, paging
from review.web.visitor import visitor_of

router = APIRouter()

Line = Annotated[str, Form(max_length=500)]
Prose = Annotated[str, Form(max_length=4000)]
Lines = Annotated[list[str], Form()]
NONE: Final[list[str]] = []


@router.get("/notes")
async def notes(request: Request, everything: bool = False, number: Number = 1) -> HTMLResponse:
    """The notes in force, newest first; all of them where that is asked for."""
    house, member = house_of(request), visitor_of(request).member
    now, catalog = await house.investigator.now(), house.investigator.catalog
    found = await (house.store.notes.all() if everything else house.store.notes.standing(now))
    own = [one for one in reversed(found) if _concerns(one, member, catalog)]
    shown = own[(number - 1) * SIZE : number * SIZE]
    return page(
        request,
        "notes.html",
        title="Notes",
        everything=everything,
        notes=[(one, about(one), settles(one), ends(one), one.stands(now)) for one in shown],
        paging=paging(request, number, len(own)),
        case_types=sorted({catalog.load(name).spec.case_type for name in catalog.names()}),
    )


@router.post("/notes")
async def write(
    request: Request,
    text: Prose,
    reason: Prose,
    case_type: Lines = NONE,
    region: Line = "",
    since: Line = "",
    until: Line = "",
    when: Line = "",
    sets: Line = "",
    expires: Line = "",
) -> RedirectResponse:
    """Write a note; it takes effect on the next case."""
    house, member = house_of(request), visitor_of(request).member
    catalog = house.investigator.catalog
    draft = Draft(
        text=text.strip(),
        author=member.id,
        reason=reason.strip(),
        case_types=chosen(case_type),
        regions=tuple(region.replace(",", " ").split()),
        since=since.strip(),
        until=until.strip(),
        when=when.strip(),
        sets=sets.strip(),
        expires=expires.strip(),
    )
    _require_own(member, draft.regions, draft.case_types, catalog)
    await write_note(house.store, catalog, draft, await house.investigator.now())
    return to("/notes")


@router.post("/notes/{note_id}/withdraw")
async def withdraw(request: Request, note_id: str, reason: Prose) -> RedirectResponse:
    """Withdraw a note; cases judged as of earlier moments keep it."""
    house, member = house_of(request), visitor_of(request).member
    if not reason.strip():
        raise UsageError("A note is withdrawn for a reason.")
    held = next((one for one in await house.store.notes.all() if one.note_id == note_id), None)
    if held is not None:
        scope = held.scope
        _require_own(member, scope.regions, scope.case_types, house.investigator.catalog)
    now = await house.investigator.now()
    await house.store.notes.withdraw(note_id, by=member.id, reason=reason.strip(), at=now)
    return to("/notes")


def _require_own(
    member: Member, regions: tuple[str, ...], case_types: tuple[str, ...], catalog: Catalog
) -> None:
    """Refuse a note that would be about cases which the member does not see.

    Raises:
        Forbidden: it would.
    """
    sops = tuple(catalog.for_case_type(one).name for one in case_types)
    for told, given, own in (("regions", regions, member.regions), ("SOPs", sops, member.sops)):
        if own and not (given and own.issuperset(given)):
            raise Forbidden(
                f"The note is not within the {told} of {member.id}.",
                remedy=f"Theirs are {', '.join(sorted(own))}: let the note name its cases.",
            )


def _concerns(note: Note, member: Member, catalog: Catalog) -> bool:
    """Whether a note may be about cases that the member sees."""
    scope = note.scope
    if scope.regions and member.regions and not member.regions & {*scope.regions}:
        return False
    if not (scope.case_types and member.sops):
        return True
    types = {catalog.load(name).spec.case_type for name in member.sops & {*catalog.names()}}
    return bool(types & {*scope.case_types})
