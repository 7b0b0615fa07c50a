"""Puts an SOP together: its own files laid over the fragments it uses and the SOP it extends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from casewright.document import Document, Where, unknown_name
from graphs.library import (
    FRAGMENTS,
    POLICY_FRAGMENT,
    SOP_FRAGMENT,
    base_prefix,
    document_of,
    extended,
    fragment_key,
    label,
    uses,
)
from graphs.merge import Merged, Part, laid_over, parts_of, with_rows
from graphs.policy import CLAUSES, FrontMatter, read_pack
from graphs.schema import FragmentSpec
from graphs.sop import POLICY_FILE, SOP_FILE

OWN_KEYS = ("sop", "version", "extends", "use", "examples")
"""What an SOP never takes from the one it extends."""

KEYS: Mapping[str, frozenset[str]] = {
    SOP_FRAGMENT: frozenset(FragmentSpec.model_fields),
    POLICY_FRAGMENT: frozenset({*FrontMatter.model_fields, CLAUSES}),
}
NAMED_BY: Mapping[str, str] = {SOP_FRAGMENT: "fragment", POLICY_FRAGMENT: "policy"}


def compose_sop(files: Mapping[str, str], *, folder: str = "") -> Document:
    """An SOP's ``sop.yaml`` with everything it uses and extends.

    Args:
        files: Text by file name, as :func:`graphs.library.read_files` names them.
        folder: Name of the folder, for messages.

    Raises:
        SopError: a fragment is unknown, they use each other, two of them bring the same part, or
            something is left out or changed that is not there.
    """
    return _Composer(files, folder).sop("")


def compose_policy(files: Mapping[str, str], *, folder: str = "") -> Document:
    """An SOP's policy pack with everything it uses, or that of the SOP it extends.

    Args and errors are those of :func:`compose_sop`.
    """
    return _Composer(files, folder).policy("")


@dataclass(frozen=True)
class _Composer:
    files: Mapping[str, str]
    folder: str

    def sop(self, prefix: str) -> Document:
        own = document_of(self.files, prefix + SOP_FILE, self.folder)
        base, used = extended(own), uses(own)
        if not base and not used:
            return own
        layers = _Layers(own)
        if base:
            layers.base(self.sop(base_prefix(prefix, base)))
        self._lay(layers, own, SOP_FRAGMENT)
        return layers.under(_with_rows(layers.whole, Part.of(own)))

    def policy(self, prefix: str) -> Document:
        base = extended(document_of(self.files, prefix + SOP_FILE, self.folder))
        key = prefix + POLICY_FILE
        below = self.policy(base_prefix(prefix, base)) if base else None
        if below is not None and key not in self.files:
            return below
        own = self._read(key)
        if below is None and not uses(own):
            return own
        layers = _Layers(own)
        if below is not None:
            layers.base(below)
        self._lay(layers, own, POLICY_FRAGMENT)
        return layers.under(Part.of(own))

    def _lay(self, layers: _Layers, user: Document, suffix: str) -> None:
        for where, name in uses(user):
            self._fragment(layers, (user, where), name, suffix, ())

    def _fragment(
        self,
        layers: _Layers,
        used: tuple[Document, Where],
        name: str,
        suffix: str,
        chain: tuple[str, ...],
    ) -> None:
        user, where = used
        if name in chain:
            circle = " → ".join((*chain, name))
            raise user.error(f"fragments use each other: {circle}", where)
        if name in layers.reach:
            return
        key = fragment_key(name, suffix)
        if key not in self.files:
            raise unknown_name(user, where, "fragment", name, self._known(suffix))
        document = self._read(key)
        _check_fragment(document, name, suffix)
        for inner_where, inner in uses(document):
            self._fragment(layers, (document, inner_where), inner, suffix, (*chain, name))
        layers.add(document, name, used)

    def _read(self, key: str) -> Document:
        if key.endswith(POLICY_FRAGMENT):
            return read_pack(self.files[key], file=label(key, self.folder))
        return document_of(self.files, key, self.folder)

    def _known(self, suffix: str) -> list[str]:
        start = f"{FRAGMENTS}/"
        files = (key for key in self.files if key.startswith(start) and key.endswith(suffix))
        return [key.removeprefix(start).removesuffix(suffix) for key in files]


@dataclass
class _Layers:
    """What lies below a document: the parts so far, who brought each, what each builds on."""

    user: Document
    whole: Part = field(init=False)
    owners: dict[tuple[str, str], str] = field(default_factory=dict)
    reach: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.whole = Part(self.user, (), {})

    def base(self, document: Document) -> None:
        """Lay an SOP that is extended, or its policy, at the bottom."""
        parts = parts_of(document)
        content = {key: part for key, part in parts.content.items() if key not in OWN_KEYS}
        self.whole = replace(parts, content=content)
        used = document.fragments if isinstance(document, Merged) else ()
        self.reach = dict.fromkeys(used, frozenset())
        self.owners = dict.fromkeys(_entries(self.whole), "the SOP it extends")

    def add(self, document: Document, name: str, used: tuple[Document, Where]) -> None:
        """Lay a fragment over what it uses.

        Raises:
            SopError: something that it does not use brings the same part.
        """
        inner = {one for _, one in uses(document)}
        self.reach[name] = frozenset(inner.union(*(self.reach[one] for one in inner)))
        part = Part.of(document)
        content = {k: v for k, v in part.content.items() if k not in ("fragment", "title", "use")}
        part = replace(part, content=content)
        for entry in _entries(part):
            other = self.owners.get(entry)
            if other is not None and other not in self.reach[name]:
                told = f"{other} and {name} both bring {'.'.join(entry)}"
                raise used[0].error(told, used[1], remedy="Leave one of them out.")
            self.owners[entry] = name
        self.whole = laid_over(self.whole, part)

    def under(self, own: Part) -> Document:
        """The document over all of them."""
        whole = laid_over(self.whole, own)
        return Merged(whole.plain, self.user.file, whole=whole, fragments=tuple(self.reach))


def _entries(part: Part) -> list[tuple[str, str]]:
    """Every named part: section and name."""
    return [
        (str(section), str(name))
        for section, below in part.content.items()
        if isinstance(below.content, dict) and section not in ("decision", "gate")
        for name in below.content
    ]


def _check_fragment(document: Document, name: str, suffix: str) -> None:
    """A fragment is a map of known parts that says its own name."""
    key, value = NAMED_BY[suffix], document.value
    if not isinstance(value, dict) or value.get(key) != name:
        raise document.error(f"a fragment says its name: `{key}: {name}`", (key,))
    for part in value:
        if part not in KEYS[suffix]:
            raise unknown_name(document, (part,), "part of a fragment", str(part), KEYS[suffix])


def _with_rows(below: Part, own: Part) -> Part:
    """The SOP's own parts, with ``decision.rows`` worked into the extended table."""
    decision = own.content.get("decision")
    changes = decision and isinstance(decision.content, dict) and decision.content.get("rows")
    if not changes:
        return own
    table, rest = below.at(("decision", "table"))
    if rest or "table" in decision.content or not isinstance(changes.content, dict):
        told = "`rows` changes rows, by number or id, of the SOP that this one extends"
        raise own.document.error(told, changes.where)
    content = {key: part for key, part in decision.content.items() if key != "rows"}
    content["table"] = with_rows(table, changes)
    return replace(own, content={**own.content, "decision": replace(decision, content=content)})
