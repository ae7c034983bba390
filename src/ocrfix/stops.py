"""Signals that stop a process: to be stopped once, not at all, or a little later."""
from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

STOPS = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
"""Signals that ask a run to stop."""


def unstoppable() -> AbstractContextManager[None]:
    """Not to be stopped by the :data:`STOPS`: for what is soon done and tidies up."""
    return _handled(signal.SIG_IGN)


def stopped_once() -> AbstractContextManager[None]:
    """Stopped by the first of the :data:`STOPS` as Python is by Ctrl-C; others behind it do not disturb the tidying.

    For a command: it is the process that is stopped.
    """
    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in STOPS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    return _handled(stop)


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    """The :data:`STOPS` with another handler, but for those that are ignored already, as ``nohup`` has it."""
    if threading.current_thread() is not threading.main_thread():
        yield                                               # signals come to the main thread alone
        return
    before = [(number, old) for number in STOPS if (old := signal.getsignal(number)) not in (None, signal.SIG_IGN)]
    for number, _ in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before:
            signal.signal(number, old)


@contextmanager
def put_off() -> Iterator[None]:
    """Stopped by the :data:`STOPS` only when this is done: for what must happen as a whole, and soon does."""
    came: list[int] = []
    try:
        with _handled(lambda number, _frame: came.append(number)):
            yield
    finally:
        for number in dict.fromkeys(came):
            signal.raise_signal(number)


@contextmanager
def postponed() -> Iterator[None]:
    """The signals of the terminal come after this, and never to a process that is started in it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [number for number in STOPS if number != signal.SIGTERM])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
