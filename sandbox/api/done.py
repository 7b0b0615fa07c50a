"""What was done to the marketplace since it was started: kept in memory, beside the world file."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from casewright.canonical import canonical
from sandbox.api.problems import Problem

FIRST_VERSION: Final = 1
"""Version of a record that nobody wrote to yet."""


@dataclass(frozen=True)
class Write:
    """One write that is asked for.

    Attributes:
        key: The caller's idempotency key.
        path: Where it was posted.
        kind: What is to be done, such as ``add_points``.
        body: Its arguments.
        targets: The records that it changes, such as ``seller_ids/sel_000001``.
    """

    key: str
    path: str
    kind: str
    body: Mapping[str, Any]
    targets: Sequence[str]

    @property
    def fingerprint(self) -> str:
        """Equal for writes that ask for the same."""
        return hashlib.sha256(canonical([self.path, dict(self.body)])).hexdigest()


@dataclass
class DoneWrites:
    """The writes of one running API, each done once; safe between threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _answers: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    _versions: Counter[str] = field(default_factory=Counter)
    _listed: list[dict[str, Any]] = field(default_factory=list)
    issued: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Violations that writes issued, by id, with the arguments of those writes."""

    def issue(self, violation_id: str, body: Mapping[str, Any]) -> str:
        """Remember a violation; called while its write is being done."""
        self.issued[violation_id] = body
        return violation_id

    def listed(self) -> list[dict[str, Any]]:
        """Everything that was done, oldest first."""
        with self._lock:
            return list(self._listed)

    def forget(self) -> None:
        """Be as at the start."""
        with self._lock:
            for held in (self._answers, self._versions, self._listed, self.issued):
                held.clear()

    def once(self, write: Write, check: Callable[[], Mapping[str, Any]], at: str) -> dict[str, Any]:
        """Do a write, or return the first answer where its key did it before.

        Args:
            write: What is asked for.
            check: Tells what the answer says beside the write itself; raises Problem where a
                record that the write names does not exist.
            at: World time (RFC 3339).

        Raises:
            Problem: 409 where the key did something else, 412 where a target is newer than
                ``expected_version``, and whatever ``check`` raises; then nothing is done.
        """
        with self._lock:
            if write.key in self._answers:
                return self._again(write)
            self._require_version(write)
            beside = check()
            answer = {**self._do(write, at), **beside}
            self._answers[write.key] = (write.fingerprint, answer)
            return answer

    def _again(self, write: Write) -> dict[str, Any]:
        fingerprint, answer = self._answers[write.key]
        if fingerprint != write.fingerprint:
            told = "This Idempotency-Key did something else before."
            raise Problem(409, "idempotency_key_reused", told)
        return answer

    def _require_version(self, write: Write) -> None:
        expected = write.body.get("expected_version")
        for target in write.targets if expected is not None else ():
            version = FIRST_VERSION + self._versions[target]
            if version != expected:
                told = f"{target} is at version {version}, not {expected}."
                raise Problem(412, "stale_version", told)

    def _do(self, write: Write, at: str) -> dict[str, Any]:
        self._versions.update(write.targets)
        versions = {one: FIRST_VERSION + self._versions[one] for one in write.targets}
        number = len(self._listed) + 1
        answer = {"write_id": f"wrt_{number:06d}", "kind": write.kind, "done_at": at}
        self._listed.append({**answer, "key": write.key, "body": dict(write.body)})
        return {**answer, "versions": versions}
