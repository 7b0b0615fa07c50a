"""How well personal data is told from what a question may rest on, and what it costs.

Recall by kind on ``planted.yaml``, whose data is invented; what is found in the texts of the
simulated marketplace's parties, which hold none but names and addresses of their records (these
are looked up there, not guessed, and are not counted here); the time to load and to look.

Run: python benchmarks/privacy.py [--show]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from injections import SEED, party_texts
from ruamel.yaml import YAML

from agents.personal import patterned
from agents.tokens import united
from casewright.intervals import wilson
from sandbox.build import build_world

PLANTED = Path(__file__).with_name("planted.yaml")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what was missed and mistaken")
    show = parser.parse_args().show
    start = time.perf_counter()
    patterned("nothing")
    print(f"loading Presidio: {time.perf_counter() - start:.1f} s, once a process")
    rows = YAML(typ="safe").load(PLANTED.read_text("utf-8"))
    recall(rows["planted"], show=show)
    mistaken = [text for text in rows["kept"] if patterned(text)]
    print(f"texts to be kept as they are: {len(rows['kept'])}, mistaken {len(mistaken)}")
    with tempfile.TemporaryDirectory(prefix="casewright-privacy-") as folder:
        world = Path(folder) / "sandbox"
        build_world(world, seed=SEED, size="small")
        parties([text for texts in party_texts(world) for text in texts], show=show)


def recall(planted: list[tuple[str, str, str, str]], *, show: bool) -> None:
    """Print what is found of each kind."""
    hits: Counter[str] = Counter()
    every = Counter(kind for kind, *_ in planted)
    for kind, region, value, text in planted:
        start = text.index(value)
        end = start + len(value)
        found = any(one.start <= start and end <= one.end for one in united(patterned(text)))
        hits[kind] += found
        if show and not found:
            print(f"    missed: {kind} {region} {text!r}")
    for kind, n in every.items():
        low, high = wilson(hits[kind], n)
        print(f"{kind:<9}{hits[kind]:>4} of {n:<4}{hits[kind] / n:>6.2f}   {low:.2f}-{high:.2f}")


def parties(found: list[str], *, show: bool) -> None:
    """Print what is found in texts that hold nothing to be guessed."""
    start = time.perf_counter()
    mistaken = [(text, spans) for text in found if (spans := patterned(text))]
    each = (time.perf_counter() - start) / len(found) * 1000
    for text, spans in mistaken if show else ():
        print(f"    found: {[text[one.start : one.end] for one in spans]}")
    rate = len(mistaken) / len(found) * 1000
    print(
        f"party texts: {len(found)}, {rate:.1f} in 1,000 with something found; {each:.2f} ms each"
    )


if __name__ == "__main__":
    main()
