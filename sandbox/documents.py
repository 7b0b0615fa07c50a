"""Documents that parties submit, with the platform's own findings on each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sandbox.ids import Numbers
from sandbox.streams import Bools, Ints, pick
from sandbox.writer import Column, WorldWriter


@dataclass(frozen=True)
class Documents:
    """Documents as parallel arrays; times in epoch seconds, ``issued_on`` a day's first.

    ``near`` marks those whose findings lie close to a threshold. An altered one shows exactly one
    sign of it, any other none.
    """

    ref: Sequence[str]
    kind: Sequence[str]
    issued_on: Ints
    issuer_name: Sequence[str]
    party_name: Sequence[str]
    text: Sequence[str]
    altered: Bools
    near: Bools
    recorded_at: Ints

    def __len__(self) -> int:
        return len(self.ref)


def write_documents(
    writer: WorldWriter,
    documents: Documents,
    seed: int,
    numbers: Numbers,
    rng: np.random.Generator,
) -> None:
    """Write documents under fresh numbers.

    Altered ones were edited (60%), shared by 2 + P(3) sellers (30%) or made by a machine (10%)
    (handbook 3, Rows).
    """
    no = numbers.take("doc", len(documents))
    writer.add(
        "documents",
        {
            "document_no": no,
            "ref": list(documents.ref),
            "kind": list(documents.kind),
            "issued_on": documents.issued_on,
            "issuer_name": list(documents.issuer_name),
            "party_name": list(documents.party_name),
            "text": list(documents.text),
            **_findings(documents, rng),
            "sha256": [_sha256(seed, number) for number in no.tolist()],
            "recorded_at": documents.recorded_at,
        },
    )
    origin = np.where(documents.altered, "forged", "genuine")
    writer.add("hidden_documents", {"document_no": no, "true_origin": origin})


def _findings(documents: Documents, rng: np.random.Generator) -> dict[str, Column]:
    count, near = len(documents), documents.near
    sign = np.array(pick(rng, ("edited", "reused", "synthetic"), (60, 30, 10), count), dtype=object)
    sign[~documents.altered] = "clean"
    usual = np.minimum(rng.beta(1, 15, count), 0.80)
    close = near & ~documents.altered
    low = np.where(close, rng.uniform(0.81, 0.895, count), usual)
    high = rng.uniform(0.9, np.where(near, 0.92, 0.99), count)
    shared = 2 + np.where(near, 0, rng.poisson(3, count))
    return {
        "edited_after_issue": (sign == "edited").astype(int),
        "reused_by_sellers": np.where(sign == "reused", shared, 1),
        "synthetic_score": np.round(np.where(sign == "synthetic", high, low), 3),
    }


def _sha256(seed: int, number: int) -> str:
    return hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()
