"""Text that others wrote, as it may be printed."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # Persian, the scripts of India and emoji are spelled with them


def visible(text: str) -> str:
    """The text on one line, with every character that is no mark on paper shown by its number.

    A terminal obeys control characters (ESC starts its commands), bidirectional overrides reorder
    what is read, and a line break could fake a line of ours; all are shown as ``⟨U+001B⟩``.
    """
    if text.isprintable():  # of marks and spaces alone, as nearly every text is
        return text
    return "".join(
        f"⟨U+{ord(character):04X}⟩"
        if unicodedata.category(character) in _UNSEEN and character not in _JOINERS
        else character
        for character in text
    )
