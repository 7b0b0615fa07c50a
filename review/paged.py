"""A dossier as a PDF, made of its page, with its JSON inside: it verifies by itself."""

from __future__ import annotations

import re
import zlib
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NoReturn

from casewright.errors import EnvironmentFault, UsageError
from review.dossier import Dossier
from review.page import page

VARIANT: Final = "pdf/ua-1"
"""Tagged for screen readers, with title, language and bookmarks (ISO 14289-1)."""

MOST_BYTES: Final = 500_000_000
"""How much the JSON in a PDF may hold, in bytes: a small file can unpack to any size."""

_EMBEDDED: Final = re.compile(rb"/Type\s*/EmbeddedFile\b(?:(?!endobj).)*?\bstream\r?\n", re.DOTALL)
"""Where the content of an attached file begins."""


def require_printable() -> None:
    """Check that PDFs can be made here.

    Raises:
        EnvironmentFault: WeasyPrint, or the libraries that it draws with, are not installed.
    """
    _weasyprint()


def paged(dossier: Dossier, json_name: str, json_text: str, pdf_name: str) -> bytes:
    """The PDF; the same bytes for the same dossier, with the same WeasyPrint and fonts.

    Args:
        dossier: What to show.
        json_name: Name of the file that holds it as JSON.
        json_text: What that file holds; it is attached.
        pdf_name: Name of the file that the PDF is written to.

    Raises:
        EnvironmentFault: it cannot be made here.
    """
    weasyprint = _weasyprint()
    at = dossier.exported_at
    attached = weasyprint.Attachment(
        string=json_text,
        name=json_name,
        description="The dossier as JSON: casewright audit verify --dossier",
        created=at,
        modified=at,
        relationship="Source",
        url_fetcher=_refused,
    )
    html = weasyprint.HTML(string=page(dossier, json_name, pdf_name=pdf_name), url_fetcher=_refused)
    written: bytes = html.write_pdf(
        attachments=[attached],
        pdf_identifier=dossier.seal.encode(),
        pdf_variant=VARIANT,
    )
    return written


def attached_json(file: Path) -> str:
    """The JSON that is attached to the PDF of a dossier.

    Raises:
        UsageError: the file cannot be read, or holds none.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error}.") from error
    found = _EMBEDDED.search(content)
    unpacking = zlib.decompressobj()
    try:
        if found is None:
            raise ValueError("nothing is attached")
        text = unpacking.decompress(content[found.end() :], MOST_BYTES)
        if not unpacking.eof:
            raise ValueError("what is attached is cut off, or too long")
        return text.decode()
    except (ValueError, zlib.error) as error:
        raise UsageError(
            f"No dossier can be read from {file}: {error}.",
            remedy="Save the JSON that is attached to it, and verify that.",
        ) from error


def _weasyprint() -> ModuleType:
    try:
        return import_module("weasyprint")  # it has no types
    except ImportError as error:
        raise EnvironmentFault(
            "No PDF can be made: WeasyPrint is not installed.",
            remedy="Install casewright[pdf], or leave out --pdf and print the HTML page.",
        ) from error
    except OSError as error:  # what it draws with is looked for when it is imported
        raise EnvironmentFault(
            "No PDF can be made: the Pango libraries are not installed.",
            remedy="On Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0 fonts-dejavu-core; or leave out --pdf and print the HTML page.",
        ) from error


def _refused(url: str, **_: Any) -> NoReturn:
    """A dossier holds all that it shows: whatever asks for more is refused."""
    raise ValueError(f"{url} is not fetched")
