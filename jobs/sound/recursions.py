"""The loops of linear prediction, compiled: what `jobs.sound.linear` describes.

Arrays are float64 in C order and come from the caller, scratch included: nothing is allocated here, so that
the same machine code runs where there is no Python around it. A row that is *mirrored* has its first number
last and is filled from there. With both ways of a row at hand all loops run forwards: those that read
backwards take four times as long.
"""

import numba
import numpy as np

_loops = numba.njit(cache=True, fastmath=True, nogil=True, error_model="numpy")


@_loops
def levinson(correlation: np.ndarray, backwards: np.ndarray, out: np.ndarray, mirrored: np.ndarray) -> None:
    """Coefficients into ``out``, whose length is the order + 1; ``mirrored`` is as long and used up.

    ``backwards`` is ``correlation`` (at least as long as ``out``) from its end.
    """
    count, top = len(correlation), len(out) - 1
    out[0] = 1.0
    mirrored[top] = 1.0
    error = correlation[0]
    for order in range(1, top + 1):
        across = backwards[count - 1 - order :]
        total = across[0]
        for index in range(1, order):
            total += out[index] * across[index]
        reflection = -total / error
        error *= 1.0 - reflection * reflection
        if not error > 0.0:
            break
        before = mirrored[top - order :]
        for index in range(order + 1):
            one, other = out[index], before[index]
            out[index] = one + reflection * other
            before[index] = other + reflection * one


@_loops
def burg(
    wave: np.ndarray, backwards: np.ndarray, correlation: np.ndarray, loading: float, first: int, last: int,
    out: np.ndarray, mirrored: np.ndarray, product: np.ndarray, mirrored_product: np.ndarray,
    last_row: np.ndarray,
) -> None:  # fmt: skip
    """Coefficients into ``out``, whose length is the order + 1; the other rows are one longer and used up.

    ``backwards`` is ``wave`` from its end. Steps ``first`` to ``last`` are made, of as many as the order:
    all of them, or some, and the next with the same arrays; of zeros, before the first.

    With R of a step the matrix of the squared errors, forwards and backwards, ``product`` is R times the
    coefficients and ``last_row`` the last row of R. Both follow from the step before by what the ends of
    the wave no longer contribute, which is all that differs from Levinson's recursion.
    """
    count, order = len(wave), len(out) - 1
    top = order + 1
    if last_row[0] != 0.0:
        return  # stopped at an earlier step
    if first == 1:
        out[0] = 1.0
        mirrored[top] = 1.0
        product[0] = 2.0 * correlation[0] - wave[0] * wave[0] - wave[count - 1] * wave[count - 1] + loading
        product[1] = 2.0 * correlation[1]
        mirrored_product[top] = product[0]
        mirrored_product[top - 1] = product[1]
        last_row[top - 1] = 2.0 * correlation[1]
    for step in range(first, last + 1):
        seen, seen_product = mirrored[top - step :], mirrored_product[top - step :]
        across = 0.0
        energy = 0.0
        for index in range(step):
            across += out[index] * seen_product[index]
            energy += out[index] * product[index]
        reflection = -across / energy
        # Beyond 1 the filter would grow: rounding has eaten what was left to predict.
        if not (energy > 0.0 and abs(reflection) < 1.0):
            last_row[0] = 1.0
            break
        for index in range(step + 1):
            one, other = out[index], seen[index]
            out[index] = one + reflection * other
            seen[index] = other + reflection * one
        if step == order:
            break
        head, tail = backwards[count - 1 - step :], wave[count - 1 - step :]
        at_head = 0.0
        at_tail = 0.0
        for index in range(step + 1):
            at_head += head[index] * out[index]
            at_tail += tail[index] * out[index]
        for index in range(step + 1):
            one, other = product[index], seen_product[index]
            product[index] = one + (reflection * other - head[index] * at_head - tail[index] * at_tail)
            seen_product[index] = other + (
                reflection * one - wave[index] * at_head - backwards[index] * at_tail
            )
        newest, oldest = wave[step], tail[0]
        row = last_row[top - step - 1 :]
        for index in range(step):
            row[index + 1] -= oldest * backwards[index] + newest * wave[index]
        row[0] = 2.0 * correlation[step + 1]
        corner = 0.0
        for index in range(step + 1):
            corner += row[index] * out[index]
        product[step + 1] = corner
        mirrored_product[top - step - 1] = corner


@_loops
def extrapolate(wave: np.ndarray, oldest_first: np.ndarray, count: int, limit: float) -> None:
    """The last ``count`` samples of ``wave`` from those before them, none beyond +-``limit``; coefficients
    without the first, reversed."""
    order = len(oldest_first)
    for place in range(count):
        before = wave[place : place + order]
        total = 0.0
        for index in range(order):
            total += oldest_first[index] * before[index]
        wave[place + order] = min(max(-total, -limit), limit)
