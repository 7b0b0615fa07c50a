"""How long it takes to hide the personal data of a case for a page.

    python benchmarks/veil.py HOME

Takes the cases of a home folder, such as one that ``casewright batch run`` filled, and prints the
median, the ninetieth percentile and the longest time for a case, in milliseconds and as a ratio to
reading the same record from its JSON, with Presidio and without; the first case, which loads
Presidio, apart.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from casewright.models import Evidence, Run
from casewright.store import Store
from review.veil import presidio, veiled

Cases = list[tuple[Run, Mapping[str, Evidence]]]


async def cases(home: Path) -> Cases:
    """The runs of a home folder with what their actions brought."""
    async with Store.open(home) as store:
        runs = await store.runs()
        return [(run, await store.intact_evidence(await store.linked(run.run_id))) for run in runs]


def measured(held: Cases, *, shapes: bool) -> None:
    """Hide each and print how long it took."""
    taken, read = [], []
    for run, evidence in held:
        begun = time.perf_counter()
        veiled(run, evidence, shapes=shapes)
        taken.append((time.perf_counter() - begun) * 1000)
        body, begun = run.model_dump_json(), time.perf_counter()
        Run.model_validate_json(body)
        read.append((time.perf_counter() - begun) * 1000)
    first, others = taken[0], sorted(taken[1:]) or taken
    name = "with Presidio" if shapes else "without Presidio"
    high = others[int(0.9 * (len(others) - 1))]
    print(
        f"{name}: median {median(others):.1f} ms, 90% {high:.1f}, at most {others[-1]:.1f}, "
        f"x{median(others) / median(read):.0f} of reading the record; the first {first:.0f} ms"
    )


def main() -> None:
    """Hide what a home folder holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    held = asyncio.run(cases(parser.parse_args().home))
    print(f"{len(held)} cases")
    for shapes in (True, False) if presidio() else (False,):
        measured(held, shapes=shapes)


if __name__ == "__main__":
    main()
