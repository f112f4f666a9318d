"""State does not grow without end, and what a person may still want stays."""

import time
from pathlib import Path

from jobs.ledger import Ledger
from jobs.prune import KEPT, OLD, Pruner
from jobs.specs import Generate, Rehearse
from store import paths


def over(ledger: Ledger, spec) -> str:
    """A job that is done and published, with an attempt and a checkpoint."""
    job = ledger.submit(spec)
    for name in ("attempt-1", "checkpoint"):
        (paths.run(job.id) / name).mkdir()
    with ledger.claim(job.id) as claim:
        ledger.finish(claim, "done", {"summary": {}})
    return job.id


def test_old_previews_go_and_the_newest_stay(home: Path) -> None:
    ledger = Ledger()
    previews = [over(ledger, Generate(model="m", preview=True)) for _ in range(KEPT + 3)]
    take = over(ledger, Generate(model="m"))
    Pruner(ledger).prune()
    assert len(ledger.all()) == KEPT + 4, "nothing is old yet"
    Pruner(ledger).prune(now=time.time() + OLD + 1)
    assert [job.id for job in ledger.all()] == [*previews[3:], take]
    assert {folder.name for folder in (paths.state() / "runs").iterdir()} == {*previews[3:], take}
    assert (paths.run(previews[-1]) / "attempt-1").exists(), "a preview is heard from there"


def test_attempts_go_when_the_library_has_what_they_made(home: Path) -> None:
    ledger = Ledger()
    done = over(ledger, Rehearse())
    stopped = ledger.submit(Rehearse())
    (paths.run(stopped.id) / "attempt-1").mkdir()
    ledger.cancel(stopped.id)
    Pruner(ledger).prune()
    assert not (paths.run(done) / "attempt-1").exists() and (paths.run(done) / "checkpoint").exists()
    assert (paths.run(stopped.id) / "attempt-1").exists()
