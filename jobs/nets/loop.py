"""Sliders as a closed loop: the audio of a take is listened to and corrected until it measures what
was asked for, and in everything else what it measured before.

Each continuous axis has a move of its own (`MOVES`). First the moves of the sliders that were moved are
led to their set-points by Newton steps with Broyden's update (1965); there, what every move does to
every descriptor is measured by small steps, and all of them together take back what the first have
changed besides. Density and pulse are moves of time: they are solved before, on the sources alone. Width is
the gain of the side, and needs no loop.
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
    Move("roughness", -2.0, 2.0, 0.4),
    Move("tension", -2.0, 2.0, 0.5),
    Move("rhythm", -1.0, 2.0, 0.25),
    Move("reverberance", -3.5, 1.3, 0.8),
)
TIMES = (Move("density", -3.0, 3.0, 0.5), Move("pulse", -1.0, 1.0, 0.4))
CLOSE_ENOUGH = 0.08
"""In spreads, of every descriptor."""
SHRINK = 0.4
"""Of how far a round may go, after one that led nowhere."""
WORTH = 0.98
"""A round that leaves more than this of the squared error was the last."""
STIFFNESS = 0.3
"""Cost of a move over its whole range, as an error in spreads."""


@dataclass(frozen=True)
class Goal:
    """``target`` and ``scale`` ``(len(NAMES),)``: what each axis shall measure and its spread; axes of
    infinite scale do not matter."""

    target: np.ndarray
    scale: np.ndarray

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
) -> Heard:
    """From ``at`` towards the goal; the nearest that was heard.

    ``slope`` as `slopes` gives it; ``largest`` is the share of a move's range that one round may go.
    """
    low = np.array([move.low for move in moves])
    high = np.array([move.high for move in moves])
    best = at
    slope = slope / goal.scale[:, None]
    for _ in range(rounds):
        residual = goal.residual(best.found)
        if np.abs(residual).max() < CLOSE_ENOUGH:
            break
        step = _step(slope, residual, best.point, low, high, largest)
        point = np.clip(best.point + step, low, high)
        if np.allclose(point, best.point):
            break
        now = Heard(point, measured(point))
        moved = point - best.point
        change = residual - goal.residual(now.found)
        slope = slope + np.outer(change - slope @ moved, moved) / max(float(moved @ moved), 1e-12)
        before, after = (float(np.square(r).sum()) for r in (residual, goal.residual(now.found)))
        if after < before:
            best = now
        else:
            largest *= SHRINK
        if WORTH * before < after < before:
            break
    return best


def _step(
    slope: np.ndarray,
    residual: np.ndarray,
    at: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    largest: float,
) -> np.ndarray:
    """Least squares with a stiffness; a move that is at its end is left out and the rest solved again."""
    ranges = high - low
    free = np.ones(len(at), bool)
    step = np.zeros(len(at))
    for _ in range(len(at)):
        part = slope[:, free]
        weight = np.diag((STIFFNESS / ranges[free]) ** 2)
        step = np.zeros(len(at))
        step[free] = np.linalg.solve(part.T @ part + weight, part.T @ residual)
        stuck = free & (((at >= high) & (step > 0)) | ((at <= low) & (step < 0)))
        if not stuck.any():
            break
        free &= ~stuck
        if not free.any():
            return np.zeros(len(at))
    return np.clip(step, -largest * ranges, largest * ranges)


GRID = 13
FINER = 4


def searched(moves: tuple[Move, ...], measured: Measured, goal: Goal) -> np.ndarray:
    """The setting of a few moves nearest to the goal, by looking along one after another, twice.

    For what jumps, as a count of onsets does: a slope would mislead.
    """
    best = np.zeros(len(moves))
    known = {best.tobytes(): float(np.square(goal.residual(measured(best))).sum())}

    def error(point: np.ndarray) -> float:
        if point.tobytes() not in known:
            known[point.tobytes()] = float(np.square(goal.residual(measured(point))).sum())
        return known[point.tobytes()]

    for width in (1.0, 1.0 / FINER):
        for k, move in enumerate(moves):
            reach = (move.high - move.low) / 2 * width
            ways = np.clip(
                best[k] + np.linspace(-reach, reach, GRID if width == 1.0 else 5), move.low, move.high
            )
            points = [np.concatenate([best[:k], [way], best[k + 1 :]]) for way in ways]
            best = min([best, *points], key=error)
    return best


def part(goal: Goal, names: tuple[str, ...]) -> Goal:
    """The goal for some axes alone."""
    rows = [NAMES.index(name) for name in names]
    return Goal(goal.target[rows], goal.scale[rows])
