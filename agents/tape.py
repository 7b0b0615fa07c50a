"""Answers of models on a cassette: recorded once, replayed without a call.

The cassette is vcrpy's. vcrpy itself would patch the HTTP library for the whole process, and with
it every other call; here one transport of the model's client holds the cassette, so cases in flight
share it safely and nothing else is touched. Between looking for an answer and taking it nothing
waits, so no two calls take the same one.

A request is recorded by its digest alone: a cassette holds no prompt, no header and no key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import httpx2
from vcr.cassette import Cassette
from vcr.persisters.filesystem import FilesystemPersister
from vcr.record_mode import RecordMode
from vcr.request import Request
from vcr.serializers import jsonserializer

from agents.failures import NOT_RECORDED
from agents.fence import unmarked
from casewright.errors import UsageError
from casewright.settings import TapeMode

_MODES = {
    "record": RecordMode.ALL,
    "replay": RecordMode.NONE,
    "once": RecordMode.NEW_EPISODES,
}

_PASSING = frozenset({401, 403, 408, 409, 425, 429, 502, 503, 504})
"""Statuses that say nothing about the question, so that they are not worth keeping."""

_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Tape:
    """One cassette, open.

    Args:
        path: The file, JSON; where it is not there, it is made at the end of a recording.
        mode: What is to be done with calls.

    Raises:
        UsageError: there is nothing to replay, or the file is no cassette.
    """

    def __init__(self, path: Path, mode: TapeMode) -> None:
        if mode == "replay" and not path.is_file():
            raise UsageError(f"There is no cassette {path} to replay.", remedy="Record it first.")
        self._path = path
        self._mode = mode
        self._cassette = _loaded(path, _MODES[mode])
        self.recorded = 0
        """Answers recorded since it was opened."""

    def client(self) -> httpx2.AsyncClient:
        """An HTTP client for a model, whose calls go by this tape."""
        from openai import DefaultAsyncHttpxClient

        return DefaultAsyncHttpxClient(transport=_Transport(self))

    def played(self, asked: Request) -> httpx2.Response | None:
        """The recorded answer to a request, each once, in their order; None where there is none."""
        if self._cassette.can_play_response_for(asked):
            kept = self._cassette.play_response(asked)
            return httpx2.Response(
                kept["status"]["code"],
                headers=[(name, value) for name, all_ in kept["headers"].items() for value in all_],
                content=kept["body"]["string"],
            )
        return _missing(self._path, asked) if self._mode == "replay" else None

    def record(self, asked: Request, answer: httpx2.Response) -> None:
        """Keep an answer that has been read, unless another try may bring another one."""
        if answer.status_code in _PASSING:
            return
        kept = {
            "status": {"code": answer.status_code, "message": ""},
            "headers": {"content-type": [answer.headers.get("content-type", "")]},
            "body": {"string": answer.content},
        }
        self._cassette.append(asked, kept)
        self.recorded += 1

    def save(self) -> None:
        """Write the file, whole or not at all, where anything was recorded."""
        if not self.recorded:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f".{self._path.name}.part")
        kept = _kept(self._cassette, self.recorded, renewed=self._mode == "record")
        FilesystemPersister.save_cassette(beside, kept, jsonserializer)
        beside.replace(self._path)


class _Transport(httpx2.AsyncBaseTransport):
    """Answers from the tape, and from the wire what the tape has not."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._wire = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = _asked(request, await request.aread())
        if (played := self._tape.played(asked)) is not None:
            return played
        answer = await self._wire.handle_async_request(request)
        await answer.aread()
        self._tape.record(asked, answer)
        headers = [
            (name, value)
            for name, value in answer.headers.multi_items()
            if name.lower() not in _OF_THE_WIRE
        ]
        return httpx2.Response(answer.status_code, headers=headers, content=answer.content)

    async def aclose(self) -> None:
        await self._wire.aclose()


@contextmanager
def open_tape(path: Path, mode: TapeMode) -> Iterator[Tape]:
    """The tape of a command; what was recorded is saved, however the command ends.

    Args:
        path: The cassette.
        mode: What is to be done with calls.

    Raises:
        UsageError: there is nothing to replay, or the file is no cassette.
    """
    tape = Tape(path, mode)
    try:
        yield tape
    finally:
        tape.save()


def _loaded(path: Path, mode: RecordMode) -> Cassette:
    try:
        return Cassette.load(
            path=path, serializer=jsonserializer, record_mode=mode, match_on=(_same,)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no cassette.", remedy="Record it anew.") from error


def _same(one: Request, other: Request) -> bool:
    return bool(one.body == other.body)


def _asked(request: httpx2.Request, body: bytes) -> Request:
    """What stands for a request: the model, the length of the conversation and a digest.

    The markers of fences, new in every prompt, are left out of it, and so is the host.
    """
    try:
        sent = json.loads(unmarked(body.decode()))
    except ValueError:
        sent = {"body": body.hex()}
    canonical = json.dumps(sent, sort_keys=True, ensure_ascii=False).encode()
    told = {
        "model": sent.get("model", ""),
        "messages": len(sent.get("messages", ())),
        "sha256": hashlib.sha256(canonical).hexdigest(),
    }
    return Request(request.method, request.url.path, json.dumps(told), {})


def _missing(path: Path, asked: Request) -> httpx2.Response:
    told = json.loads(cast("bytes", asked.body))
    message = (
        f"{path.name} holds no further answer of {told['model'] or 'the model'} to this request of "
        f"{told['messages']} messages (sha-256 {told['sha256'][:12]})"
    )
    error = {"error": {"message": message, "code": NOT_RECORDED, "type": NOT_RECORDED}}
    return httpx2.Response(HTTPStatus.FAILED_DEPENDENCY, json=error)


def _kept(cassette: Cassette, recorded: int, *, renewed: bool) -> dict[str, list[Any]]:
    """What the file is to hold: a recording takes the place of older answers to its requests."""
    pairs = list(zip(cassette.requests, cassette.responses, strict=True))
    older, newer = pairs[:-recorded], pairs[-recorded:]
    if renewed:
        again = {request.body for request, _ in newer}
        older = [(request, response) for request, response in older if request.body not in again]
    kept = [*older, *newer]
    return {
        "requests": [request for request, _ in kept],
        "responses": [response for _, response in kept],
    }
