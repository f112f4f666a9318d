"""Sliders as a closed loop: the audio of a take is listened to and corrected until it measures what
was asked for, and in everything else what it measured before.

Each continuous axis has a move of its own (`MOVES`). First the moves of the sliders that were moved are
looked up on what was heard of each (`jobs.nets.curve`), and where there are several led to their set-points
together by Newton steps with Broyden's update (1965); there, what every move does to every descriptor is
measured by small steps, and all of them together take back what the first have changed besides. Density and
pulse are moves of time: they are solved before, on the sources alone. Width is the gain of the side, and
needs no loop.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jobs.sound.descriptors import NAMES


@dataclass(frozen=True)
class Move:
    """What an axis is moved by: its least and greatest setting, and a step large enough to be heard."""

    axis: str
    low: float
    high: float
    step: float


MOVES = (
    Move("brightness", -4.0, 4.0, 0.6),
    Move("warmth", -4.0, 4.0, 0.6),
    Move("roughness", -4.0, 2.0, 0.5),
    Move("tension", -3.0, 2.0, 0.5),
    Move("rhythm", -1.0, 2.0, 0.25),
    Move("reverberance", -3.5, 1.3, 0.8),
)
TIMED = ("density", "pulse", "rhythm")
"""Axes that timing moves, before the loop."""
COUNTED = ("density", "pulse")
"""Axes of onsets, that jump and have no slope."""
TIMES = (Move("density", -3.0, 3.0, 0.5), Move("pulse", -1.0, 1.0, 0.4), Move("rhythm", -1.0, 1.0, 0.4))
CLOSE_ENOUGH = 0.08
"""In spreads, of every descriptor."""
SHRINK = 0.4
"""Of how far a round may go, after one that led nowhere."""
WORTH = 0.98
"""A round that leaves more than this of the squared error was the last."""
REACHED = 0.2
"""Of its scale within which a set-point counts as reached."""
YIELDING = 1.2
"""How much less an error in what was moved counts, once it has come as far as it goes, than in the rest."""


@dataclass(frozen=True)
class Goal:
    """``target`` and ``scale`` ``(measured,)``: what each axis and each second opinion shall measure and its
    spread; what has an infinite scale does not matter."""

    target: np.ndarray
    scale: np.ndarray

    def at(self, rows: list[int]) -> "Goal":
        """The goal for some rows alone."""
        return Goal(self.target[rows], self.scale[rows])

    def residual(self, found: np.ndarray) -> np.ndarray:
        return (self.target - found) / self.scale


Measured = Callable[[np.ndarray], np.ndarray]
"""A setting of the moves -> what is then measured."""


@dataclass(frozen=True)
class Heard:
    """A setting of the moves, ``point``, and the descriptors ``found`` there."""

    point: np.ndarray
    found: np.ndarray


def slopes(moves: tuple[Move, ...], measured: Measured, at: Heard, goal: Goal) -> np.ndarray:
    """``(measured, moves)``: what a step of each move does from ``at``, towards the goal where it can."""
    residual = goal.residual(at.found)
    columns = []
    for k, move in enumerate(moves):
        up = residual[k] >= 0 if len(moves) == len(residual) else at.point[k] <= (move.low + move.high) / 2
        step = move.step if up else -move.step
        if not move.low <= at.point[k] + step <= move.high:
            step = -step
        point = at.point.copy()
        point[k] += step
        columns.append((measured(point) - at.found) / step)
    return np.stack(columns, axis=1)


def close(
    moves: tuple[Move, ...],
    measured: Measured,
    at: Heard,
    slope: np.ndarray,
    goal: Goal,
    rounds: int,
    largest: float,
    stiffness: float | np.ndarray = 0.1,
    jumps: np.ndarray | None = None,
) -> Heard:
    """From ``at`` towards the goal; the nearest that was heard.

    ``slope`` as `slopes` gives it; ``largest`` is the share of a move's range that one round may go;
    ``stiffness``, of all or of each, is the cost of a move over its whole range, as an error in spreads: what
    is won by going far in everything is won by this measure alone. ``jumps (measured,)`` marks what has no
    slope, as a count of onsets: a round that spoils it is not taken.
    """
    low = np.array([move.low for move in moves])
    high = np.array([move.high for move in moves])
    stiff = stiffness / (high - low)
    home = at.point

    def errors(heard: Heard) -> np.ndarray:
        return np.concatenate([goal.residual(heard.found), stiff * (home - heard.point)])

    best = at
    slope = np.concatenate([slope / goal.scale[:, None], np.diag(stiff)])
    smooth = np.ones(len(slope), bool)
    if jumps is not None:
        smooth[: len(jumps)] = ~jumps
    for _ in range(rounds):
        missing = errors(best)
        if np.abs(missing).max() < CLOSE_ENOUGH:
            break
        step = np.clip(
            _step(slope[smooth], missing[smooth], best.point, low, high),
            -largest * (high - low),
            largest * (high - low),
        )
        point = np.clip(best.point + step, low, high)
        if np.allclose(point, best.point):
            break
        now = Heard(point, measured(point))
        moved = point - best.point
        change = missing - errors(now)
        slope = slope + np.outer(change - slope @ moved, moved) / max(float(moved @ moved), 1e-12)
        before, after = (float(np.square(e).sum()) for e in (missing, errors(now)))
        if after < before:
            best = now
        else:
            largest *= SHRINK
        if WORTH * before < after < before:
            break
    return best


def _step(
    slope: np.ndarray, missing: np.ndarray, at: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Least squares; a move that is at its end is left out and the rest solved again."""
    free = np.ones(len(at), bool)
    step = np.zeros(len(at))
    for _ in range(len(at)):
        step = np.zeros(len(at))
        step[free] = np.linalg.lstsq(slope[:, free], missing, rcond=1e-6)[0]
        stuck = free & (((at >= high) & (step > 0)) | ((at <= low) & (step < 0)))
        if not stuck.any():
            break
        free &= ~stuck
        if not free.any():
            return np.zeros(len(at))
    return step


def within_reach(goal: Goal, found: np.ndarray, moved: tuple[str, ...]) -> Goal:
    """The goal with the set-points of what was ``moved`` no further than they came, in ``found``, and less
    important than what is held."""
    target, scale = goal.target.copy(), goal.scale.copy()
    for name in moved:
        k = NAMES.index(name)
        scale[k] *= 1.0 if name in COUNTED else YIELDING
        if abs(target[k] - found[k]) > REACHED * goal.scale[k]:
            target[k] = found[k]
    return Goal(target, scale)
