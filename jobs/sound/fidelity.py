"""How true an output is to the sound that was really there, in the manner of mir_eval (Raffel et al. 2014).

``validate`` refuses, one function per measure, ``evaluate`` takes them all. Sounds are ``(samples,)`` or
``(channels, samples)`` at one rate, the output first; +-1 is full scale, though no measure depends on the
level that both have. Every number is finite. Channels are pooled: energies and differences are summed over
all of them before a ratio is taken, so a channel counts as much as it is loud.

Spectra are taken with a Hann window of 1024 samples every 512, whatever the rate, and zeros beyond both ends
so that the first and last samples count as much as others. Of a shorter sound the window is the highest power
of two that fits. 16 samples are the least; so short, bands and levels say little more than the SDR does.

Blind spots, by definition: SI-SDR, coherence, delta-FFT, envelope and the measures of levels do not see
a signal turned upside down; SI-SDR, coherence, coloration and dynamics do not see a gain. `correlation` tells
the first, `frequency_response_db` the second.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from jobs.sound import response

LEAST = 16
"""Samples."""
LEAST_RATE = 1_000
SILENT = 2.0**-24
"""Peak below which a truth is silence: half a step of 24 bits."""
MOST = float(np.finfo(np.float32).max)
CAP_DB = 120.0
"""Of a ratio: that of an exact copy, and with its sign turned that of anything worse."""
SIZE = 1024
SIZES = (256, 512, 1024, 2048, 4096)
NOTHING = 1e-20
"""Of the truth's power; a bin of the output that is weaker has no phase."""
UNKNOWN_PHASE = 90.0
"""Degrees: the mean of a phase that is drawn by chance."""
HEARD_DB = 60.0
"""Below the truth's loudest third-octave band, where bands cease to count."""
QUIET_SHARE = 0.1
QUIETEST_DB = -120.0
"""Below the truth's loudest window, where a noise floor ends."""
FRAMES = 8
"""Hops that a coherence is taken over at least; of one frame it would always be 1."""


class Unmeasurable(ValueError):
    """Sounds that can't be compared, in one line."""


