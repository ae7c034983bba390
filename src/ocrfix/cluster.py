"""The documents of a run spread over the workers of a dask cluster.

Start reading at :class:`Dask`.  dask's own scheduling is not used beyond bringing a task to a worker and its result
back.  Left to itself, dask gives a worker more tasks than it works on, and where the worker dies, all of them are
blamed (``suspicious`` in ``distributed.scheduler``): each has one more failure on its account, and after
``distributed.scheduler.allowed-failures`` (3) of them it is given up, without ever having been begun perhaps.  One
document that kills its workers would take its neighbours along; and how many a cluster allows is no business of ours
to set.

So it is done as with processes (:mod:`ocrfix.workers`): each worker has one document at a time, which is pinned to it,
and its death is that document's and nobody else's.  The document is handed out again by us, to another worker or to
the one that came in its place; if that dies too, it is given up.  The price is the time between two documents, in
which a worker waits (measured in ``docs/cluster.md``).

A worker that is started again may have the address of the dead one, and dask would do the pinned task there without
telling.  So each process names itself when it is greeted, and a task that comes to another process is refused.
"""
from __future__ import annotations

import logging
import os
import queue
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from ocrfix import cores
from ocrfix.errors import OcrfixError, UsageError
from ocrfix.job import Input, Job, Outcome
from ocrfix.messages import message
from ocrfix.outputs.files import WRITING
from ocrfix.places import Place, Url
from ocrfix.records import Dependencies
from ocrfix.stops import STOPS, postponed, unstoppable
from ocrfix.workers import GRACE, Done, Stop, Task, Tasks, message_of

if TYPE_CHECKING:
    from distributed import Client, Future

    from ocrfix.run import Outcomes

PAUSE = 1.0
"""Seconds between looks at which workers there are."""
PATIENCE = 120.0
"""Seconds to wait for a worker where there is none."""
CONNECTING = 10.0
"""Seconds that a scheduler has to answer."""
SHARED = message("local files must lie on a disk that all workers share; else give URLs (s3://...)")
PROCESS = uuid4().hex
"""The name of this process, which no other has, nor one at the same address later."""


