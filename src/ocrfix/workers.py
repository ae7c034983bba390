"""Worker processes: documents are handed to them one at a time, and the results come back as they are ready.

Start reading at :func:`results`.  The processes are those of :mod:`multiprocessing`, one pipe to each, and not a
ready-made pool (``concurrent.futures``, loky, joblib): where a worker dies, such a pool declares itself broken and
cannot tell which of the tasks in flight was to blame, and it has no public way to stop a task that has begun.  Here a
worker has one document, so its death is that document's and nobody else's.

Processes are spawned, never forked: that works everywhere and with threads, and nothing but the task is passed on.
Ctrl-C reaches a whole group of processes.  Workers do not listen to it; the process that started them tells them to
stop (SIGTERM), and they take back what they were writing.
"""
from __future__ import annotations

import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

from ocrfix import cores
from ocrfix.errors import OcrfixError
from ocrfix.stops import postponed, unstoppable

Item = TypeVar("Item")
Result = TypeVar("Result")
ATTEMPTS = 2
"""So many workers may die of an item before it is given up."""
GRACE = 10.0
"""Seconds that a worker has to take back what it was writing before it is killed."""


class WorkerDied(Exception):
    """A worker ended by itself."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The first message of a worker: what it needs is imported."""


@dataclass(frozen=True, slots=True)
class Done(Generic[Result]):
    """The message of a worker that has done an item."""

    result: Result


@dataclass(frozen=True, slots=True)
class Stop:
    """The message of a worker that found out that no other item can be done either."""

    why: str


@dataclass(frozen=True, slots=True)
class Task(Generic[Item]):
    """An item with its number, and which attempt at it this is."""

    number: int
    item: Item
    attempt: int = 1


class Tasks(Generic[Item]):
    """What there is to do, handed out one item at a time."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._new = (Task(number, item) for number, item in enumerate(items))
        self._again = deque[Task[Item]]()

    def next(self) -> Task[Item] | None:
        """What to do next: first what a worker died of."""
        return self._again.popleft() if self._again else next(self._new, None)

    def again(self, task: Task[Item]) -> bool:
        """Have a task that a worker died of done once more; False if it was tried often enough."""
        if task.attempt < ATTEMPTS:
            self._again.append(replace(task, attempt=task.attempt + 1))
        return task.attempt < ATTEMPTS


class Worker(Generic[Item, Result]):
    """A process that does one item after the other."""

    def __init__(self, do: Callable[[Item], Result], threads: int, task: Task[Item]) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(do, theirs, threads), daemon=True)
        with postponed():
            self.process.start()
        theirs.close()                                      # then the end of the process ends the pipe
        self.ready = False
        self.give(task)

    def give(self, task: Task[Item]) -> None:
        """Hand it a task."""
        self.task = task
        with suppress(OSError):                             # it is dead, which :meth:`take` will find out
            self.pipe.send(task.item)

    def take(self) -> Ready | Done[Result] | Stop:
        """Its next message.

        Raises:
            WorkerDied: there will be none.
        """
        try:
            message: Ready | Done[Result] | Stop = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerDied from error
        self.ready = True
        return message

    def end(self) -> str:
        """Let it end, or kill it if it does not; says how it ended."""
        self.pipe.close()
        self.process.join(GRACE)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        code = self.process.exitcode or 0
        return f"signal {-code}" if code < 0 else f"status {code}"


class Crew(Generic[Item, Result]):
    """Some workers and what there is to do; see :func:`results`."""

    def __init__(self, do: Callable[[Item], Result], items: Sequence[Item], jobs: int,
                 lost: Callable[[Item, str], Result], swept: Callable[[Item], None]) -> None:
        self.do, self.lost, self.swept = do, lost, swept
        self.threads = max(1, cores.available() // jobs)
        self.tasks = Tasks(items)
        self.workers: list[Worker[Item, Result]] = []
        for _ in range(jobs):
            self.engage()

    def engage(self) -> None:
        """Start a worker, if there is something to do."""
        task = self.tasks.next()
        if task is not None:
            self.workers.append(Worker(self.do, self.threads, task))

    def work(self) -> Iterator[tuple[int, Result]]:
        """The results, as they are ready, until all is done."""
        while self.workers:
            by_pipe = {worker.pipe: worker for worker in self.workers}
            for pipe in wait(list(by_pipe)):
                assert isinstance(pipe, Connection)
                yield from self.attend(by_pipe[pipe])

    def attend(self, worker: Worker[Item, Result]) -> Iterator[tuple[int, Result]]:
        """Take what a worker says, and give it something else to do."""
        try:
            message = worker.take()
        except WorkerDied:
            yield from self.bury(worker)
            return
        if isinstance(message, Stop):
            raise OcrfixError(message.why)
        if isinstance(message, Ready):
            return
        number, task = worker.task.number, self.tasks.next()
        if task is not None:
            worker.give(task)
        else:
            self.workers.remove(worker)
            worker.end()
        yield number, message.result

    def bury(self, worker: Worker[Item, Result]) -> Iterator[tuple[int, Result]]:
        """Have a dead worker's task done by a fresh one, or give it up."""
        self.workers.remove(worker)
        how, task = worker.end(), worker.task
        if not worker.ready:
            raise OcrfixError(f"a worker process cannot be started ({how}); --jobs 1 does without")
        self.swept(task.item)
        again = self.tasks.again(task)
        self.engage()
        if not again:
            yield task.number, self.lost(task.item, how)

    def stop(self) -> None:
        """Stop all workers in the middle of what they do."""
        for worker in self.workers:
            worker.process.terminate()
        for worker in self.workers:
            worker.end()
            self.swept(worker.task.item)


def results(do: Callable[[Item], Result], items: Sequence[Item], jobs: int, *, lost: Callable[[Item, str], Result],
            swept: Callable[[Item], None]) -> Generator[tuple[int, Result], None, None]:
    """Do something with each item, in several processes.

    Args:
        do: what to do; it is sent to the processes.  If it raises OcrfixError, nothing more is done.
        items: with what.
        jobs: in how many processes; with one, or one item, none is made and all is done in this one.
        lost: the result for an item that two workers died of, one after the other; it is told how.
        swept: called after a process ended in the middle of an item, to clean up what it may have left.

    Yields:
        The number of an item and its result, as they are ready.  Where the iteration is left or fails, the processes
        are stopped before.

    Raises:
        OcrfixError: ``do`` raised it, or no process can be started.
    """
    jobs = min(jobs, len(items))
    if jobs <= 1:
        yield from ((number, do(item)) for number, item in enumerate(items))
        return
    crew = Crew(do, items, jobs, lost, swept)
    try:
        yield from crew.work()
    finally:
        with unstoppable():
            crew.stop()


def _work(do: Callable[[Item], Result], pipe: Connection, threads: int) -> None:
    """What a worker does, until the pipe is closed or a signal tells it to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))    # an exception, so that what was being written is removed
    cores.use(threads)
    with suppress(EOFError, OSError):                       # whoever started this is gone
        pipe.send(Ready())
        while True:
            pipe.send(message_of(do, pipe.recv()))


def message_of(do: Callable[[Item], Result], item: Item) -> Done[Result] | Stop:
    """Do something with an item, and say what came of it."""
    try:
        return Done(do(item))
    except OcrfixError as error:
        return Stop(str(error))
