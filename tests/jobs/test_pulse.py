"""A process ends when it lost its job, and only then."""

import subprocess
import sys

import pytest

from jobs.ledger import Ledger
from jobs.specs import Rehearse

HOLD = """
import sys, time
from jobs import pulse
from jobs.ledger import Ledger
pulse.BEAT = 0.01
ledger = Ledger()
claim = ledger.claim(sys.argv[1])
def write():
    {end}
    time.sleep(0.3)
with claim, pulse.Pulse(ledger, claim) as beat:
    {how}
"""
ENDS = {
    "finish": 'ledger.finish(claim, "done", {})',
    "release": 'ledger.release(claim, "cancelled")',
    "crash": 'ledger.crash(claim, {"message": "x", "code": 1})',
}


def held(job: str, end: str, how: str) -> int:
    code = HOLD.replace("{end}", end).replace("{how}", how)
    return subprocess.run([sys.executable, "-c", code, job], timeout=20).returncode


@pytest.mark.parametrize("end", ENDS)
def test_a_job_may_take_its_time_to_end_TRAIN_05(home, end: str) -> None:
    assert held(Ledger().submit(Rehearse()).id, ENDS[end], "beat.end(write)") == 0


def test_a_process_that_lost_its_job_ends(home) -> None:
    assert held(Ledger().submit(Rehearse()).id, ENDS["finish"], "write()") == 1


def test_a_ledger_that_is_away_for_a_while_ends_nothing(home) -> None:
    away = """
    import sqlite3
    from store import paths
    sqlite3.connect(paths.ledger()).execute("alter table job rename to gone")
    time.sleep(0.2)
    sqlite3.connect(paths.ledger()).execute("alter table gone rename to job")
    beat.end(write)
    """
    assert held(Ledger().submit(Rehearse()).id, ENDS["finish"], away.strip()) == 0


def test_a_ledger_that_is_away_for_a_while_stops_no_training_TRAIN_05(home) -> None:
    ledger = Ledger()
    job = ledger.submit(Rehearse())
    code = """
import sqlite3, sys, time
from jobs.ledger import Ledger
from jobs.run import Stop
from store import paths
stop = Stop(Ledger())
stop.arm(sys.argv[1])
assert not stop()
sqlite3.connect(paths.ledger()).execute("alter table job rename to gone")
time.sleep(0.06)
assert not stop()
sqlite3.connect(paths.ledger()).execute("alter table gone rename to job")
Ledger().cancel(sys.argv[1])
time.sleep(0.06)
assert stop()
"""
    assert subprocess.run([sys.executable, "-c", code, job.id], timeout=20).returncode == 0
