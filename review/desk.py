"""The reviewer's desk: what waits, and the acts that move it on."""

from __future__ import annotations

from review.acts import Acts
from review.readings import Readings
from review.sights import Sights


class Desk(Acts, Sights, Readings):
    """What one member of the team can see and do; see each base for its part.

    Every method raises Forbidden where the member may not do it, or does not see the case.
    """
