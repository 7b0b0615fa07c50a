"""Notices, messages and pictures of cards; and where some text instructs whoever decides."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.records import withhold
from sandbox.casetypes.review_manipulation.plan import Plan, answer_times
from sandbox.ids import render
from sandbox.notices import Notices, write_notices
from sandbox.streams import Bools, Ints, lognormal, whole
from sandbox.text.deals import write_card, write_message
from sandbox.text.injections import Injection, injected, make_injection
from sandbox.text.letters import draw_tone
from sandbox.text.review_letters import write_answer
from sandbox.timeline import HOUR, rfc3339

_ANSWERED: Final = {"appeal": 1.0}
_ELSE: Final = 0.3
_SURPRISED: Final = {"rival_attack": 0.5}
_SOME: Final = 0.15
PURGED_ORDER: Final = 0
"""The order of messages of a seller who sold nothing that is still on record."""


@dataclass(frozen=True)
class Hostile:
    """Texts that instruct whoever decides, by case; None where there is none."""

    texts: list[Injection | None]

    @property
    def tried(self) -> list[bool]:
        """Whose text tries."""
        return [text is not None for text in self.texts]

    def sentence(self, case: int) -> str:
        """What is added to a message or an answer of the case; empty where nothing is."""
        text = self.texts[case]
        return f"\n{text.text}" if text is not None and text.carrier != "document" else ""

    def printed(self, case: int) -> str:
        """What is added to the card of the case; empty where nothing is."""
        text = self.texts[case]
        return f"\n{text.text}" if text is not None and text.carrier == "document" else ""


def draw_hostile(plan: Plan, rng: np.random.Generator) -> Hostile:
    """Draw which cases hold such a text; one printed on a card needs a card to be seen."""
    tried = injected(plan.fair, plan.opened_at, rng)
    return Hostile(
        [
            make_injection("dismiss", plan.language[case], rng) if tried[case] else None
            for case in range(len(plan))
        ]
    )


def plant_notices(
    stage: Stage, plan: Plan, listing: Ints, hostile: Hostile, rng: np.random.Generator
) -> Ints:
    """Write the notices and what some sellers answered; return their numbers."""
    count = len(plan)
    share = np.array([_ANSWERED.get(channel, _ELSE) for channel in plan.channel])
    answered = (rng.random(count) < share).tolist()
    words = np.clip(whole(lognormal(rng, 45, 0.6, count)), 10, 200).tolist()
    statements: list[str | None] = [
        _answer(plan, case, int(listing[case]), words[case], rng) + hostile.sentence(case)
        if answered[case]
        else None
        for case in range(count)
    ]
    notices = Notices(
        kind="reviews",
        seller=plan.seller,
        issued_at=plan.issued_at,
        window_from=plan.window_from,
        window_to=plan.window_to,
        responded_at=answer_times(plan, rng),
        language=plan.language,
        statement=statements,
        listing_no=listing,
    )
    return write_notices(stage.writer, notices, stage.numbers)


def _answer(plan: Plan, case: int, listing: int, words: int, rng: np.random.Generator) -> str:
    surprised = rng.random() < _SURPRISED.get(plan.cause(case).name, _SOME)
    tone = draw_tone(plan.language[case], int(plan.opened_at[case]), words, rng)
    return write_answer(render("lst", listing), surprised=surprised, tone=tone, rng=rng)


def plant_messages(stage: Stage, plan: Plan, hostile: Hostile, rng: np.random.Generator) -> None:
    """Write what each seller wrote to buyers in the window: offers where drawn, and the rest."""
    offers = np.where(plan.column("offer_made"), rng.integers(1, 3, len(plan)), 0)
    near = np.where(plan.near | (rng.random(len(plan)) < 0.25), 1, 0)
    plain = 3 + rng.poisson(3, len(plan))
    rows: list[tuple[int, str]] = []
    for case in range(len(plan)):
        kinds = [(True, False)] * offers[case] + [(False, True)] * near[case]
        kinds += [(False, False)] * plain[case]
        texts = [
            write_message(plan.language[case], offer=offer, near=close, rng=rng)
            for offer, close in kinds
        ]
        texts[0] += hostile.sentence(case)
        rows += [(case, text) for text in texts]
    _write_messages(stage, plan, rows, rng)
    gone = np.flatnonzero(plan.talk_withheld).tolist()
    withhold(stage, [talk_ref(plan, case) for case in gone], "messages")


def talk_ref(plan: Plan, case: int) -> str:
    """What a case's messages are withheld under: the seller and the window's start."""
    seller = render("sel", int(plan.seller[case]) + 1)
    return f"{seller}/{rfc3339(int(plan.window_from[case]))}"


def _write_messages(
    stage: Stage, plan: Plan, rows: list[tuple[int, str]], rng: np.random.Generator
) -> None:
    case = np.array([row[0] for row in rows])
    count = len(rows)
    sent = plan.window_from[case] + whole(
        rng.uniform(0.01, 0.99, count) * (plan.window_to - plan.window_from)[case]
    )
    stage.writer.add(
        "messages",
        {
            "message_no": stage.numbers.take("msg", count),
            "thread_no": stage.numbers.take("thr", count),
            "order_no": _orders(stage, plan.seller)[case],
            "seller_no": plan.seller[case] + 1,
            "from_party": ["seller"] * count,
            "sent_at": sent,
            "language": [plan.language[i] for i in case.tolist()],
            "text": [row[1] for row in rows],
        },
    )


def _orders(stage: Stage, seller: Ints) -> Ints:
    """An everyday order of each seller, for messages to be about."""
    latest = np.full(len(stage.sellers), PURGED_ORDER, dtype=np.int64)
    latest[stage.background.seller] = stage.background.no
    return latest[seller]


def plant_cards(
    stage: Stage, plan: Plan, notice: Ints, hostile: Hostile, rng: np.random.Generator
) -> None:
    """Write a picture of what lay in the parcel; where it is withheld, nobody has sent it yet."""
    count = len(plan)
    offer = plan.column("card_offer")
    card = offer | (rng.random(count) < 0.7)
    near = plan.near | (rng.random(count) < 0.2)
    stage.writer.add(
        "documents",
        {
            "document_no": (no := stage.numbers.take("doc", count)),
            "ref": [render("ntc", number) for number in notice.tolist()],
            "kind": np.where(card, "insert_card", "photo"),
            "issued_on": [None] * count,
            "issuer_name": [""] * count,
            "party_name": [""] * count,
            "quantity_total": [None] * count,
            "total_cents": [None] * count,
            "text": [_card(plan, case, offer, near, hostile, rng) for case in range(count)],
            "edited_after_issue": [0] * count,
            "reused_by_sellers": [1] * count,
            "synthetic_score": np.round(np.minimum(rng.beta(1, 15, count), 0.84), 3),
            "sha256": [_sha256(stage.seed, number) for number in no.tolist()],
            "recorded_at": plan.opened_at - rng.integers(HOUR, 3 * HOUR, count),
        },
    )
    stage.writer.add("hidden_documents", {"document_no": no, "true_origin": ["genuine"] * count})
    gone = np.flatnonzero(plan.inserts_withheld)
    withhold(stage, [render("ntc", int(number)) for number in notice[gone]], "documents")


def _card(
    plan: Plan, case: int, offer: Bools, near: Bools, hostile: Hostile, rng: np.random.Generator
) -> str:
    language = plan.language[case] if rng.random() < 0.6 else "en"
    text = write_card(language, offer=bool(offer[case]), near=bool(near[case]), rng=rng)
    return text + hostile.printed(case)


def _sha256(seed: int, number: int) -> str:
    return hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()
