"""Settings of the process that an engine runs in."""

from __future__ import annotations

import ctypes
import sys

import torch

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # glibc's malloc.h


def settle(threads: int) -> None:
    """Fix the number of threads, and keep freed memory instead of handing it back to the system.

    Every product allocates its result. By default glibc maps the larger ones anew each time, and the page faults
    cost 10 to 15 % of a run; other C libraries have no such switch and need none.
    """
    torch.set_num_threads(threads)
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, 2**30)
        mallopt(_TRIM_THRESHOLD, 2**30)
        mallopt(_TOP_PAD, 2**26)
