"""The course of a training: what its stream tells, as curves, checkpoints and previews. Light: both fronts
read it."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store import paths, stream
from studio.text import figure, span

GAP = float("nan")
Curve = tuple[list[float], list[float]]
"""Epochs (rising) and the values there; NaN is a gap."""

PIECE = 1 << 20
"""Bytes of a stream that are read at once."""
ASIDE = ("t", "kind", "step", "steps", "epoch", "epochs", "seconds", "memorising", "attempt", "pid")
"""Numbers of a row that are no curve."""
ENOUGH = 3
"""Points of ``train`` that take the place of ``loss``."""
OTHERS_AT_MOST = 12


@dataclass(frozen=True)
class Term:
    """A number of the rows: what it is called, the letter at the end of its curve, its ink."""

    key: str
    words: str
    letter: str
    ink: str


@dataclass(frozen=True)
class View:
    """Terms that are drawn together. The first that a training has is compared between trainings."""

    name: str
    terms: tuple[Term, ...]
    judged: tuple[str, ...] = ()
    """Terms in the order in which they are asked for the best epoch; empty: as they are drawn."""
    least_is_best: bool = True

    @property
    def order(self) -> tuple[str, ...]:
        return self.judged or tuple(term.key for term in self.terms)


LOSS = View(
    "loss",
    (
        # ``loss`` is taken with noise, dropout and more terms than ``validation``; ``train`` is measured
        # as ``validation`` is, so once it is there it takes the place of ``loss``.
        Term("loss", "train", "t", "train"),
        Term("train", "train", "t", "train"),
        Term("validation", "validation", "v", "valid"),
        Term("validation_files", "unheard files", "f", "second"),
    ),
    ("validation", "validation_files", "train", "loss"),
)
VIEWS = (
    LOSS,
    View("magnitude", (Term("magnitude", "magnitude", "m", "train"),)),
    View("frequency", (Term("frequency", "frequency", "q", "train"),)),
    View("stft", (Term("stft", "stft", "s", "train"),)),
    View(
        "kl",
        (Term("kl", "kl above its floor", "k", "train"), Term("kl_total", "kl in all", "a", "second")),
        least_is_best=False,
    ),
    View("gap", (Term("gap", "gap", "g", "valid"),)),
    View(
        "error dB",
        (Term("train_db", "train", "t", "train"), Term("files_db", "unheard files", "f", "second")),
    ),
    View("kept dB", (Term("old_db", "old sounds", "o", "train"), Term("new_db", "new sounds", "n", "valid"))),
    View(
        "memory dB",
        (
            Term("nearest_made_db", "made", "m", "train"),
            Term("nearest_other_db", "other", "o", "second"),
            Term("nearest_unheard_db", "unheard", "u", "valid"),
        ),
        least_is_best=False,
    ),
    View("channels", (Term("kl_active", "share that speaks", "c", "second"),), least_is_best=False),
)
KNOWN = {term.key for view in VIEWS for term in view.terms}


class Course:
    """What a job has said so far. ``told`` is the newest row of each kind."""

    def __init__(self, job: str) -> None:
        self.job = job
        self.curves: dict[str, Curve] = {}
        self.told: dict[str, dict] = {}
        self.previews: dict[int, str] = {}
        """Epoch -> path of the sound."""
        self.saved: dict[int, float] = {}
        """Step -> epoch of every checkpoint that was written."""
        self.seconds = 0.0
        self._read_to = 0

    def read(self) -> bool:
        """Take what is new; whether there was something."""
        new, path = False, _folder(self.job) / "events.jsonl"
        while True:
            # A piece at a time: a stream may be larger than memory.
            rows, end = stream.follow(path, self._read_to, PIECE)
            if end == self._read_to:
                return new
            self._read_to, new = end, True
            for row in rows:
                self.take(row)

    def take(self, row: Mapping[str, Any]) -> None:
        """One row of the stream."""
        kind = str(row.get("kind"))
        self.told[kind] = {**self.told.get(kind, {}), **row} if kind == "row" else dict(row)
        epoch = _number(row.get("epoch"))
        if epoch != epoch:
            return
        if kind == "row":
            self.add(row)
        elif kind == "preview" and isinstance(row.get("path"), str):
            self.previews[int(epoch)] = row["path"]
        elif kind == "checkpoint" and isinstance(row.get("step"), int):
            self.saved[row["step"]] = epoch

    def add(self, row: Mapping[str, Any]) -> None:
        """A row of numbers. What it does not have is no point, null is a gap.

        A training that goes on from its checkpoint goes back: what it does again is cut off.
        """
        epoch = _number(row.get("epoch"))
        if epoch != epoch:
            return
        self.seconds = max(self.seconds, _number(row.get("seconds"), 0.0))
        for key, value in row.items():
            if key in ASIDE or not (value is None or _number(value, None) is not None):
                continue
            places, values = self.curves.setdefault(key, ([], []))
            keep = bisect_left(places, epoch)
            del places[keep:], values[keep:]
            places.append(epoch)
            values.append(_number(value))

    # --- what is asked of it -----------------------------------------------------------------------

    def views(self) -> list[View]:
        """Those that have a point: the known ones in their order, then one for each other number."""
        found = [view for view in VIEWS if any(term.key in self.curves for term in view.terms)]
        others = sorted(key for key in self.curves if key not in KNOWN)[:OTHERS_AT_MOST]
        return found + [
            View(
                key.replace("_", " "), (Term(key, key.replace("_", " "), "x", "train"),), least_is_best=False
            )
            for key in others
        ]

    def shown(self, view: View) -> dict[Term, Curve]:
        """The curves of a view that have points: ``loss`` until there is enough of ``train`` to see."""
        few = len(self.curves.get("train", ((), ()))[0]) < ENOUGH
        hidden = "train" if few and "loss" in self.curves else "loss"
        return {
            term: self.curves[term.key]
            for term in view.terms
            if term.key in self.curves and not (view is LOSS and term.key == hidden)
        }

    def judged(self, view: View = LOSS) -> tuple[str, Curve] | None:
        """The term that a view is judged by and its curve."""
        for key in view.order:
            if key in self.curves:
                return key, self.curves[key]
        return None

    def best(self, view: View = LOSS) -> tuple[float, float] | None:
        """(epoch, value) of the lowest point of the judged curve."""
        found = self.judged(view)
        if not found or not view.least_is_best:
            return None
        points = [(value, place) for place, value in zip(*found[1], strict=True) if value == value]
        if not points:
            return None
        value, place = min(points)
        return place, value

    def last(self, key: str) -> float | None:
        """The newest finite value of a term."""
        for value in reversed(self.curves.get(key, ((), ()))[1]):
            if value == value:
                return value
        return None

    @property
    def epochs(self) -> float:
        return max((places[-1] for places, _ in self.curves.values() if places), default=0.0)

    def kept(self) -> list[float]:
        """Epochs whose checkpoints are on the disk now, the oldest first."""
        folder = _folder(self.job) / "checkpoint"
        steps = (path.stem.removeprefix("step-") for path in sorted(folder.glob("step-*.pt")))
        return [self.saved[int(step)] for step in steps if step.isdigit() and int(step) in self.saved]

    @property
    def best_is_kept(self) -> bool:
        return (_folder(self.job) / "checkpoint" / "best.pt").exists()

    def preview(self, back: int = 0) -> tuple[int, Path] | None:
        """(epoch, file) of the newest preview, or of one ``back`` before it."""
        epochs = sorted(self.previews)
        if not epochs:
            return None
        epoch = epochs[max(0, len(epochs) - 1 - back)]
        return epoch, _folder(self.job) / self.previews[epoch]


def came_to(job: Any, course: Course) -> dict[str, str]:
    """What a training came to, in words, for a table."""
    best, gap = course.best(), course.last("gap")
    return {
        "epochs": f"{course.epochs:.4g}",
        "best": figure(best[1]) if best else "-",
        "at": f"{best[0]:.4g}" if best else "-",
        "gap": f"{gap:+.0%}" if gap is not None else "-",
        "time": span(course.seconds) if course.seconds else "-",
        "preset": str(job.spec.get("preset", "-")),
    }


def value_at(curve: Curve, place: float) -> float | None:
    """The value of the point nearest to ``place``; None at a gap."""
    places, values = curve
    if not places:
        return None
    after = bisect_left(places, place)
    near = min((i for i in (after - 1, after) if 0 <= i < len(places)), key=lambda i: abs(places[i] - place))
    return values[near] if values[near] == values[near] else None


def _folder(job: str) -> Path:
    """Of a run; asking never makes the folder of one that has vanished."""
    return paths.state() / "runs" / job


def _number(value: Any, otherwise: Any = GAP) -> Any:
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < stream.BIGGEST
    return float(value) if known else otherwise
