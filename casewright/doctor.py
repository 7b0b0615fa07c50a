"""Checks of the installation, each with its remedy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from casewright import owner
from casewright.errors import CasewrightError
from casewright.models import Model
from casewright.settings import WORKSPACE_FILE, Settings
from casewright.store import schema
from casewright.store.opening import place_of, prepare


class Check(Model):
    """One thing that was looked at.

    Attributes:
        name: What.
        ok: Whether it is as it should be.
        detail: What was found.
        remedy: What to do where it is not.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""


async def examine(settings: Settings, folder: Path | None = None) -> AsyncIterator[Check]:
    """Look at packages, workspace, home, schema, source and model, one after the other.

    Args:
        settings: The settings in use.
        folder: The workspace in use, or None.
    """
    yield packages()
    yield workspace(folder)
    yield await store(settings)
    yield await source(settings)
    yield await model(settings)


def packages() -> Check:
    """Whether another distribution brings folders of our names."""
    found = owner.clashes()
    try:
        owner.require_ours()
    except CasewrightError as error:
        return _failed("packages", error)
    if found:
        told = ", ".join(f"{name} ({', '.join(others)})" for name, others in found.items())
        return Check(
            name="packages",
            ok=False,
            detail=f"other packages bring the same names: {told}",
            remedy="Install casewright into an environment of its own (pipx, uv tool).",
        )
    return Check(name="packages", ok=True, detail="every folder is casewright's own")


def workspace(folder: Path | None) -> Check:
    """Which workspace is in use, and what it holds."""
    if folder is None:
        told = "none: built-in SOPs and tools only; `casewright init DIR` makes one"
        return Check(name="workspace", ok=True, detail=told)
    held = {
        "SOPs": len(list(folder.glob("sops/*/sop.yaml"))),
        "tools files": len(list(folder.glob("tools/*.yaml"))),
    }
    told = ", ".join(f"{kind}: {count}" for kind, count in held.items())
    settings = "" if (folder / WORKSPACE_FILE).is_file() else f"; it has no {WORKSPACE_FILE}"
    return Check(name="workspace", ok=True, detail=f"{told}, in {folder}{settings}")


async def store(settings: Settings) -> Check:
    """Whether the home folder can be written and the store has this version's schema."""
    try:
        place = place_of(settings)
        try:
            await prepare(place, schema.require_head)
        finally:
            await place.engine.dispose()
    except CasewrightError as error:
        return _failed("store", error)
    told = place.where if settings.store_url.get_secret_value() else settings.home
    return Check(name="store", ok=True, detail=f"{told}, schema {schema.HEAD}")


async def source(settings: Settings) -> Check:
    """Whether the data source answers and takes our token."""
    if not settings.source_url and settings.cases:
        told = f"none set: the cases come from {settings.cases}"
        remedy = (
            "" if settings.cases.is_file() else "There is no such file; mend the setting `cases`."
        )
        return Check(name="source", ok=not remedy, detail=told, remedy=remedy)
    if not settings.source_url:
        return Check(name="source", ok=True, detail="none set: the embedded sandbox is used")
    url = f"{settings.source_url.rstrip('/')}/v1/cases?limit=1"
    remedy = "Check CASEWRIGHT_SOURCE_URL and CASEWRIGHT_SOURCE_TOKEN."
    return await _reach("source", url, settings.source_token.get_secret_value(), remedy)


async def model(settings: Settings) -> Check:
    """Whether the model endpoint answers and takes our key."""
    if not settings.model:
        return Check(name="model", ok=True, detail="none set: questions about text stay open")
    base = settings.model_base_url or "https://api.openai.com/v1"
    remedy = "Check CASEWRIGHT_MODEL_BASE_URL and CASEWRIGHT_MODEL_API_KEY."
    key = settings.model_api_key.get_secret_value()
    return await _reach("model", f"{base.rstrip('/')}/models", key, remedy)


async def console(url: str) -> Check:
    """Whether a console that runs is ready for requests.

    Args:
        url: Where it says so, such as ``http://127.0.0.1:8321/ready``.
    """
    remedy = "Start it with `casewright console`, or read what it says on stderr."
    # Past any proxy of the environment: it would ask itself who 127.0.0.1 is.
    return await _reach("console", url, "", remedy, trust_env=False)


async def upgrade(settings: Settings) -> None:
    """Bring the store to the newest schema.

    Raises:
        EnvironmentFault: the home cannot be written, or the store is locked, unreadable, away or
            newer than this version.
    """
    place = place_of(settings)
    try:
        await prepare(place, schema.upgrade)
    finally:
        await place.engine.dispose()


async def _reach(name: str, url: str, token: str, remedy: str, *, trust_env: bool = True) -> Check:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with httpx.AsyncClient(timeout=5.0, trust_env=trust_env) as client:
            answer = await client.get(url, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        told = f"{url} does not answer ({type(error).__name__})"
        return Check(name=name, ok=False, detail=told, remedy=remedy)
    ok = answer.status_code == httpx.codes.OK
    told = f"{url} answers {answer.status_code}"
    return Check(name=name, ok=ok, detail=told, remedy="" if ok else remedy)


def _failed(name: str, error: CasewrightError) -> Check:
    return Check(name=name, ok=False, detail=error.message, remedy=error.remedy)
