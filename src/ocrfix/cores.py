"""How many cores this process may use: one setting, which all that works in threads goes by.

A run in several processes gives each of them its share, so that processes times threads stay at the cores there are.
"""
from __future__ import annotations

import os

from threadpoolctl import threadpool_limits

_share: int | None = None


def available() -> int:
    """The cores that the operating system lets this process run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads() -> int:
    """With how many threads to work: the share of this process, or all cores.  No result depends on it."""
    return _share or available()


def use(count: int) -> None:
    """Let this process work with so many threads from now on, those of the linear algebra beneath numpy too."""
    global _share
    _share = max(1, count)
    threadpool_limits(_share)
