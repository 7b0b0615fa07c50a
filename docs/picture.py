"""Draws ``docs/images/decision.svg`` from a real run: ``python docs/picture.py CASE``.

The run must be in the home folder already (``casewright demo`` leaves one there).
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
from pathlib import Path

from rich.console import Console

from casewright.render import render_run
from casewright.settings import load_settings
from casewright.store import Store

TARGET = Path(__file__).parent / "images" / "decision.svg"


async def draw(case_id: str) -> None:
    """Write the picture of the newest run of a case."""
    async with Store.open(load_settings().home) as store:
        run = await store.latest_run(case_id)
    if run is None:
        raise SystemExit(f"{case_id} was never investigated in this home folder.")
    console = Console(record=True, width=112, file=io.StringIO(), highlight=False)
    console.print(render_run(run, citations=False))
    picture = console.export_svg(title=f"casewright investigate {case_id}")
    # Readers' own monospace font will do: a picture fetches nothing.
    TARGET.write_text(re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    asyncio.run(draw(sys.argv[1]))