@dataclass(frozen=True, slots=True)
class Dask:
    """What does documents on a cluster: an engine of :func:`ocrfix.run.run`.

    Attributes:
        scheduler: the address of the scheduler; a cluster on this machine is started if not given.

    Raises:
        UsageError: dask is not installed.
    """

    scheduler: str | None = None

    def __post_init__(self) -> None:
        if find_spec("distributed") is None:
            raise UsageError("a cluster is worked with by dask, which is not here: pip install 'ocrfix[dask]'")

    def __call__(self, job: Job, items: Sequence[Input], jobs: int) -> Outcomes:
        """The documents of a job done by a cluster.

        Args:
            job: what is to be done with each.
            items: the documents.
            jobs: workers of a cluster that is started; one that there is has those that it has.

        Yields:
            The number of a document and what became of it, as they are ready.

        Raises:
            OcrfixError: no scheduler answers, there are no workers, they cannot do the job, or no other document can
                be done.
        """
        if not items:
            return
        with _quiet(), _signed(job.out) as sign, ExitStack() as connections:
            crew = Crew(self._connected(min(jobs, len(items)), connections), job, items, sign)
            try:
                yield from crew.work()
            finally:
                with unstoppable():
                    begun = crew.end()
                    connections.close()
                    if self.scheduler is None:              # its workers have ended; others go on with what they have
                        for item in begun:
                            job.sweep(item)

    def _connected(self, workers: int, connections: ExitStack) -> Client:
        """A client of the cluster that there is, or of one that is started and ends with the connections."""
        from distributed import Client, LocalCluster
        cluster: LocalCluster | str
        if self.scheduler is None:
            with postponed():                               # it is started whole, or not at all
                cluster = connections.enter_context(LocalCluster(
                    n_workers=workers, threads_per_worker=max(1, cores.available() // workers), memory_limit=None,
                    dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL, preload=[__name__]))
        else:
            cluster = self.scheduler
        try:
            client = Client(cluster, timeout=CONNECTING, set_as_default=False)
        except (OSError, ValueError) as error:
            raise OcrfixError(f"{self.scheduler}: no dask scheduler answers there: {error}") from error
        connections.enter_context(client)
        return client


@dataclass(eq=False, slots=True)
class Worker:
    """A worker of the cluster, as its address has it.

    Attributes:
        address: where it is.
        process: the name that its process gave itself; empty before it was greeted.
        task: the document that it has.
        future: what it was asked to do.
    """

    address: str
    process: str = ""
    task: Task[Input] | None = None
    future: Future[Answer] | None = None


class Crew:
    """The workers of a cluster, and what there is to do; see :class:`Dask`."""

    def __init__(self, client: Client, job: Job, items: Sequence[Input], sign: str) -> None:
        self.client, self.job, self.sign = client, job, sign
        self.run = uuid4().hex
        self.shipped = [_absolute(item) for item in items]
        self.witness = next((item.path for item in self.shipped
                             if isinstance(item.path, Path) and os.access(item.path, os.R_OK)), None)
        self.tasks = Tasks(self.shipped)
        self.left = len(items)
        self.workers: dict[str, Worker] = {}
        self.heard: queue.SimpleQueue[tuple[Worker, Future[Answer]]] = queue.SimpleQueue()
        self.next_look = 0.0
        self.last_seen = time.monotonic()

    def work(self) -> Iterator[tuple[int, Outcome]]:
        """What became of the documents, as they are ready, until all are done."""
        while self.left:
            if time.monotonic() >= self.next_look:
                for number, outcome in self.look():
                    self.left -= 1
                    yield number, outcome
                self.next_look = time.monotonic() + PAUSE
            try:
                worker, future = self.heard.get(timeout=PAUSE)
            except queue.Empty:
                continue
            for number, outcome in self.attend(worker, future):
                self.left -= 1
                yield number, outcome

    def look(self) -> Iterator[tuple[int, Outcome]]:
        """Find out which workers there are: greet the new ones, bury the dead, and give the idle something to do."""
        try:
            addresses = set(self.client.nthreads())
        except OSError as error:
            raise OcrfixError(f"the scheduler of the cluster is gone: {error}") from error
        for worker in [worker for address, worker in self.workers.items() if address not in addresses]:
            yield from self.bury(worker)
        for address in sorted(addresses - set(self.workers)):
            self.workers[address] = Worker(address)
            self.greet(self.workers[address])
        for worker in self.workers.values():
            if worker.future is None:
                self.give(worker)
        if self.workers:
            self.last_seen = time.monotonic()
        elif time.monotonic() - self.last_seen > PATIENCE:
            raise OcrfixError(f"the cluster has had no worker for {PATIENCE:.0f} seconds")

    def attend(self, worker: Worker, future: Future[Answer]) -> Iterator[tuple[int, Outcome]]:
        """Take what a worker answers, and give it something else to do."""
        from distributed import CancelledError, KilledWorker
        if worker.future is not future:
            return                                          # it was buried meanwhile
        try:
            answer = future.result(timeout=GRACE)
        except (KilledWorker, CancelledError, TimeoutError):
            yield from self.bury(worker)                    # it died, perhaps before the answer was fetched
            return
        except Exception as error:
            raise OcrfixError(f"worker {worker.address}: {error or type(error).__name__}") from error
        worker.future = None
        if isinstance(answer, Greeting):
            if answer.why:
                raise OcrfixError(f"worker {worker.address}: {answer.why}")
            worker.process = answer.process
            self.give(worker)
        elif isinstance(answer, Stranger):
            if answer.process == worker.process:            # it had jobs of others meanwhile
                self.greet(worker)
            else:
                yield from self.bury(worker)
        elif isinstance(answer, Stop):
            raise OcrfixError(answer.why)
        else:
            assert worker.task is not None
            number, worker.task = worker.task.number, None
            self.give(worker)
            yield number, answer.result

    def bury(self, worker: Worker) -> Iterator[tuple[int, Outcome]]:
        """Have a dead worker's document done by another one, or give it up."""
        del self.workers[worker.address]
        future, worker.future = worker.future, None         # what is still heard of it is not attended to
        if future is not None:
            future.cancel()
        task = worker.task
        if task is None:
            return
        self.job.sweep(task.item)
        if not self.tasks.again(task):
            yield task.number, self.job.lost(task.item, f"{worker.address} was lost")

    def greet(self, worker: Worker) -> None:
        """Tell a worker about the job."""
        self.ask(worker, greet, self.run, _shipped(self.job), self.witness, self.sign)

    def give(self, worker: Worker) -> None:
        """Hand a worker the document that it has, or what is next."""
        if worker.task is None:
            worker.task = self.tasks.next()
        if worker.task is not None:
            self.ask(worker, do, self.run, worker.process, worker.task.item)

    def ask(self, worker: Worker, function: Callable[..., Answer], *arguments: object) -> None:
        """Have a worker, and no other, do something."""
        future: Future[Answer] = self.client.submit(function, *arguments, workers=[worker.address],
                                                    allow_other_workers=False, pure=False)
        worker.future = future
        future.add_done_callback(lambda done: self.heard.put((worker, done)))

    def end(self) -> list[Input]:
        """Have the workers forget the job; returns the documents that they have.

        What none has begun is taken back by the scheduler when the client is closed.
        """
        with suppress(OSError, RuntimeError):               # the scheduler is gone
            self.client.run(forget, self.run, on_error="ignore")
        return [worker.task.item for worker in self.workers.values() if worker.task is not None]


# --- in the workers --------------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class Greeting:
    """The answer of a worker to a job.

    Attributes:
        process: the name of its process.
        why: why it cannot do the job; empty if it can.
    """

    process: str
    why: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """The answer of a worker whose process is not the one that was meant, or that does not know the job any more."""

    process: str


Answer = Greeting | Stranger | Done[Outcome] | Stop

KEPT = 2
"""Jobs that a process knows at once, the last ones: the lexicons of each take some hundred megabytes."""
_jobs: dict[str, Job] = {}
"""The jobs of this process by the names of their runs."""


def dask_setup(_worker: object) -> None:
    """Called by dask in each worker of a cluster that we start: Ctrl-C and the closed terminal are not for them."""
    for number in STOPS:
        if number != signal.SIGTERM:
            signal.signal(number, signal.SIG_IGN)


def greet(run: str, job: Job, witness: Path | None, sign: str) -> Greeting:
    """Take a job; ``witness`` is an input that the caller sees, ``sign`` a file in a local folder of reports."""
    from distributed import get_worker
    _jobs[run] = job
    for oldest in list(_jobs)[:-KEPT]:
        forget(oldest)
    cores.use(get_worker().state.nthreads)
    return Greeting(PROCESS, complaint(job, witness, sign))


def do(run: str, process: str, item: Input) -> Answer:
    """Do a document of a job that this process was greeted with."""
    job = _jobs.get(run)
    if process != PROCESS or job is None:
        return Stranger(PROCESS)
    return message_of(job.do, item)


def forget(run: str) -> None:
    """Forget a job, if it is known."""
    _jobs.pop(run, None)


def complaint(job: Job, witness: Path | None, sign: str) -> str:
    """Why this process cannot do a job that another one prepared, in one line; empty if it can.

    The same bytes come out only of the same program with the same lexicons; and local paths mean the same only where
    the disk is shared.
    """
    unseen = [path for path in (job.settings.lexicons, job.out, witness)
              if isinstance(path, Path) and not path.exists()]
    if unseen:
        return message(f"does not see {unseen[0]}; {SHARED}")
    if isinstance(job.out, Path):
        if not (job.out / sign).exists():
            return message(f"has a {job.out} of its own; {SHARED}")
        if not os.access(job.out, os.W_OK | os.X_OK):
            return message(f"may not write to {job.out}")
    if job.dependencies is not None:
        mine = Dependencies.of(job.settings).hashes
        other = sorted(name for name in mine if mine[name] != job.dependencies.hashes[name])
        if other:
            return message(f"has another {' and other '.join(other)} than this machine: all must have the same ocrfix, "
                           "Python and packages")
    return ""


# --- what is sent to them --------------------------------------------------------------------------------------------

def _shipped(job: Job) -> Job:
    """A job for other processes, with paths that do not depend on where they run."""
    lexicons = job.settings.lexicons
    return replace(job, out=job.out.absolute() if isinstance(job.out, Path) else job.out,
                   settings=replace(job.settings, lexicons=lexicons.absolute() if lexicons is not None else None))


def _absolute(item: Input) -> Input:
    return replace(item, path=item.path.absolute()) if isinstance(item.path, Path) else item


@contextmanager
def _signed(out: Place) -> Iterator[str]:
    """The name of an empty file in a local folder of reports, by which workers tell that they have the same folder."""
    sign = f"{WRITING}{uuid4().hex}"
    if isinstance(out, Url):
        yield sign
        return
    try:
        (out / sign).touch()
    except OSError as error:
        raise OcrfixError(f"{out}: cannot be written: {error.strerror or error}") from error
    try:
        yield sign
    finally:
        with suppress(OSError):
            (out / sign).unlink()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what dask reports of dead workers and lost connections, which we report ourselves."""
    import distributed  # noqa: F401  sets the levels itself
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "asyncio")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
