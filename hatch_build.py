"""Puts HTMX into the package when it is built: the console serves it, and no browser asks a CDN.

The file comes from the wheel of django-htmx, which is needed for building alone; nothing of Django
is installed where casewright runs. HTMX is under the Zero-Clause BSD licence.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WHEEL = "django-htmx"
SCRIPT = "htmx-2.min.js"
TARGET = Path("review/web/static/htmx.min.js")


class HtmxHook(BuildHookInterface[Any]):
    """Copies the script beside our own static files, for a wheel and for an editable install."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Copy the script, unless an sdist has brought it."""
        target = Path(self.root) / TARGET
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(script().read_bytes())
        build_data["artifacts"].append(str(TARGET))


def script() -> Path:
    """The script in the installed wheel.

    Raises:
        LookupError: it is not there.
    """
    for file in importlib.metadata.files(WHEEL) or ():
        if file.name == SCRIPT:
            return Path(str(file.locate()))
    raise LookupError(f"{WHEEL} brings no {SCRIPT}")
