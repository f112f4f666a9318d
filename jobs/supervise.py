"""Processes for jobs: one each, started before it is needed, watched, stopped, cleared away."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from jobs.child import Child
from jobs.desk import Desk
from jobs.job import Job
from jobs.ledger import Ledger
from jobs.queue import WARM
from store import paths, stream
from store.errors import NoWorker, Refusal

WATCH = 0.1
"""Seconds between two looks at whether a job was asked to stop."""

REFILL = 0.1
"""Seconds a job that took the spare has the processor to itself before the next spare is started."""

RESTART, RESTART_AT_MOST = 1.0, 60.0
"""Seconds before a process that ended unasked is replaced; twice as many after each one in a row."""

ENGINE_IDLE = 15 * 60.0
STILLBORN = 4
"""Processes that may die before they have claimed a job; then the job is refused."""

PASSED_OVER = 5.0
"""Seconds for which a job that is not to be had lets others of its lane go first."""

RETRY = 0.5
"""Seconds before the second try, twice as many before each further one."""

log = logging.getLogger("woodshed.supervise")


class Crew:
    """The processes of one worker: a spare runner, an engine, and those at work.

    All are started by one thread that lives as long as the worker: the kernel kills a child with the
    *thread* that started it.
    """

    def __init__(
        self,
        ledger: Ledger,
        again: Callable[[str], None],
        short: Callable[[], object],
        grace: float = 10.0,
    ) -> None:
        """``again(id)`` sends a job again; ``short()`` asks for ``tend`` soon, from the main thread."""
        self._ledger = ledger
        self._again = again
        self._short = short
        self._grace = grace
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="starter")
        self._guard = threading.Lock()
        self._engine_in_use = threading.Lock()
        self._spare: Child | None = None
        self._taken = 0.0
        self._engine: Child | None = None
        self._engine_used = 0.0
        self._stillborn: dict[str, int] = {}
        self._refused: dict[str, float] = {}
        self._deaths = 0
        self._look_again = 0.0
        self._stopping = threading.Event()
        self.busy: set[str] = set()

    def tend(self) -> None:
        """Have a living spare runner and engine ready; a loaded engine that nobody needs makes way.

        Raises OSError when a process can't be started.
        """
        if self.stopping:
            return
        with self._guard:
            if self.lacking and time.monotonic() - self._taken >= REFILL and self._may_start():
                self._spare = self._start("run")
            elif self._spare and not self._spare.alive:
                self._bury(self._spare)
                self._spare = None
                self._died()
        if self._engine_in_use.acquire(blocking=False):
            try:
                if self._engine and not self._engine.alive:
                    self._bury(self._engine)
                    self._engine = None
                    self._died()
                if self._may_start():
                    self._ready_engine()
            finally:
                self._engine_in_use.release()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def lacking(self) -> bool:
        """Whether a spare runner is missing that can be had now."""
        return self._spare is None and self._may_start()

    def _died(self) -> None:
        """One ended unasked; the next one may too, so there is a pause before it, longer every time."""
        self._look_again = time.monotonic() + min(RESTART * 2**self._deaths, RESTART_AT_MOST)
        self._deaths += 1

    def _may_start(self) -> bool:
        return time.monotonic() >= self._look_again

    def refused(self, id: str) -> bool:
        """Whether a job was not to be had just now: somebody else holds its run."""
        return self._refused.get(id, 0.0) > time.monotonic()

    @property
    def engine(self) -> str | None:
        """``warm`` when it has played or is loaded, else ``cold``; None when there is none."""
        if self._engine is None or not self._engine.alive:
            return None
        return "warm" if self._engine_used else "cold"

    def attend(self, id: str) -> None:
        """Do a job in a runner of its own; returns when the runner is gone."""
        job = self._wanted(id)
        if job is None:
            return
        with self._guard:
            child, self._spare = self._spare, None
            self._taken = time.monotonic()
        self.busy.add(id)
        try:
            if child is None or not child.tell(id):
                self._bury(child)
                child = self._start("run")
                child.tell(id)
            self._short()
            state = self._watch(child, id)
            code = child.end(grace=0.0 if state is None else 2.0)
            self._clear(job, state, _why(code))
        except OSError as error:
            self._clear(job, None, str(error))
        finally:
            self.busy.discard(id)

    def play(self, id: str) -> None:
        """Do a job, or get warm, in the engine."""
        job = self._wanted(id)
        if job is None and id != WARM:
            return
        with self._engine_in_use:
            self.busy.add(id)
            try:
                engine = self._ready_engine()
                state = self._watch(engine, id) if engine.tell(id) else None
                self._engine_used = time.monotonic()
                code = engine.end() if state is None else 0
                if job:
                    self._clear(job, state, _why(code))
            except OSError as error:
                log.warning("the engine can't be started: %s", error)
                if job:
                    self._clear(job, None, str(error))
            finally:
                self.busy.discard(id)

    def stop(self) -> None:
        """From now on nothing is started, and what runs is asked to stop with its checkpoint kept."""
        self._stopping.set()

    def close(self) -> None:
        """End the spare and the engine; call when the lanes have ended."""
        for child in (self._spare, self._engine):
            self._bury(child)
        self._starter.shutdown()

    def _wanted(self, id: str) -> Job | None:
        job = None if self.stopping or id == WARM else self._ledger.get(id)
        return job if job and job.state == "queued" else None

    def _start(self, module: str) -> Child:
        return self._starter.submit(Child, module).result()

    def _bury(self, child: Child | None) -> None:
        if child:
            child.end()

    def _ready_engine(self) -> Child:
        idle = self._engine_used and time.monotonic() - self._engine_used > ENGINE_IDLE
        if self._engine is None or not self._engine.alive or idle:
            self._bury(self._engine)
            self._engine = self._start("engine")
            self._engine_used = 0.0
        return self._engine

    def _watch(self, child: Child, id: str) -> str | None:
        """Until the child says that it is through with ``id``: its state; None when it died."""
        asked = again = None
        while True:
            try:
                word = child.hear(WATCH)
            except EOFError:
                return None
            if word is not None and word.startswith(f"{id} "):
                return word.removeprefix(f"{id} ")
            now = time.monotonic()
            if asked is None and (self.stopping or self._cancelled(id)):
                asked = again = now
            if asked is None or again is None:
                continue
            if now >= again:
                # Said again: the first word may come before the child listens for it.
                again = now + 1.0
                child.ask_to_stop()
            if now - asked > self._grace:
                log.warning("job %s did not stop within %g s: killed", id, self._grace)
                return None

    def _cancelled(self, id: str) -> bool:
        try:
            return id != WARM and self._ledger.stopping(id)
        except Refusal as error:
            # A locked ledger must not leave the child without its supervisor.
            log.warning("%s", error)
            return False

    def _clear(self, before: Job, state: str | None, why: str) -> None:
        """See that the ledger knows how it ended, and send the job again when it is to go on."""
        id = before.id
        if state is None:
            log.warning("the process of job %s ended: %s", id, why)
            self._ledger.settle(id, f"its process ended: {why}")
        else:
            self._deaths = 0
        job = self._ledger.get(id)
        if state is None and job:
            with suppress(Refusal, OSError):
                # Its last word may be the very state: killed after it, not before.
                if (stream.last(paths.events(id), "state") or {}).get("state") != job.state:
                    Desk.tell(paths.state() / "runs" / id, "state", state=job.state, why=why)
        if job is None or job.state != "queued" or self.stopping:
            self._stillborn.pop(id, None)
            return
        if state is None and job.tries == before.tries and not self._worth_another(id, why):
            return
        # "": it was not to be had just now; the next sweep sends it again, so that nothing spins.
        if state != "":
            self._again(id)
        else:
            self._refused[id] = time.monotonic() + PASSED_OVER

    def _worth_another(self, id: str, why: str) -> bool:
        """After a pause: whether to try again to start a process for a job; else the job has failed."""
        tries = self._stillborn[id] = self._stillborn.get(id, 0) + 1
        if tries < STILLBORN:
            self._stopping.wait(RETRY * 2 ** (tries - 1))
            return not self.stopping
        del self._stillborn[id]
        line = f"no process could be started for it ({why}); {paths.log('worker')} says why"
        self._ledger.refuse(id, line, NoWorker.code)
        return False


def _why(code: int) -> str:
    if code == -9:
        return "killed (signal 9), perhaps for want of memory"
    return f"signal {-code}" if code < 0 else f"exit code {code}"