def validate(output: Any, truth: Any, rate: int = LEAST_RATE) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64 ``(channels, samples)``. Raises Unmeasurable for shapes that differ, fewer than 16
    samples, numbers that are not finite, a silent truth, and a rate below 1 kHz."""
    if not rate >= LEAST_RATE:
        raise Unmeasurable(f"rate: {rate} Hz; at least {LEAST_RATE} Hz are needed")
    ours, theirs = _checked(output, "output"), _checked(truth, "truth")
    for axis, name in enumerate(("channels", "samples")):
        if ours.shape[axis] != theirs.shape[axis]:
            counts = f"output has {ours.shape[axis]} {name}, truth {theirs.shape[axis]}"
            raise Unmeasurable(f"{counts}: give both the same shape, (channels, samples)")
    if float(np.abs(theirs).max()) < SILENT:
        raise Unmeasurable("truth: silent; what is relative to silence means nothing")
    return ours, theirs


def _checked(sound: Any, name: str) -> np.ndarray:
    wave = np.atleast_2d(np.asarray(sound, np.float64))
    if wave.ndim != 2 or not wave.size:
        raise Unmeasurable(f"{name}: needs the shape (channels, samples), has {np.shape(sound)}")
    if wave.shape[1] < LEAST:
        raise Unmeasurable(f"{name}: too short ({wave.shape[1]} samples); at least {LEAST} are needed")
    if not float(np.abs(wave).max()) <= MOST:
        raise Unmeasurable(f"{name}: holds numbers that are not finite")
    return wave


def sdr_db(output: Any, truth: Any) -> float:
    """Signal-to-distortion ratio: energy of the truth by that of the difference, -120 to 120 dB."""
    ours, theirs = validate(output, truth)
    return ratio_db(energy(theirs), energy(theirs - ours))


def si_sdr_db(output: Any, truth: Any) -> float:
    """Scale-invariant SDR, -120 to 120 dB (Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019).

    One scale for all channels, so that a shifted balance counts. Means are not taken off.
    """
    ours, theirs = validate(output, truth)
    scaled = theirs * (_product(ours, theirs) / energy(theirs))
    return ratio_db(energy(scaled), energy(scaled - ours))


def correlation(output: Any, truth: Any) -> float:
    """-1 to 1: cosine of the angle between the two as vectors; 0 for a silent output, -1 upside down."""
    ours, theirs = validate(output, truth)
    both = np.sqrt(energy(ours)) * np.sqrt(energy(theirs))
    return float(np.clip(_product(ours, theirs) / both, -1, 1)) if both > 0 else 0.0


def energy(wave: np.ndarray) -> float:
    return _product(wave, wave)


def _product(first: np.ndarray, second: np.ndarray) -> float:
    # Not by dot: short sums over several threads take longer than the rest of this page.
    return float(np.einsum("i,i->", first.ravel(), second.ravel()))


def ratio_db(signal: float, distortion: float) -> float:
    """Of two energies, -120 to 120 dB; 0 by 0 is the worst, as there is no signal."""
    if signal <= 0 or distortion <= 0:
        return CAP_DB if signal > 0 else -CAP_DB
    return float(np.clip(10 * (np.log10(signal) - np.log10(distortion)), -CAP_DB, CAP_DB))


def delta_fft_percent(output: Any, truth: Any) -> float:
    """Difference of magnitudes by the magnitudes of the truth, both as Frobenius norms over the whole STFT.

    That is the spectral convergence of Arik, Jun & Diamos (2019) in percent; a silent output has 100.
    """
    return _delta_fft(*validate(output, truth), SIZE)


def multi_resolution_percent(output: Any, truth: Any) -> dict[int, float]:
    """`delta_fft_percent` by size of the FFT, 256 to 4096 samples: long sees tones, short sees attacks."""
    pair = validate(output, truth)
    return {size: _delta_fft(*pair, size) for size in SIZES}


def _delta_fft(ours: np.ndarray, theirs: np.ndarray, size: int) -> float:
    apart = whole = 0.0
    for found, wanted in _spectra(ours, theirs, size):
        power = _power(wanted)
        whole += float(power.sum())
        apart += energy(np.sqrt(_power(found)) - np.sqrt(power))
    return 100 * float(np.sqrt(apart / whole))


def phase_degrees(output: Any, truth: Any) -> float:
    """Mean phase difference of all bins of the STFT, 0 to 180 degrees, weighted by the energy of the truth.

    90 is what chance gives, and what counts where the output has nothing.
    """
    total = weight = 0.0
    for found, wanted in _spectra(*validate(output, truth), SIZE):
        power = _power(wanted)
        away = np.abs(np.angle(found * wanted.conj(), deg=True))
        away[_power(found) <= NOTHING * power] = UNKNOWN_PHASE
        total += _product(power, away)
        weight += float(power.sum())
    return total / weight


def phase_coherence(output: Any, truth: Any) -> float:
    """0 to 1: how steady phase and level of each bin stand to those of the truth, weighted by its energy.

    Magnitude-squared coherence (Carter, Knapp & Nuttall 1973) from Welch's spectra of 1024 samples, or fewer
    so that there are eight hops. A gain, a filter or a short delay that stays the same leaves it at 1;
    unrelated noise has about 1 by the number of frames.
    """
    ours, theirs = validate(output, truth)
    size = response.fitting(SIZE, 2 * ours.shape[1] // FRAMES)
    cross: Any = 0.0
    found_power, wanted_power = 0.0, 0.0
    for found, wanted in _spectra(ours, theirs, size):
        cross = cross + (found * wanted.conj()).sum(axis=1)
        found_power = found_power + _power(found).sum(axis=1)
        wanted_power = wanted_power + _power(wanted).sum(axis=1)
    both = np.sqrt(found_power) * np.sqrt(wanted_power)
    coherent = np.divide(np.abs(cross), both, out=np.zeros_like(both), where=both > 0) ** 2
    return float(np.minimum(np.average(coherent, weights=wanted_power), 1.0))


def _spectra(ours: np.ndarray, theirs: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    size = response.fitting(size, ours.shape[1])
    window, beyond = response.hann(size), ((0, 0), (size // 2, size // 2))
    pair = (response.spectra(np.pad(wave, beyond), window, size // 2) for wave in (ours, theirs))
    return zip(*pair, strict=True)


def _power(spectrum: np.ndarray) -> np.ndarray:
    # Faster than the absolute value, which takes care of numbers too large to be squared.
    return spectrum.real**2 + spectrum.imag**2


def envelope_percent(output: Any, truth: Any, rate: int) -> float:
    """Mean difference of the envelopes by the mean of the truth's: rms of 5 ms every 2.5 ms."""
    found, wanted = (response.envelope(wave, rate) for wave in validate(output, truth, rate))
    return 100 * float(np.abs(found - wanted).sum() / wanted.sum())


