"""What must be the same on all machines that work on one batch, so that all decide alike."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import casewright
from agents.prompts import prompt_digest
from casewright.canonical import digest_of
from casewright.errors import EnvironmentFault, SopError
from graphs.catalog import Catalog
from graphs.run import Investigator
from graphs.versions import CODE_VERSION, SHOWN

REMEDIES: Final = {
    "procedures": "Have the same workspace at the same path there.",
    "tools": "Have the same workspace and plugins there.",
    "closed cases": "Copy the folder `knowledge` of the home folder there.",
}
"""What to do about a difference; where nothing is said: :data:`INSTALL`."""

INSTALL: Final = "Install the same casewright there."


async def features_of(investigator: Investigator) -> dict[str, str]:
    """What a process decides by, in short texts that are equal where it is."""
    catalog, precedents = investigator.catalog, investigator.services.precedents
    known = await asyncio.to_thread(precedents.stats) if precedents else None
    return {
        "casewright": casewright.__version__,
        "node code": str(CODE_VERSION),
        "prompts": prompt_digest()[:SHOWN],
        "procedures": digest_of({one: _files(catalog, one) for one in catalog.names()})[:SHOWN],
        "tools": digest_of({one.name: one.digest for one in catalog.tools.values()})[:SHOWN],
        "closed cases": str(known.cases if known else 0),
    }


def require_same(here: Mapping[str, str], there: Mapping[str, str], node: str) -> None:
    """Make sure that another process decides as this one would.

    Args:
        here: What this one decides by, see :func:`features_of`.
        there: What the other one does.
        node: Where that is, for people.

    Raises:
        EnvironmentFault: they differ; the message says in what.
    """
    for what, value in here.items():
        if there.get(what) != value:
            raise EnvironmentFault(
                f"Node {node} differs in {what}: {there.get(what, 'none')}, here {value}.",
                remedy=REMEDIES.get(what, INSTALL),
            )


def _files(catalog: Catalog, name: str) -> dict[str, str]:
    """The files of an SOP; what is wrong with it where it is broken, which stops no other."""
    try:
        return catalog.files(name)
    except SopError as error:
        return {"": str(error)}
