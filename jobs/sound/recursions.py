"""The loops of linear prediction, compiled: what `jobs.sound.linear` describes.

Arrays are float64 in C order and come from the caller, scratch included: nothing is allocated here, so that
the same machine code runs where there is no Python around it.
"""

import numba
import numpy as np

_loops = numba.njit(cache=True, fastmath=True, nogil=True, error_model="numpy")


@_loops
def levinson(correlation: np.ndarray, out: np.ndarray, mirrored: np.ndarray) -> None:
    """Coefficients into ``out``, whose length is the order + 1."""
    out[0] = 1.0
    error = correlation[0]
    for order in range(1, len(out)):
        total = correlation[order]
        for index in range(1, order):
            total += out[index] * correlation[order - index]
        reflection = -total / error
        error *= 1.0 - reflection * reflection
        if not error > 0.0:
            break
        for index in range(order + 1):
            mirrored[index] = out[order - index]
        for index in range(order + 1):
            out[index] += reflection * mirrored[index]


@_loops
def burg(
    wave: np.ndarray, backwards: np.ndarray, correlation: np.ndarray, loading: float, out: np.ndarray,
    mirrored: np.ndarray, product: np.ndarray, mirrored_product: np.ndarray, last_row: np.ndarray,
) -> None:  # fmt: skip
    """Coefficients into ``out``, whose length is the order + 1; the other rows are one longer and used up.

    With R of a step the matrix of the squared errors, forwards and backwards, ``product`` is R times the
    coefficients and ``last_row`` the last row of R. Both follow from the step before by what the ends of
    the wave no longer contribute, which is all that differs from Levinson's recursion.
    """
    count, order = len(wave), len(out) - 1
    out[0] = 1.0
    product[0] = 2.0 * correlation[0] - wave[0] * wave[0] - wave[count - 1] * wave[count - 1] + loading
    product[1] = 2.0 * correlation[1]
    last_row[1] = 2.0 * correlation[1]
    for step in range(1, order + 1):
        for index in range(step + 1):
            mirrored_product[index] = product[step - index]
        across = 0.0
        energy = 0.0
        for index in range(step):
            across += out[index] * mirrored_product[index]
        for index in range(step):
            energy += out[index] * product[index]
        reflection = -across / energy
        # Beyond 1 the filter would grow: rounding has eaten what was left to predict.
        if not (energy > 0.0 and abs(reflection) < 1.0):
            break
        for index in range(step + 1):
            mirrored[index] = out[step - index]
        for index in range(step + 1):
            out[index] += reflection * mirrored[index]
        if step == order:
            break
        head, tail = backwards[count - 1 - step :], wave[count - 1 - step :]
        at_head = 0.0
        at_tail = 0.0
        for index in range(step + 1):
            at_head += head[index] * out[index]
        for index in range(step + 1):
            at_tail += tail[index] * out[index]
        for index in range(step + 1):
            product[index] += (
                reflection * mirrored_product[index] - head[index] * at_head - tail[index] * at_tail
            )
        first, last = wave[step], tail[0]
        for index in range(step + 1):
            last_row[index] -= last * tail[index] + first * head[index]
        last_row[step + 1] = 2.0 * correlation[step + 1]
        for index in range(step + 1):
            mirrored[index] = last_row[step + 1 - index]
        corner = 0.0
        for index in range(step + 1):
            corner += mirrored[index] * out[index]
        product[step + 1] = corner


@_loops
def extrapolate(wave: np.ndarray, oldest_first: np.ndarray, count: int) -> None:
    """The last ``count`` samples of ``wave`` from those before them; coefficients without the first,
    reversed."""
    order = len(oldest_first)
    for place in range(count):
        before = wave[place : place + order]
        total = 0.0
        for index in range(order):
            total += oldest_first[index] * before[index]
        wave[place + order] = -total
