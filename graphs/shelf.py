"""Facts at hand: what a process has just frozen or checked need not be read from the store again.

Evidence is named by its digest and never changes, so what was checked once stays checked. Only the
verifier goes by the store itself: it has to see what is kept, not what was once read.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from casewright.models import ActionRecord
from graphs.facts import Facts

CAPACITY = 64
"""How many cases' facts are kept; more than a process has in flight."""

Key = tuple[str, frozenset[tuple[str, str, str]]]


def shelf_key(case: str, records: Mapping[str, ActionRecord]) -> Key:
    """What facts are made of: the frozen case, and how each action ended, on which evidence."""
    ended = frozenset((name, one.status, one.digest) for name, one in records.items())
    return case, ended


class Shelf:
    """The facts used last; the oldest give way."""

    def __init__(self) -> None:
        self._held: OrderedDict[Key, Facts] = OrderedDict()

    def get(self, key: Key) -> Facts | None:
        """The facts, if they are at hand."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    @property
    def last(self) -> Facts | None:
        """The facts used last, or None where there are none yet."""
        return next(reversed(self._held.values()), None)

    def put(self, key: Key, facts: Facts) -> Facts:
        """Keep the facts, and return them."""
        self._held[key] = facts
        self._held.move_to_end(key)
        while len(self._held) > CAPACITY:
            self._held.popitem(last=False)
        return facts
