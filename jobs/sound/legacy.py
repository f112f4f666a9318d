"""Scores as an earlier program told them, for comparison and with its flaws: see `jobs.sound.scoring`."""

from collections.abc import Sequence

import numpy as np

from jobs.sound import fidelity

MOST_DB = 30.0
"""SDR of the highest score."""
AUDIBLE_HZ = (20, 20_000)
TINY = 1e-15


def legacy_scores(output: np.ndarray, truth: np.ndarray, rate: int) -> dict[str, float]:
    """By the definitions of the earlier program, which knew one channel: here they are laid end to end."""
    # A second to import, and for this alone.
    from scipy import fft, signal

    pair = output.ravel(), truth.ravel()
    count = len(pair[1])
    hertz = fft.rfftfreq(count, 1 / rate)
    spectra = [np.abs(fft.rfft(wave))[_audible(hertz)] for wave in pair]
    envelopes = [np.abs(signal.hilbert(wave)) for wave in pair]
    smooth = (count // 1000) | 1
    if smooth > 3:
        envelopes = [_smoothed(wave, smooth) for wave in envelopes]
    frame = max(1, count // 100)
    starts = np.arange(0, count - frame, max(1, frame // 2))
    sums = [np.cumsum(np.append(0.0, wave**2)) for wave in pair]
    powers = [np.maximum(total[starts + frame] - total[starts], 0) / frame for total in sums]
    densities = []
    for wave in pair:
        hertz, density = signal.welch(wave, rate, nperseg=min(8192, count // 4))
        densities.append(10 * np.log10(density[_audible(hertz)] + TINY))
    late = abs(int(np.argmax(np.abs(signal.correlate(*pair)))) - (count - 1)) / (0.01 * count)
    return {
        "sdr_db": float(np.clip(fidelity.sdr_db(output, truth) / MOST_DB, 0, 1)),
        "delta_fft_percent": _alike(spectra),
        "envelope_percent": _alike(envelopes),
        "phase_degrees": 1 - 0.2 * late if late <= 1 else 0.8 * float(np.exp(-late)),
        "dynamic_range_db": _alike([20 * np.log10(np.sqrt(power) + TINY) for power in powers]),
        "frequency_response_db": _alike(densities),
    }


def _smoothed(wave: np.ndarray, size: int) -> np.ndarray:
    """As SciPy's ``savgol_filter`` of third order, whose time grows with samples times ``size``."""
    from scipy import signal

    half = size // 2
    middle = signal.oaconvolve(wave, signal.savgol_coeffs(size, 3), "valid")
    begin, end = (signal.savgol_filter(edge, size, 3) for edge in (wave[:size], wave[-size:]))
    return np.concatenate([begin[:half], middle, end[half + 1 :]])


def _audible(hertz: np.ndarray) -> np.ndarray:
    return (hertz >= AUDIBLE_HZ[0]) & (hertz <= AUDIBLE_HZ[1])


def _alike(pair: Sequence[np.ndarray]) -> float:
    """Correlation about the means, 0 to 1; 0 where one of the two does not move."""
    first, second = (values - values.mean() if len(values) else values for values in pair)
    both = float(np.sqrt((first @ first) * (second @ second)))
    return float(np.clip(first @ second / both, 0, 1)) if both > 0 else 0.0