def dynamic_range_db(output: Any, truth: Any, rate: int) -> float:
    """Range of the output minus that of the truth: below 0 where dynamics were flattened.

    A range is that from the 10th to the 95th percentile of levels of 5 ms (`response.dynamic_range`). Silence
    has none left: -80.
    """
    found, wanted = (response.envelope(wave, rate) for wave in validate(output, truth, rate))
    if not found.any():
        return -response.RANGE_DB
    return response.dynamic_range(found) - response.dynamic_range(wanted)


def frequency_response_db(output: Any, truth: Any, rate: int) -> float:
    """Weighted rms difference of third-octave levels, 25 Hz to 20 kHz, of the whole sound.

    A band's weight falls in a straight line from 1 for the truth's loudest to 0 for 60 dB below it. Levels
    end 120 dB below.
    """
    away, weights = _bands_apart(*validate(output, truth, rate), rate)
    return _rms(away, weights)


def coloration_db(output: Any, truth: Any, rate: int) -> float:
    """`frequency_response_db` after the level is matched: a change of timbre, not of volume."""
    away, weights = _bands_apart(*validate(output, truth, rate), rate)
    return _rms(away - away @ weights / max(weights.sum(), 1.0), weights)


def _bands_apart(ours: np.ndarray, theirs: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """(dB by which each band of the output is above that of the truth, its weight 0 to 1)."""
    found, wanted = response.thirds(ours, rate), response.thirds(theirs, rate)
    # Where all that is lies beyond the bands, what leaks into them is no sound.
    loudest = max(wanted.max(), energy(theirs) / theirs.size * 10 ** (QUIETEST_DB / 10))
    found, wanted = (
        np.maximum(10 * np.log10(np.maximum(power / loudest, 1e-30)), QUIETEST_DB)
        for power in (found, wanted)
    )
    return found - wanted, np.maximum(1 + wanted / HEARD_DB, 0)


def _rms(values: np.ndarray, weights: np.ndarray) -> float:
    return float(np.sqrt(values**2 @ weights / weights.sum())) if weights.any() else 0.0


def thd_n_percent(output: Any, truth: Any, rate: int) -> float:
    """THD+N of the output minus that of the truth, in percent of rms: distortion and noise that came in.

    The tone is the truth's strongest peak between 20 Hz and 20 kHz. For a steady tone this is what an
    analyser shows. Of music the strongest partial is only one of many: both values are near 100, and their
    difference says how much power moved away from that partial, not how distorted it sounds.
    """
    found, wanted = (response.tonal_power(wave, rate) for wave in validate(output, truth, rate))
    tone = response.fundamental(wanted, rate)
    return response.thd_n(found, tone) - response.thd_n(wanted, tone)


def noise_floor_db(output: Any, truth: Any, rate: int) -> float:
    """Level of the output minus that of the truth in those 10 % of 5 ms in which the truth is quietest.

    So a dropout elsewhere is no better noise floor. Levels end 120 dB below the truth's loudest window.
    """
    found, wanted = (
        np.mean(response.envelope(wave, rate) ** 2, axis=0) for wave in validate(output, truth, rate)
    )
    quiet = np.argsort(wanted, kind="stable")[: max(1, round(QUIET_SHARE * len(wanted)))]
    floor = wanted.max() * 10 ** (QUIETEST_DB / 10)
    return 10 * float(np.log10(max(found[quiet].mean(), floor) / max(wanted[quiet].mean(), floor)))


def principal(output: Any, truth: Any, rate: int) -> dict[str, float]:
    """The six that are scored, by name."""
    return {
        "sdr_db": sdr_db(output, truth),
        "delta_fft_percent": delta_fft_percent(output, truth),
        "envelope_percent": envelope_percent(output, truth, rate),
        "phase_degrees": phase_degrees(output, truth),
        "dynamic_range_db": dynamic_range_db(output, truth, rate),
        "frequency_response_db": frequency_response_db(output, truth, rate),
    }


def evaluate(output: Any, truth: Any, rate: int) -> dict[str, float]:
    """Every measure of this page by its name; those of several resolutions as ``delta_fft_256_percent`` and
    so on. Raises Unmeasurable as `validate` does."""
    by_size = multi_resolution_percent(output, truth)
    return (
        principal(output, truth, rate)
        | {
            "si_sdr_db": si_sdr_db(output, truth),
            "correlation": correlation(output, truth),
            "phase_coherence": phase_coherence(output, truth),
            "thd_n_percent": thd_n_percent(output, truth, rate),
            "coloration_db": coloration_db(output, truth, rate),
            "noise_floor_db": noise_floor_db(output, truth, rate),
        }
        | {f"delta_fft_{size}_percent": value for size, value in by_size.items()}
    )
