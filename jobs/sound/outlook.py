"""What a gap begins with, compiled: all that a `jobs.field.ladder.Ladder` and the forecast on it do first.

It is made before every block, lost or not, and after a sleep of a few milliseconds it matters more how many
steps there are than what they do: this is one.
"""

import numpy as np

from jobs.sound.blocks import join, loudest
from jobs.sound.loops import numba
from jobs.sound.marks import Marks
from jobs.sound.recursions import extrapolate

_loops = numba.njit(cache=True, nogil=True, error_model="numpy")


@_loops
def outlook(
    wave: np.ndarray, received: Marks, since: int, known: np.ndarray, lasting: np.ndarray, quick: np.ndarray,
    weights: np.ndarray, of_lasting: np.ndarray, of_quick: np.ndarray, made: np.ndarray, given: np.ndarray,
    fading: int, found: np.ndarray,
) -> None:  # fmt: skip
    """What two experts, and both by their ``weights`` (2 * n,), expect behind ``wave``: into ``of_lasting``
    and ``of_quick`` behind as much of the past as they need, and into ``made``, all of them for as many
    samples; and into ``given``, one longer, what is given behind its first sample.

    ``lasting`` and ``quick`` are coefficients without the first, reversed. ``known`` are the peak and the
    largest step of what was ``received`` more than ``since`` samples ago, how much louder than the peak it
    may become, what it may be where nothing was received, the smallest step that is heard, and the share of
    the largest beyond which what is made is held. Into ``found``: as `join`, then what it may be, and what
    a step may be.
    """
    count, heard = len(made), len(wave)
    loudest(wave[heard - since - 1 :], received[heard - since - 1 :], found)  # type: ignore[arg-type]
    peak, step = max(known[0], found[0]), max(known[1], found[1])
    limit = known[2] * peak if peak >= 0.0 else known[3]
    steepest = max(known[4], step)
    for course, by in ((of_lasting, lasting), (of_quick, quick)):
        order = len(by)
        for place in range(order):
            course[place] = wave[heard - order + place]
        extrapolate(course, by, count, limit)
    first, second, last = len(lasting), len(quick), len(weights) // 2 - 1
    for place in range(count):
        at = min(place, last)
        one = of_lasting[first + place] * weights[at]
        made[place] = one + of_quick[second + place] * weights[last + 1 + at]
    join(made, given, 0.0, limit, steepest, steepest, known[5] * steepest, fading, found)
    found[2] = limit
    found[3] = steepest
