"""The truth about jobs: one SQLite file, every change of state a committed compare-and-set.

queued -> running -> done | failed | cancelled | interrupted

*cancelled*: a person stopped it; its checkpoint is kept and ``resume`` goes on from there.
*interrupted*: its worker was shut down; the next worker goes on with it unasked.
A job runs where a process holds both the lock on its run folder and the token of its claim, so a
process that comes back from the dead can change nothing: attempts may repeat, the result commits once.
"""

import json
import math
import secrets
import time
from collections.abc import Collection
from pathlib import Path
from sqlite3 import Connection

from jobs import locks
from jobs.claims import HOST, LEASE, Claims, lock_of
from jobs.job import ENDED, STATES, Claim, Job, utc
from jobs.records import FIELDS, PREVIEW, SHOWN, Records
from jobs.specs import LANES, USUAL_SECONDS, Generate, Spec, nearest, pack, unpack
from store import paths
from store.errors import NotFound, Usage
from store.files import disk
from store.names import SHORTEST_PREFIX, too_short

__all__ = ["ENDED", "LEASE", "STATES", "Claim", "Job", "Ledger"]


LIVE_SECONDS = 60.0
"""Seconds of sound that may be made on the live lane in one job."""


MOVES = ("first", "up", "down", "last")
QUEUED = "select id from job where state='queued' and lane=? order by rank, seq"


