"""What calls tell of themselves while they are made: how long they took, and what held them up."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext


class Signals:
    """Who is told how calls fare. This one listens to nothing; others override what they hear.

    A *place* is who is asked, as people call it: ``marketplace``, or a model and its address.
    """

    def answered(self, place: str, seconds: float) -> None:
        """A call was answered, after so many seconds of which none was ours to wait."""

    def failed(self, place: str) -> None:
        """A call had no usable answer: too late, broken off, or a fault of the place."""

    def throttled(self, place: str, after_s: float = 0.0) -> None:
        """A call was told to come later (429), so many seconds later where that was said."""

    def waiting(self, why: str) -> AbstractContextManager[None]:
        """Around a wait that a bound of ours asks for, such as ``model requests per minute``."""
        return nullcontext()


UNHEARD = Signals()
"""For those whom nobody listens to."""
