"""What registers and providers say of a seller that was asked to verify itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sandbox.streams import Bools, Floats, Ints, whole
from sandbox.timeline import DAY, HISTORY_START
from sandbox.writer import WorldWriter, optional


@dataclass(frozen=True)
class Register:
    """What the companies register says, as parallel arrays."""

    found: Bools
    active: Bools
    name_score: Floats
    formed_at: Ints
    agent_address: Bools


@dataclass(frozen=True)
class Addresses:
    """What the address provider says, and how many of our sellers give each address."""

    deliverable: Bools
    kind: Sequence[str]
    n_sellers: Ints


@dataclass(frozen=True)
class Persons:
    """What the identity provider says; without ``asked`` the seller chose papers instead."""

    asked: Bools
    document_ok: Bools
    liveness: Sequence[str]
    face_match: Floats
    injected_video: Bools


@dataclass(frozen=True)
class Checks:
    """Answers of all providers to a batch of requests."""

    register: Register
    tax_matched: Bools
    addresses: Addresses
    persons: Persons
    n_hits: Ints
    n_confirmed: Ints


def write_checks(writer: WorldWriter, request_no: Ints, checks: Checks) -> None:
    """Write what is answered when a request's name, number, address or person is checked."""
    register, addresses, persons = checks.register, checks.addresses, checks.persons
    writer.add(
        "kyb_checks",
        {
            "request_no": request_no,
            "found": register.found.astype(int),
            "active": register.active.astype(int),
            "name_score": np.round(register.name_score, 3),
            "formed_at": optional(register.formed_at, register.found),
            "agent_address": register.agent_address.astype(int),
            "tax_matched": checks.tax_matched.astype(int),
            "deliverable": addresses.deliverable.astype(int),
            "address_kind": list(addresses.kind),
            "n_sellers_here": addresses.n_sellers,
            "document_ok": persons.document_ok.astype(int),
            "liveness": optional(list(persons.liveness), persons.asked),
            "face_match": np.round(persons.face_match, 3),
            "injected_video": persons.injected_video.astype(int),
            "n_hits": checks.n_hits,
            "n_confirmed": checks.n_confirmed,
        },
    )


def all_clear(count: int, rng: np.random.Generator) -> Checks:
    """Draw the answers about sellers with whom everything is in order."""
    yes, no = np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
    return Checks(
        register=Register(yes, yes, rng.beta(60, 1, count), formed_times(rng, count), no),
        tax_matched=yes,
        addresses=Addresses(yes, ["commercial"] * count, 1 + rng.poisson(0.2, count)),
        persons=Persons(yes, yes, ["pass"] * count, rng.beta(30, 2, count), no),
        n_hits=rng.poisson(0.2, count),
        n_confirmed=np.zeros(count, dtype=np.int64),
    )


def formed_times(rng: np.random.Generator, count: int) -> Ints:
    """Draw when firms were formed: one to twelve years before the history."""
    return HISTORY_START - whole(rng.uniform(365, 12 * 365, count) * DAY)