class Ledger(Claims):
    """All jobs of one home, as a person asks for them. Usable from several processes and threads."""

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = Path(path) if path else paths.ledger()
        super().__init__(Records(self.path))

    def submit(
        self,
        spec: Spec,
        group: str = "",
        client: str = "",
        lane: str | None = None,
        max_attempts: int = 3,
    ) -> Job:
        """Commit a new job. In a ``group`` the newest wins: older ones still waiting or running stop.

        ``lane`` takes the place of the one it belongs in. Raises Busy when the disk is full.
        """
        lane = lane or lane_of(spec)
        if lane not in LANES:
            raise Usage(f"unknown lane {lane!r}{nearest(lane, LANES)}")
        id = secrets.token_hex(6)
        # Made first: a parent that appears on the way to its child would be readable by others.
        with disk(paths.state()):
            (paths.state() / "runs").mkdir(mode=0o700, exist_ok=True)
            paths.run(id)
        now = utc()
        with self._records.change() as db:
            if group:
                self._stop(db, "grp=?", (group,), now)
            db.execute(
                "insert into job(id, recipe, lane, state, max_attempts, spec, grp, client, submitted)"
                " values (?, ?, ?, 'queued', ?, ?, ?, ?, ?)",
                (id, spec.recipe, lane, max_attempts, json.dumps(pack(spec)), group, client, now),
            )
        return self.find(id)

    def find(self, key: str) -> Job:
        """By id, or by a prefix of three characters or more that only one job has. Raises NotFound, Usage."""
        job = self.get(key)
        if job:
            return job
        begins = f"select {FIELDS} from job where substr(id, 1, ?)=? order by seq limit 4"
        rows = self._records.ask(begins, (len(key), key)) if key else []
        if rows and len(key) < SHORTEST_PREFIX:
            raise NotFound(f"no job {key!r}{too_short([row['id'] for row in rows])}")
        if len(rows) == 1:
            return Job.of(rows[0])
        if rows:
            raise Usage(f"job {key!r} is ambiguous: {', '.join(row['id'] for row in rows)}")
        known = [job.id for job in self.all()]
        raise NotFound(f"no job {key!r}{nearest(key, known)}; `woodshed jobs ls` lists them")

    def all(
        self,
        limit: int = 200,
        states: Collection[str] = (),
        recipes: Collection[str] = (),
        previews: bool = True,
        moving: bool = False,
    ) -> list[Job]:
        """The ``limit`` newest jobs, newest last: all, or those of some states and recipes.

        ``previews`` False leaves out what a hand on a slider asked for. ``moving``: those that wait or run
        are always among them, however many newer ones there are.
        """
        wanted, values = _wanted(states, recipes, previews)
        newest = f"select seq from job where {wanted} order by seq desc limit ?"
        also = f" or ({SHOWN} in ('queued', 'running') and {wanted})" if moving else ""
        rows = self._records.ask(
            f"select {FIELDS} from job where seq in ({newest}){also} order by seq",
            (*values, limit, *(values if moving else ())),
        )
        return [Job.of(row) for row in rows]

    def hurry(self, seconds: float) -> None:
        """Let this thread wait no longer than that for other processes; then it is Busy."""
        self._records.hurry(seconds)

    def stamp(self) -> tuple[int, int, int]:
        """Changes whenever a job changed; costs microseconds. Compare stamps of one thread only."""
        return self._records.stamp()

    def queued(self, lane: str) -> list[str]:
        """Ids that wait in ``lane``, in the order in which they will run."""
        rows = self._records.ask(QUEUED, (lane,))
        return [row["id"] for row in rows]

    def move(self, id: str, where: str) -> Job:
        """Another place among those that wait in its lane: ``first``, ``up``, ``down`` or ``last``.

        Raises Usage when the job does not wait.
        """
        if where not in MOVES:
            raise Usage(f"unknown place {where!r}{nearest(where, MOVES)}; places: {', '.join(MOVES)}")
        job = self.find(id)
        with self._records.change() as db:
            order = [row["id"] for row in db.execute(QUEUED, (job.lane,))]
            if job.id not in order:
                raise Usage(f"job {job.id} is {self.find(job.id).state}; only a queued one can be moved")
            at = order.index(job.id)
            place = {"first": 0, "up": max(0, at - 1), "down": at + 1, "last": len(order)}[where]
            order.remove(job.id)
            order.insert(place, job.id)
            # Below 0, so that what is asked for later comes after all of them.
            ranked = [(rank - len(order), id) for rank, id in enumerate(order)]
            db.executemany("update job set rank=? where id=?", ranked)
        return self.find(job.id)

    def place(self, job: Job) -> int:
        """1 for the next of its lane to run; 0 when it does not wait."""
        waiting = self.queued(job.lane)
        return waiting.index(job.id) + 1 if job.id in waiting else 0

    def counts(self) -> dict[str, int]:
        """Jobs by state, states without a job left out."""
        rows = self._records.ask(f"select {SHOWN} as state, count(*) as n from job group by 1")
        return {row["state"]: row["n"] for row in rows}

    def standing(self, job: Job) -> str:
        """The state as a person should see it: a running job may be ``stalled`` or ``lost``."""
        if job.state != "running":
            return job.state
        if job.host == HOST and not locks.held(lock_of(job.id)):
            return "lost"
        silent = job.lease is not None and job.lease < time.time()
        return "stalled" if silent else "running"

    def cancel(self, id: str) -> Job:
        """Ask a job to stop; one that only waits stops at once. An ended one stays as it is."""
        job = self.find(id)
        with self._records.change() as db:
            self._stop(db, "id=?", (job.id,), utc())
        if self.standing(job) == "lost":
            # No worker need be alive to see that nobody works on it.
            self.settle(job.id, "its process ended")
        return self.find(job.id)

    def stopping(self, id: str) -> bool:
        """Whether somebody asked the job to stop."""
        rows = self._records.ask("select cancelled from job where id=?", (id,))
        return not rows or bool(rows[0]["cancelled"])

    def resume(self, id: str) -> Job:
        """Go on with a cancelled, failed or interrupted job from its checkpoint, with all its attempts.

        Raises Usage when it is done.
        """
        job = self.find(id)
        if job.state == "done":
            raise Usage(f"job {job.id} is done; submit a new one")
        with self._records.change() as db:
            db.execute(
                "update job set state='queued', cancelled=0, attempt=0, error=null, ended=null, token=null,"
                " rank=0"
                " where id=? and state in ('cancelled', 'failed', 'interrupted')",
                (job.id,),
            )
            db.execute("update job set cancelled=0 where id=? and state='running'", (job.id,))
        return self.find(job.id)

    def retry(self, id: str) -> Spec:
        """What a failed or cancelled job asked for, to be asked for anew. Raises Usage for any other."""
        job = self.find(id)
        if job.state not in ("failed", "cancelled"):
            ways = {
                "done": "ask for another one with a command of its own",
                "interrupted": f"it goes on with the next worker, or by `woodshed jobs resume {job.id}`",
            }
            way = ways.get(job.state, f"cancel it first: `woodshed jobs cancel {job.id}`")
            raise Usage(f"job {job.id} is {job.state}; {way}")
        return unpack(job.spec)

    def _stop(self, db: Connection, which: str, values: tuple, now: str) -> None:
        db.execute(
            f"update job set state='cancelled', cancelled=1, ended=?"
            f" where {which} and state in ('queued', 'interrupted')",
            (now, *values),
        )
        db.execute(f"update job set cancelled=1 where {which} and state='running'", values)


def lane_of(spec: Spec) -> str:
    """Where a spec belongs: its kind's own lane, but many or long takes must not keep a slider waiting."""
    if isinstance(spec, Generate) and not spec.preview and spec.count * _seconds(spec) > LIVE_SECONDS:
        return "short"
    return spec.lane


def _seconds(spec: Generate) -> float:
    """Of one take, at most: how long a sound is that is played through, only a recipe knows."""
    if spec.seconds is None and spec.resynthesise:
        return math.inf
    return spec.seconds or USUAL_SECONDS


def _wanted(states: Collection[str], recipes: Collection[str], previews: bool) -> tuple[str, tuple[str, ...]]:
    """A condition on jobs and the values for its marks."""
    tests = ["1" if previews else f"not ({PREVIEW})"]
    for column, among in ((SHOWN, states), ("recipe", recipes)):
        if among:
            tests.append(f"{column} in ({', '.join('?' * len(among))})")
    return " and ".join(tests), (*states, *recipes)
