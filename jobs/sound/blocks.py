"""Loops over the samples of a block, compiled: whole numbers to floats and back, and a join without a click.

Arrays come from the caller, as in `jobs.sound.recursions`. These loops are compiled to know what is not
finite, which those are not.
"""

import numpy as np

from jobs.sound.loops import numba
from jobs.sound.marks import Marks, Wholes
from jobs.sound.pcm import FULL

_loops = numba.njit(cache=True, nogil=True, error_model="numpy")
ROUNDING = 1e-9
"""Share of a limit that it may be missed by."""


@_loops
def take(
    block: Wholes, out: Wholes, wave: np.ndarray, received: Marks, place: int, found: np.ndarray
) -> None:
    """What was received, as it is: ``block`` (n,) into ``out``, its floats from ``place`` on into ``wave``,
    where it is ``received``. Its lowest, its highest and the last float into ``found``."""
    lowest, highest = block[0], block[0]
    for index in range(len(block)):
        one = block[index]
        lowest, highest = min(lowest, one), max(highest, one)
        out[index] = one
        wave[place + index] = one / FULL
        received[place + index] = True
    found[0] = lowest
    found[1] = highest
    found[2] = block[len(block) - 1] / FULL


@_loops
def cross(
    going_on: np.ndarray, passed: int, block: np.ndarray, last: float, out: np.ndarray, found: np.ndarray
) -> None:
    """``block`` (n,) into ``out``, with a cross-fade from ``going_on``, of which ``passed`` samples are over.

    Into ``found``: the largest step from ``last`` on, up to the first sample behind the cross-fade.
    """
    count = min(len(going_on) - passed, len(block))
    for place in range(count):
        rising = (passed + place + 1) / (len(going_on) + 1)
        out[place] = block[place] * rising + going_on[passed + place] * (1.0 - rising)
    for place in range(count, len(block)):
        out[place] = block[place]
    largest = abs(out[0] - last)
    for place in range(1, min(count + 1, len(block))):
        largest = max(largest, abs(out[place] - out[place - 1]))
    found[0] = largest


@_loops
def loudest(wave: np.ndarray, received: Marks, found: np.ndarray) -> None:
    """Into ``found``: the peak of the samples of ``wave`` (n,) that were ``received``, below 0 where none
    was, and the largest step from one such sample to the next."""
    peak = -1.0
    step = 0.0
    before = 0.0
    known = False
    for place in range(len(wave)):
        one, knows = wave[place], received[place]
        if knows:
            peak = max(peak, abs(one))
            if known:
                step = max(step, abs(one - before))
        before, known = one, knows
    found[0] = peak
    found[1] = step


@_loops
def rounded(wave: np.ndarray, block: Wholes, found: np.ndarray) -> None:
    """The nearest whole numbers to ``wave`` (n,) into ``block``, those of 24 bits at most.

    Into ``found``: how many are beyond full scale, and how many are no numbers, which become 0.
    """
    beyond = 0
    missing = 0
    for place in range(len(wave)):
        one = wave[place]
        beyond += abs(one) > 1.0
        missing += one != one
        held = min(max(one if one == one else 0.0, -1.0), 1.0)
        block[place] = np.int32(min(np.rint(held * FULL), FULL - 1.0))
    found[0] = beyond
    found[1] = missing


@_loops
def hold(wave: np.ndarray, most: float) -> None:
    """``wave`` from its second sample on, as near to what it is as steps of ``most`` lead."""
    for place in range(1, len(wave)):
        at = wave[place - 1]
        wave[place] = min(max(wave[place], at - most), at + most)


@_loops
def join(
    made: np.ndarray, out: np.ndarray, beside: float, limit: float, steepest: float, most: float,
    harsh: float, fading: int, found: np.ndarray,
) -> None:  # fmt: skip
    """What was ``made`` (n,) into ``out`` (n + 1,), behind its first sample, which was given before.

    That was ``beside`` what it would have been, which fades within ``fading`` samples; where the step to
    the first is larger than ``steepest``, ``most`` is left of it. Where a step is larger than ``harsh``, all
    of it is held. Into ``found``: how far beside the last is, and how many are not within ``limit``; where
    there are any, nothing else.
    """
    count = len(made)
    outside = 0
    for place in range(count):
        # Written so that NaN is too loud.
        outside += not abs(made[place]) <= limit * (1.0 + ROUNDING)
    found[1] = outside
    if outside > 0:
        return
    step = made[0] + beside - out[0]
    if abs(step) > steepest:
        beside -= (abs(step) - most) * (1.0 if step > 0.0 else -1.0)
    if beside == 0.0:
        for place in range(count):
            out[place + 1] = made[place]
    else:
        for place in range(count):
            moved = made[place] + beside * max(0.0, 1.0 - place / fading)
            out[place + 1] = min(max(moved, -limit), limit)
    largest = 0.0
    for place in range(count):
        largest = max(largest, abs(out[place + 1] - out[place]))
    if largest > harsh:
        hold(out, steepest)
    found[0] = out[count] - made[count - 1]
