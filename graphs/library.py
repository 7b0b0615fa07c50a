"""Where SOP folders and fragments lie, and which files one SOP is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casewright.document import Document, Where, parse_yaml, unknown_name
from casewright.errors import SopError
from graphs.policy import front_matter
from graphs.sop import POLICY_FILE, SOP_FILE
from graphs.stamp import Stamp, began

BUILT_IN = Path(__file__).parent / "sops"

FRAGMENTS = "fragments"
SOP_FRAGMENT = ".yaml"
POLICY_FRAGMENT = ".md"


@dataclass(frozen=True)
class Library:
    """Folders that hold SOPs and, under ``fragments/``, parts that SOPs share.

    Attributes:
        roots: The folders; of two things of one name that in the earlier folder counts.
    """

    roots: tuple[Path, ...] = (BUILT_IN,)

    def sops(self) -> dict[str, Path]:
        """SOP folders by name."""
        return {folder.name: folder for root in reversed(self.roots) for folder in _sops(root)}

    def fragments(self, suffix: str) -> dict[str, Path]:
        """Fragment files of one kind by name."""
        files = (sorted((root / FRAGMENTS).glob(f"*{suffix}")) for root in reversed(self.roots))
        return {file.stem: file for listed in files for file in listed}

    def base(self, name: str, chain: tuple[Path, ...]) -> Path | None:
        """The folder of the SOP of that name, other than those that build on it."""
        folders = (root / name for root in self.roots if name in self.sops())
        return next((one for one in folders if one in _sops(one.parent) and one not in chain), None)


def _sops(root: Path) -> list[Path]:
    folders = sorted(root.iterdir()) if root.is_dir() else []
    return [folder for folder in folders if (folder / SOP_FILE).is_file()]


def read_files(folder: Path, library: Library | None = None) -> dict[str, str]:
    """The files that can change an SOP's decisions, by name.

    Args:
        folder: The SOP's folder.
        library: Where what it uses and extends is found; None: the built-in one.

    Returns:
        ``sop.yaml`` and ``policy.md``; fragments as ``fragments/NAME.yaml`` and ``….md``; those of
        an SOP that it extends under ``extends/NAME/``.

    Raises:
        SopError: one is missing, unreadable or unknown.
    """
    return collect(folder, library)[0]


def collect(folder: Path, library: Library | None = None) -> tuple[dict[str, str], Stamp]:
    """As :func:`read_files`, with how stood all that it depends on."""
    since, searched = began(), library or Library()
    collecting = _Collecting(searched, folder.name)
    collecting.folder(folder, "", ())
    folders = (*searched.roots, *(root / FRAGMENTS for root in searched.roots))
    return collecting.files, Stamp.of((*collecting.paths, *folders), since)


def document_of(files: Any, key: str, folder: str) -> Document:
    """One of an SOP's files as a document: ``sop.yaml`` or the front matter of a policy."""
    read = parse_yaml if key.endswith(SOP_FRAGMENT) else front_matter
    return read(files[key], file=label(key, folder))


def label(key: str, folder: str) -> str:
    """How messages call a file: with its own folder's name."""
    *above, name = key.split("/")
    owner = above[-1] if above else folder
    return f"{owner}/{name}" if owner else name


def fragment_key(name: str, suffix: str) -> str:
    """How a fragment's file is called among an SOP's files."""
    return f"{FRAGMENTS}/{name}{suffix}"


def base_prefix(prefix: str, name: str) -> str:
    """What the names of the files of an extended SOP start with."""
    return f"{prefix}extends/{name}/"


def uses(document: Document) -> list[tuple[Where, str]]:
    """The fragments that a document names, each with its place; what is no name is left out."""
    value = document.value if isinstance(document.value, dict) else {}
    named = value.get("use")
    names = enumerate(named if isinstance(named, list) else ())
    return [(("use", index), name) for index, name in names if isinstance(name, str)]


def extended(document: Document) -> str:
    """The SOP that a document extends, or an empty text."""
    value = document.value if isinstance(document.value, dict) else {}
    named = value.get("extends")
    return named if isinstance(named, str) else ""


@dataclass
class _Collecting:
    library: Library
    name: str
    files: dict[str, str] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)

    def folder(self, folder: Path, prefix: str, chain: tuple[Path, ...]) -> None:
        self.paths.append(folder)
        document = self._read(folder / SOP_FILE, prefix + SOP_FILE)
        base = extended(document)
        if not base or (folder / POLICY_FILE).is_file():
            policy = self._read(folder / POLICY_FILE, prefix + POLICY_FILE)
            self._fragments(policy, POLICY_FRAGMENT)
        self._fragments(document, SOP_FRAGMENT)
        if base:
            self._base(document, base, base_prefix(prefix, base), (*chain, folder))

    def _base(self, document: Document, name: str, prefix: str, chain: tuple[Path, ...]) -> None:
        found = self.library.base(name, chain)
        known = self.library.sops()
        if found is None and name in known:
            circle = " → ".join([*(one.name for one in chain), name])
            raise document.error(f"SOPs extend each other: {circle}", ("extends",))
        if found is None:
            raise unknown_name(document, ("extends",), "SOP", name, known)
        self.folder(found, prefix, chain)

    def _fragments(self, document: Document, suffix: str) -> None:
        known = self.library.fragments(suffix)
        for where, name in uses(document):
            key = fragment_key(name, suffix)
            if name not in known:
                raise unknown_name(document, where, "fragment", name, known)
            if key not in self.files:
                self._fragments(self._read(known[name], key), suffix)

    def _read(self, path: Path, key: str) -> Document:
        file = label(key, self.name)
        self.paths.append(path)
        try:
            self.files[key] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SopError(
                f"cannot be read: {reason}",
                file=file,
                remedy=f"An SOP folder holds {SOP_FILE} and {POLICY_FILE}.",
            ) from error
        return document_of(self.files, key, self.name)
