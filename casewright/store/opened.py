"""Cases that were opened here: submitted from outside, or appeals against decisions made here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.audit import Actor, Happened, Kind
from casewright.base import Model, Moment
from casewright.errors import StoreCorrupt, UsageError
from casewright.happenings import digest_of_model
from casewright.models import Case
from casewright.store.log import append
from casewright.store.tables import opened_cases
from casewright.store.transaction import Transaction


class OpenedCase(Model):
    """A case that was opened here.

    Attributes:
        case: The case; ``appeal_of`` names the one whose decision it contests.
        by: Who opened it; for an appeal, ``party (member)``.
        at: When.
    """

    case: Case
    by: str
    at: Moment


class OpenedCases:
    """Cases opened here, see ``Store.opened``. Nothing here changes one.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def put(
        self, case: Case, who: Actor, at: datetime, *, party: str = "", number: int = 0
    ) -> OpenedCase:
        """Open a case; the same one again changes nothing.

        Args:
            case: The case.
            who: Who opens it.
            at: The present moment.
            party: For whom, where it is an appeal.
            number: How many appeals there are with it, where it is one.

        Returns:
            It as it was first opened.

        Raises:
            UsageError: another case was opened under its id before.
        """
        digest = digest_of_model(case)
        async with self._writing() as connection:
            row = await _row(connection, case.case_id)
            if row is not None:
                return _same(row, digest)
            by = f"{party} ({who.id})" if party else who.id
            values = {
                "case_id": case.case_id,
                "digest": digest,
                "body": case.model_dump_json(),
                "appeal_of": case.appeal_of,
                "opened_by": by,
                "at": at.isoformat(),
            }
            await connection.execute(opened_cases.insert(), values)
            body = {"case": digest, "appeal_of": case.appeal_of}
            happened = Happened(kind=Kind.OPENED, at=at, actor=who, body=body)
            await append(connection, case.case_id, "", [happened])
            if case.appeal_of:
                told = {"appeal": case.case_id, "by": party, "number": number, "case": digest}
                happened = Happened(kind=Kind.APPEALED, at=at, actor=who, body=told)
                await append(connection, case.appeal_of, "", [happened])
        return OpenedCase(case=case, by=by, at=at)

    async def get(self, case_id: str) -> OpenedCase | None:
        """The case of that id, or None where none was opened here.

        Raises:
            UsageError: what it said was erased.
            StoreCorrupt: it does not read, or is not what was opened.
        """
        async with self._transaction() as connection:
            row = await _row(connection, case_id)
        return None if row is None else _read(row)

    async def appeals(self, case_id: str) -> tuple[str, ...]:
        """Ids of the cases that contest decisions of a case, oldest first."""
        query = select(opened_cases.c.case_id).where(opened_cases.c.appeal_of == case_id)
        async with self._transaction() as connection:
            found = await connection.execute(query.order_by(opened_cases.c.at))
            return tuple(found.scalars())


async def _row(connection: AsyncConnection, case_id: str) -> Any:
    query = select(opened_cases).where(opened_cases.c.case_id == case_id)
    return (await connection.execute(query)).one_or_none()


def _same(row: Any, digest: str) -> OpenedCase:
    if row.digest != digest:
        raise UsageError(
            f"Another case was opened as {row.case_id!r} before.",
            remedy="A case that was opened is never changed: open this one under another id.",
        )
    return _read(row)


def _read(row: Any) -> OpenedCase:
    if not row.body:
        raise UsageError(f"What case {row.case_id!r} said was erased.")
    try:
        case = Case.model_validate_json(row.body)
    except ValidationError as error:
        raise _corrupt(row) from error
    if digest_of_model(case) != row.digest:
        raise _corrupt(row)
    return OpenedCase(case=case, by=row.opened_by, at=datetime.fromisoformat(row.at))


def _corrupt(row: Any) -> StoreCorrupt:
    return StoreCorrupt(
        f"The case {row.case_id!r} is not as it was opened.", remedy="Restore it from a backup."
    )
