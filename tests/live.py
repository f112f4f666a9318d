"""A training that is nothing but its claim and its stream: as live as a real one to whoever looks on."""

import math
import os
from pathlib import Path

from jobs import locks, specs
from jobs.ledger import Ledger
from jobs.queue import lock_path
from store import paths, stream


class Training:
    """Holds the worker's lock and a claim on a job in ``home``; ``say`` writes the row of another epoch.

    ``epoch``: how many rows the stream begins with.
    """

    def __init__(self, home: Path, epoch: int = 60, total: int = 200) -> None:
        self.home, self.epoch, self.total = home, epoch, total

    def __enter__(self) -> "Training":
        self._before = os.environ.get("WOODSHED_HOME")
        os.environ["WOODSHED_HOME"] = str(self.home)
        self._worker = locks.grab(lock_path(), wait=10)
        assert self._worker is not None, "a worker lives in this home"
        self.ledger = Ledger()
        job = self.ledger.submit(specs.make(specs.TrainVae, dataset="0" * 12, name="live"))
        claim = self.ledger.claim(job.id)
        assert claim is not None
        self.claim = claim
        self.events = paths.events(job.id)
        for epoch in range(1, self.epoch + 1):
            self._row(epoch)
        return self

    def say(self) -> None:
        """The next epoch."""
        self.ledger.renew(self.claim)
        self.epoch += 1
        self._row(self.epoch)

    def _row(self, epoch: int) -> None:
        loss = 0.2 + math.exp(-epoch / 40)
        stream.say(
            self.events, kind="row", epoch=epoch, loss=loss, validation=loss * 1.1, kl=0.1 * epoch, stft=loss
        )
        left = float(self.total - epoch)
        stream.say(
            self.events, kind="progress", done=epoch, total=self.total, unit="epochs", rate=1.0, eta=left
        )

    def __exit__(self, *_: object) -> None:
        self.ledger.finish(self.claim, "cancelled")
        os.close(self.claim.lock)
        os.close(self._worker)
        os.environ.pop("WOODSHED_HOME")
        if self._before is not None:
            os.environ["WOODSHED_HOME"] = self._before
