"""What sliders will do to a take, known before they are moved: a preview's setting without listening again,
and where the loop of a kept take starts.

Each move is heard at a few settings when there is time for it; after that a set-point is looked up. What
several moves do is taken to add up, and nothing is taken back: a take that is kept is led by the loop.
"""

from functools import cached_property

import numpy as np

from jobs.nets.curve import Curve
from jobs.nets.loop import Goal, Heard
from jobs.nets.rehearsal import FAR, Rehearsal
from jobs.sound.descriptors import NAMES

SHARES = (-FAR, -0.4, -0.15, 0.0, 0.15, 0.4, FAR)
"""Of a move's range on either side, that it is heard at."""
TILT = 0.3
"""How much each curve rises at least from one end of its move to the other, in scales of the goal."""


class Sketch:
    """The curves of a ``rehearsal``'s moves, each point heard once."""

    def __init__(self, rehearsal: Rehearsal):
        self.rehearsal = rehearsal
        self._heard: dict[tuple[int, int], np.ndarray] = {}

    @cached_property
    def ways(self) -> np.ndarray:
        """``(moves, 7)`` settings."""
        moves = self.rehearsal.moves
        return np.array([[s * (m.high if s > 0 else -m.low) for s in SHARES] for m in moves])

    def step(self) -> bool:
        """Hear one more point; whether there was one left."""
        for k in range(len(self.ways)):
            for i in range(len(SHARES)):
                if SHARES[i] and (k, i) not in self._heard:
                    self._point(k, i)
                    return True
        return False

    def drawn(self, goal: Goal, moved: tuple[str, ...]) -> tuple[np.ndarray, Goal]:
        """``(moves,)``: the own move of each axis ``moved`` where it alone comes nearest to its set-point,
        and the goal with set-points that can be had."""
        point, target = np.zeros(len(self.ways)), goal.target.copy()
        for k, move in enumerate(self.rehearsal.moves):
            if move.axis in moved:
                row = NAMES.index(move.axis)
                heard, spread = self._heard_at(k)[:, row], float(goal.scale[row])
                curve = Curve(self.ways[k], heard, spread, self.rehearsal.asked[move.axis], TILT)
                point[k] = curve.looked_up(float(goal.target[row]))
                target[row] = curve.within(float(goal.target[row]))
        return point, Goal(target, goal.scale)

    def heard(self, goal: Goal, moved: tuple[str, ...]) -> Heard:
        """That point, and what is expected there."""
        (point, _), found = self.drawn(goal, moved), self.rehearsal.found.copy()
        for k in np.flatnonzero(point):
            there = [np.interp(point[k], self.ways[k], column) for column in self._heard_at(int(k)).T]
            found += np.array(there) - self.rehearsal.found
        return Heard(point, found)

    def _heard_at(self, k: int) -> np.ndarray:
        """``(7, measured)`` at each setting of a move."""
        return np.array([self._point(k, i) for i in range(len(SHARES))])

    def _point(self, k: int, i: int) -> np.ndarray:
        if not SHARES[i]:
            return self.rehearsal.found
        if (k, i) not in self._heard:
            point = np.zeros(len(self.ways))
            point[k] = self.ways[k, i]
            self._heard[k, i] = self._of_mid(self.rehearsal.measured(point))
        return self._heard[k, i]

    def _of_mid(self, found: np.ndarray) -> np.ndarray:
        # The mid alone is heard; how wide a take is hardly hangs on these moves.
        found[NAMES.index("width")] = self.rehearsal.found[NAMES.index("width")]
        return found
