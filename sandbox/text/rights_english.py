"""Sentences in English about goods whose brand complained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.text.phrases import Manner


@dataclass(frozen=True, kw_only=True)
class RightsPhrases(Manner):
    """Sentences about rights in goods; slots ``{brand}`` and ``{listing}``.

    ``themes`` are where the goods came from, by theme. ``copies`` own up to a copy; ``denials``
    use the same words and deny it.
    """

    themes: Mapping[str, tuple[str, ...]]
    copies: tuple[str, ...]
    denials: tuple[str, ...]


PHRASES: Final = RightsPhrases(
    openings=(
        "Hello, we appeal the removal of {listing}.",
        "Good day, this is about our {brand} listing {listing}.",
        "Dear team,",
        "To the rights desk,",
        "We ask you to look at {listing} again.",
    ),
    themes={
        "batches": (
            "Every carton of {brand} carries its batch code and we wrote each one down.",
            "The batch numbers on our {brand} boxes run in one row, from two deliveries.",
            "We can name the batch and the day of arrival of each unit.",
        ),
        "promises": (
            "Our supplier said that all of it comes from the {brand} factory.",
            "We were told by the wholesaler that he buys straight from {brand}.",
            "The seller of these goods gave us his word and his own papers.",
        ),
        "papers": (
            "We attach several certificates and a letter about {brand}.",
            "You find all certificates, letters and test papers below.",
            "There are papers for everything, please see the files.",
        ),
        "chain": (
            "We buy {brand} from a distributor and pay each invoice by bank transfer.",
            "These goods were bought from a wholesaler in the usual way.",
            "Our order sheets show what was bought and when.",
        ),
        "rival": (
            "Whoever complained sells the same article two pages further.",
            "The complaint came a day after we lowered our price.",
            "Nobody from {brand} ever wrote to us before this notice.",
        ),
    },
    copies=(
        "Everybody knows it is a 1:1 version, the price says so.",
        "Buyers come for the dupe and they are happy with it.",
        "It is only inspired by {brand}, a lookalike for small money.",
    ),
    denials=(
        "This is no 1:1 version and no dupe.",
        "We never sold a lookalike in our life.",
        "Not inspired by {brand}, it is {brand}.",
    ),
    policy=(
        "Your policy on intellectual property asks for proof before a removal.",
        "Resale of goods once sold by their owner is lawful.",
        "Under your rules the one who complains has to show the right.",
        "We ask for a reasoned decision under the published policy.",
    ),
    pleas=(
        "Please put the listing back, it is half of our income.",
        "We ask you to be fair to a small shop.",
        "Kindly restore it today.",
        "This came as a shock to us.",
        "We cannot understand this removal.",
    ),
    fillers=(
        "We have sold in this category for a long time.",
        "Customers write to us and are content.",
        "The listing was up for months without a question.",
        "Our pictures were taken in our own store room.",
        "We answer every message within a day.",
        "The remaining stock lies in our warehouse.",
        "We can send a sample if you wish.",
        "The price is our normal price.",
        "We looked through our files twice.",
        "We stopped all sales of it after the notice.",
        "Returns of this article are few.",
        "We would have changed the text if somebody had asked.",
        "Our bookkeeper keeps everything for ten years.",
        "Please tell us which point is not clear.",
        "We count on a person who reads this.",
        "The points on our account hurt us in search.",
        "It is an article like many others.",
        "We bought it for resale, as all our goods.",
        "We can be reached by telephone in the mornings.",
        "We asked the other side to talk and had no answer.",
    ),
    closings=("Thank you.", "Kind regards.", "Waiting for your reply.", "Best regards.", ""),
    neat=(
        "Thank you for the opportunity to respond to this matter.",
        "We would like to provide context regarding {listing}.",
        "We respect intellectual property and take such concerns seriously.",
        "On the one hand, we understand the need to protect brands.",
        "On the other hand, we believe our position deserves consideration.",
        "We remain available for any clarification that may be required.",
    ),
)
