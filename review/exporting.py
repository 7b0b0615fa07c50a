"""Writes dossiers: compiled from the store, masked, verified by themselves, and logged."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from casewright.audit import Actor, Happened, Kind
from casewright.base import Model
from casewright.canonical import parsed
from casewright.clock import Clock
from casewright.errors import UsageError
from casewright.store import Store
from graphs.load import load_sop
from graphs.sop import Sop
from review.audit_report import place
from review.dossier import Dossier, compiled, exported, rows_of
from review.page import page
from review.paged import paged, require_printable
from review.reverified import reverified
from tools.base import Tool

_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
"""Case ids that are names of files as they are; a source chose them, and may choose ``../x``."""


class Export(Model):
    """What was written.

    Attributes:
        json_file: The file that everything can be verified with.
        html_file: The page for people.
        pdf_file: The same to print or to hand in, with the JSON inside; empty: none was asked for.
        masked: Whether tokens stand for personal data.
        seal: Digest of what the JSON file holds.
        head: Number and hash of the case's last event in it.
        faults: What is wrong with the case as the store holds it.
    """

    json_file: str
    html_file: str
    pdf_file: str = ""
    masked: bool
    seal: str
    head: str
    faults: tuple[str, ...] = ()


async def export(
    store: Store,
    case_id: str,
    folder: Path,
    tools: Mapping[str, Tool],
    actor: Actor,
    clock: Clock,
    *,
    reveal: bool = False,
    pdf: bool = False,
) -> Export:
    """Write the dossier of a case; the log says who did, and that personal data was revealed.

    Args:
        store: The store.
        case_id: The case.
        folder: Where; made if need be.
        tools: Tools that SOPs may name; none of them is called.
        actor: Who exports.
        clock: The present moment.
        reveal: Whether personal data is shown.
        pdf: Whether a PDF is written as well.

    Raises:
        UsageError: the case was never investigated, or the folder cannot be written.
        EnvironmentFault: personal data cannot be masked: Presidio is not installed; or a PDF
            cannot be made.
    """
    if pdf:
        require_printable()
    sops = await _sops(store, case_id, tools)
    run_id = next(reversed(sops), "")
    if sops and reveal:
        told = Happened(kind=Kind.REVEALED, at=clock(), actor=actor, body={"what": "dossier"})
        await store.log.note(case_id, told, run_id=run_id)
    by_version = dict(sops.values())
    dossier = await compiled(store, case_id, by_version, at=clock())
    if not reveal:
        dossier = await asyncio.to_thread(_masked, dossier, by_version)
    sealed = dossier.sealed()
    files = _write(sealed, folder, pdf=pdf)
    happened = Happened(kind=Kind.EXPORTED, at=clock(), actor=actor, body=exported(sealed))
    await store.log.note(case_id, happened, run_id=run_id)
    for draft, file in files.items():
        draft.replace(file)
    proven = await asyncio.to_thread(reverified, sealed, tools)
    names = [str(file) for file in files.values()]
    return Export(
        json_file=names[0],
        html_file=names[1],
        pdf_file=names[2] if pdf else "",
        masked=sealed.masked,
        seal=sealed.seal,
        head=proven.head,
        faults=tuple(f"{place(one)}{one.wrong}" for one in proven.faults),
    )


async def _sops(
    store: Store, case_id: str, tools: Mapping[str, Tool]
) -> dict[str, tuple[str, Sop]]:
    """The version and SOP of each run, oldest first."""
    found: dict[str, tuple[str, Sop]] = {}
    for body in await store.records(case_id):
        record = parsed(body)
        version = record["graph_version"]
        files = await store.version_files(version)
        found[record["run_id"]] = (version, load_sop(files, tools, folder=version))
    return found


def _masked(dossier: Dossier, sops: Mapping[str, Sop]) -> Dossier:
    from review.masking import masked

    hidden = masked(dossier)
    run = hidden.run
    return hidden.model_copy(update={"rows": rows_of(run, sops[run.graph_version])})


def _write(dossier: Dossier, folder: Path, *, pdf: bool = False) -> dict[Path, Path]:
    """Write the files under other names; they get their own once the log tells of them."""
    drafts: dict[Path, Path] = {}
    contents = _contents(dossier, pdf=pdf)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in contents.items():
            draft = folder / f".{file}.new"
            draft.write_bytes(content)
            drafts[draft] = folder / file
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from error
    return drafts


def _contents(dossier: Dossier, *, pdf: bool) -> dict[str, bytes]:
    """What goes into each file, by its name."""
    name = dossier.case_id
    if not _FILE_NAME.fullmatch(name):
        name = f"case-{dossier.seal[:12]}"
    text = json.dumps(dossier.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"
    json_name, pdf_name = f"{name}.json", f"{name}.pdf"
    contents = {
        json_name: text.encode(),
        f"{name}.html": page(dossier, json_name).encode(),
    }
    if pdf:
        contents[pdf_name] = paged(dossier, json_name, text, pdf_name)
    return contents
