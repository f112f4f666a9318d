"""The loops of linear prediction, compiled: what `jobs.sound.linear` describes, and how wrong it was.

Arrays are float64, but for marks, in C order and come from the caller, scratch included: nothing is allocated
here, so that the same machine code runs where there is no Python around it. A row that is *mirrored* has its
first number last and is filled from there. With both ways of a row at hand all loops run forwards: those that
read backwards take four times as long.
"""

import numpy as np

from jobs.sound.loops import numba
from jobs.sound.marks import Marks

_loops = numba.njit(cache=True, fastmath=True, nogil=True, error_model="numpy")


@_loops
def _eight(one: np.ndarray, other: np.ndarray, count: int) -> tuple[float, ...]:
    """The sums of ``count`` products of ``one`` and ``other``, moved by 0 to 7 samples: what all of them take
    is read once."""
    a, b, c, d, e, f, g, h = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for index in range(count):
        by = one[index]
        a += by * other[index]
        b += by * other[index + 1]
        c += by * other[index + 2]
        d += by * other[index + 3]
        e += by * other[index + 4]
        f += by * other[index + 5]
        g += by * other[index + 6]
        h += by * other[index + 7]
    return a, b, c, d, e, f, g, h


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
def correlate(wave: np.ndarray, out: np.ndarray) -> None:
    """The sum of products of ``wave`` at every distance from 0 on into ``out``, which is the shorter one."""
    count, lags = len(wave), len(out)
    lag = 0
    while lag + 8 <= lags:
        other = wave[lag:]
        known = count - lag - 7
        totals = _eight(wave, other, known)
        for later in range(8):
            total = totals[later]
            for index in range(known, count - lag - later):
                total += wave[index] * other[index + later]
            out[lag + later] = total
        lag += 8
    while lag < lags:
        total = 0.0
        for index in range(count - lag):
            total += wave[index] * wave[index + lag]
        out[lag] = total
        lag += 1


@_loops
def windowed(
    past: np.ndarray, window: np.ndarray, loading: float, floor: float, out: np.ndarray, heard: np.ndarray,
    correlation: np.ndarray, backwards: np.ndarray, mirrored: np.ndarray,
) -> None:  # fmt: skip
    """Coefficients into ``out``, as `levinson`, of ``past`` times ``window``; its power counts ``loading``
    and ``floor`` more. ``heard`` is as long as the past, all behind it as long as ``out``; they are used
    up."""
    for index in range(len(past)):
        heard[index] = past[index] * window[index]
    correlate(heard, correlation)
    correlation[0] = correlation[0] * (1.0 + loading) + floor
    top = len(out) - 1
    for index in range(len(out)):
        backwards[index] = correlation[top - index]
        out[index] = 0.0
        mirrored[index] = 0.0
    levinson(correlation, backwards, out, mirrored)


