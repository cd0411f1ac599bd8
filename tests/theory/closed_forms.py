"""Closed forms that the code does not use: what it computes is compared with them."""

from __future__ import annotations

import math


def two_mode_peak(rise: float, fast: float, fall: float, slow: float) -> float:
    """The step where J = J_inf - rise exp(-fast t) + fall exp(-slow t) is largest; 0 if it only falls.

    t = ln(fast rise / (slow fall)) / (fast - slow), for amplitudes of opposite sign (rise, fall > 0) and
    fast > slow >= 0; infinite if nothing falls. With slow -> 0 at constant slow * fall = loss a step, this is
    ln(fast rise / loss) / fast.
    """
    if rise <= 0 or fast <= 0:
        return 0.0
    if fall <= 0 or slow <= 0:
        return math.inf
    return max(0.0, math.log(fast * rise / (slow * fall)) / (fast - slow))
