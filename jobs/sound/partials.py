"""Roughness, dissonance and harmonic tension of a spectrum's partials, frame by frame.

They need partials resolved, so they are taken from a window four times longer than the
representation's: 85 ms, 11.7 Hz between bins.
"""

import math

import numpy as np
import torch

from jobs.sound.loops import numba
from jobs.sound.spectrum import HOP, RATE, stft

SIZE = 4096
STEP = 8 * HOP
MOST = 32
"""Partials of a frame; the strongest count."""
RANGE_DB = 45.0
"""How far below a frame's strongest partial others count."""
LOWEST, HIGHEST = 55.0, 8000.0
TONAL_HIGHEST = 4000.0
"""Hertz. Above it the ear hears no pitch class."""
A4 = 440.0


def partials(wave: np.ndarray) -> np.ndarray:
    """``wave (samples,)`` at 48 kHz -> roughness, dissonance and tension of each frame,
    ``(3, samples // 2048 + 1)``.

    Roughness is without a unit, 0 for a pure tone, 0.09 for two equal partials at their roughest; so is
    dissonance, with 0.45 for these; tension is 0 for one pitch class and near 1 for none. Silent frames have
    0 of all.
    """
    spectrum = stft(torch.from_numpy(np.array(wave, np.float32)), SIZE, STEP)
    last = int(HIGHEST * SIZE / RATE) + 2
    return _partials(spectrum[:last].abs().T.contiguous().numpy(), RATE / SIZE)


@numba.njit(cache=True)
def _partials(magnitude, hertz):
    found = np.zeros((3, magnitude.shape[0]), np.float32)
    frequency = np.empty(MOST)
    amplitude = np.empty(MOST)
    for t in range(magnitude.shape[0]):
        count = _peaks(magnitude[t], hertz, frequency, amplitude)
        if count:
            found[0, t], found[1, t] = _beating(frequency, amplitude, count)
            found[2, t] = _tension(frequency, amplitude, count)
    return found


@numba.njit(cache=True)
def _peaks(spectrum, hertz, frequency, amplitude):
    """The strongest local maxima, by parabolic interpolation of the log magnitude (Smith & Serra 1987)."""
    strongest = np.float32(0)
    for k in range(1, len(spectrum) - 1):
        strongest = max(strongest, spectrum[k])
    if strongest < 1e-3:
        return 0
    least = strongest * 10 ** (-RANGE_DB / 20)
    first = math.ceil(LOWEST / hertz)
    count = 0
    for k in range(max(1, first), len(spectrum) - 1):
        here = spectrum[k]
        if here < least or here < spectrum[k - 1] or here <= spectrum[k + 1]:
            continue
        left = math.log(spectrum[k - 1] + 1e-12)
        middle = math.log(here)
        right = math.log(spectrum[k + 1] + 1e-12)
        shift = 0.5 * (left - right) / (left - 2 * middle + right - 1e-12)
        place = count
        if count == MOST:
            place = 0
            for i in range(1, MOST):
                if amplitude[i] < amplitude[place]:
                    place = i
            if amplitude[place] >= here:
                continue
        else:
            count += 1
        frequency[place] = (k + shift) * hertz
        amplitude[place] = here
    for i in range(count):
        amplitude[i] /= strongest
    return count


@numba.njit(cache=True)
def _beating(frequency, amplitude, count):
    """Over pairs of partials, the strongest being 1: the roughness of Vassilakis (2001, eq. 6.23), summed,
    and the dissonance of Sethares (1993, pairs by their softer one), by the sum of all amplitudes."""
    rough = 0.0
    dissonant = 0.0
    whole = 0.0
    for i in range(count):
        whole += amplitude[i]
        for j in range(i):
            low = min(frequency[i], frequency[j])
            apart = abs(frequency[i] - frequency[j])
            least = min(amplitude[i], amplitude[j])
            most = max(amplitude[i], amplitude[j])
            slope = 0.24 / (0.0207 * low + 18.96) * apart
            curve = math.exp(-3.5 * slope) - math.exp(-5.75 * slope)
            rough += (least * most) ** 0.1 * 0.5 * (2 * least / (least + most)) ** 3.11 * curve
            dissonant += 5.0 * least * curve
    return rough, dissonant / whole


@numba.njit(cache=True)
def _tension(frequency, amplitude, count):
    """One minus the length of the tonal centroid on the circles of fifths and thirds (Harte et al. 2006)."""
    weight = 0.0
    centroid = np.zeros(6)
    for i in range(count):
        if frequency[i] > TONAL_HIGHEST:
            continue
        pitch = 12 * math.log2(frequency[i] / A4)
        weight += amplitude[i]
        for circle in range(3):
            steps = (7.0, 3.0, 4.0)[circle]
            radius = (1.0, 1.0, 0.5)[circle]
            angle = 2 * math.pi * steps * pitch / 12
            centroid[2 * circle] += amplitude[i] * radius * math.cos(angle)
            centroid[2 * circle + 1] += amplitude[i] * radius * math.sin(angle)
    if weight <= 0:
        return 1.0
    length = math.sqrt((centroid**2).sum()) / weight / 1.5
    return 1.0 - min(1.0, length)