@_loops
def burg(
    wave: np.ndarray, backwards: np.ndarray, correlation: np.ndarray, loading: float, first: int, last: int,
    out: np.ndarray, mirrored: np.ndarray, product: np.ndarray, mirrored_product: np.ndarray,
    last_row: np.ndarray, sums: np.ndarray,
) -> None:  # fmt: skip
    """Coefficients into ``out``, whose length is the order + 1; the four rows behind it are one longer, and
    used up.

    ``backwards`` is ``wave`` from its end. Steps ``first`` to ``last`` are made, of as many as the order:
    all of them, or some, and the next with the same arrays; of zeros, before the first.

    With R of a step the matrix of the squared errors, forwards and backwards, ``product`` is R times the
    coefficients and ``last_row`` the last row of R; ``sums`` (2,) of what is mirrored and what is not is
    what a step begins with. All follow from the step before by what the ends of the wave no longer
    contribute, which is all that differs from Levinson's recursion.
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
        sums[0] = product[1]
        sums[1] = product[0]
    across, energy = sums[0], sums[1]
    for step in range(first, last + 1):
        seen, seen_product = mirrored[top - step :], mirrored_product[top - step :]
        reflection = -across / energy
        # Beyond 1 the filter would grow: rounding has eaten what was left to predict.
        if not (energy > 0.0 and abs(reflection) < 1.0):
            last_row[0] = 1.0
            break
        head, tail = backwards[count - 1 - step :], wave[count - 1 - step :]
        at_head = 0.0
        at_tail = 0.0
        for index in range(step + 1):
            one, other = out[index], seen[index]
            now = one + reflection * other
            out[index] = now
            seen[index] = other + reflection * one
            at_head += head[index] * now
            at_tail += tail[index] * now
        if step == order:
            break
        newest, oldest = wave[step], tail[0]
        row = last_row[top - step - 1 :]
        row[0] = 2.0 * correlation[step + 1]
        corner = row[0] * out[0]
        across = 0.0
        energy = 0.0
        # The next step sees what is mirrored shifted by one: its sums are made on the way.
        next_out, next_row = out[1:], row[1:]
        for index in range(step + 1):
            one, other = product[index], seen_product[index]
            ahead, behind = wave[index], backwards[index]
            now = one + (reflection * other - head[index] * at_head - tail[index] * at_tail)
            mirror = other + (reflection * one - ahead * at_head - behind * at_tail)
            product[index] = now
            seen_product[index] = mirror
            energy += out[index] * now
            across += next_out[index] * mirror
            edge = next_row[index] - (oldest * behind + newest * ahead)
            next_row[index] = edge
            corner += edge * next_out[index]
        product[step + 1] = corner
        mirrored_product[top - step - 1] = corner
        across += corner
    sums[0] = across
    sums[1] = energy


@_loops
def extrapolate(wave: np.ndarray, oldest_first: np.ndarray, count: int, limit: float) -> None:
    """The last ``count`` samples of ``wave`` from those before them, none beyond +-``limit``; coefficients
    without the first, reversed."""
    order = len(oldest_first)
    known = order - 7
    place = 0
    while known > 0 and place + 8 <= count:
        before = wave[place:]
        totals = _eight(oldest_first, before, known)
        for later in range(8):
            total = totals[later]
            for index in range(known, order):
                total += oldest_first[index] * before[index + later]
            before[order + later] = min(max(-total, -limit), limit)
        place += 8
    while place < count:
        before = wave[place:]
        total = 0.0
        for index in range(order):
            total += oldest_first[index] * before[index]
        before[order] = min(max(-total, -limit), limit)
        place += 1


@_loops
def missed(wave: np.ndarray, oldest_first: np.ndarray, found: np.ndarray) -> None:
    """Into ``found``: the mean square of what one sample ahead was wrong by, of all samples of ``wave`` but
    the first, as many as there are coefficients; those without the first, reversed."""
    order = len(oldest_first)
    count = len(wave) - order
    total = 0.0
    place = 0
    while place + 8 <= count:
        before = wave[place:]
        totals = _eight(oldest_first, before, order)
        for later in range(8):
            wrong = totals[later] + before[order + later]
            total += wrong * wrong
        place += 8
    while place < count:
        before = wave[place:]
        a = before[order]
        for index in range(order):
            a += oldest_first[index] * before[index]
        total += a * a
        place += 1
    found[0] = total / count


@_loops
def judge(
    expected: np.ndarray, rows: int, start: int, truth: np.ndarray, received: Marks, edges: np.ndarray,
    errors: np.ndarray, seen: np.ndarray,
) -> None:  # fmt: skip
    """Squared errors of what each of ``rows`` in turn ``expected``, from its sample ``start`` on, where the
    ``truth`` (n,) was ``received``: added to ``errors`` (rows * edges,), by the edge that they lie behind,
    and to ``seen`` (edges,) how many samples they are."""
    long, stretches, end = len(expected) // rows, len(edges), start + len(truth)
    for stretch in range(stretches):
        first = max(start, int(edges[stretch]))
        last = min(end, int(edges[stretch + 1])) if stretch + 1 < stretches else end
        for place in range(first, last):
            seen[stretch] += 1.0 if received[place - start] else 0.0
        for row in range(rows):
            total = 0.0
            for place in range(first, last):
                wrong = expected[row * long + place] - truth[place - start]
                total += wrong * wrong if received[place - start] else 0.0
            errors[row * stretches + stretch] += total
