"""Pictures of audio as bytes, ready to be drawn: made once by a job, the studio only paints them."""

import numpy as np

FLOOR_DB = -90.0
LOWEST_HZ = 40.0


def wave_picture(audio: np.ndarray, columns: int) -> bytes:
    """Waveform of (channels, samples) as ``columns`` pairs of int8: min, max; +-127 = full scale.

    The loudest channel shows. Fewer samples than columns: the samples are repeated. No samples: zeros.
    """
    low, high = envelope(audio, columns)
    return pairs(low, high)


def envelope(audio: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """(min, max), each (columns,), over all channels of (channels, samples)."""
    audio = np.atleast_2d(audio)
    count = audio.shape[-1]
    if not count:
        return np.zeros(columns, np.float32), np.zeros(columns, np.float32)
    edges = (np.arange(columns) * count // columns).astype(np.int64)
    if count < columns:
        low, high = audio.min(axis=0), audio.max(axis=0)
        return low[edges], high[edges]
    low = np.minimum.reduceat(audio, edges, axis=-1).min(axis=0)
    high = np.maximum.reduceat(audio, edges, axis=-1).max(axis=0)
    return low, high


def pairs(low: np.ndarray, high: np.ndarray) -> bytes:
    """Minima and maxima (columns,) as interleaved int8, rounded outward so that no sound looks silent."""
    out = np.empty((len(low), 2), np.float32)
    out[:, 0] = np.floor(low * 127 - 1e-3 * (low != 0))
    out[:, 1] = np.ceil(high * 127 + 1e-3 * (high != 0))
    out = np.nan_to_num(out, nan=0.0)
    return np.clip(out, -127, 127).astype(np.int8).tobytes()


def heat_picture(audio: np.ndarray, rate: int, width: int, height: int) -> bytes:
    """Spectrogram of (channels, samples) at ``rate`` Hz as width x height bytes, row by row.

    The top row is the highest frequency, rows are equal steps of log frequency from 40 Hz to half the
    rate; 255 = the loudest spot, 0 = 90 dB below it or less. Silence is all zeros.
    """
    mono = np.atleast_2d(audio).mean(axis=0, dtype=np.float64).astype(np.float32)
    if not mono.size or not np.any(mono):
        return bytes(width * height)
    size = 2048 if rate <= 50_000 else 4096
    power = np.empty((size // 2 + 1, width), np.float32)
    padded = np.pad(mono, (size // 2, size))
    window = np.hanning(size).astype(np.float32)
    for column in range(width):
        start, end = column * len(mono) / width, (column + 1) * len(mono) / width
        power[:, column] = _column(padded, window, start, end)
    rows = _rows(power, rate, height)
    decibels = 10 * np.log10(np.maximum(rows / max(float(rows.max()), 1e-30), 1e-12))
    scaled = np.clip((decibels - FLOOR_DB) / -FLOOR_DB, 0, 1) * 255
    return np.round(scaled[::-1]).astype(np.uint8).tobytes()


def _column(padded: np.ndarray, window: np.ndarray, start: float, end: float) -> np.ndarray:
    """Loudest spectrum of up to four frames between two samples; ``padded`` begins half a frame early."""
    size = len(window)
    frames = max(1, min(4, int((end - start) // (size // 2))))
    at = (start + (np.arange(frames) + 0.5) * (end - start) / frames).astype(np.int64)
    pieces = np.stack([padded[a : a + size] for a in at]) * window
    spectrum = np.fft.rfft(pieces, axis=-1)
    return (spectrum.real**2 + spectrum.imag**2).max(axis=0)


def _rows(power: np.ndarray, rate: int, height: int) -> np.ndarray:
    """(bins, width) to (height, width) in equal steps of log frequency, lowest first; no row is empty."""
    bins = power.shape[0] - 1
    edges = np.geomspace(LOWEST_HZ, rate / 2, height + 1) / (rate / 2) * bins
    out = np.empty((height, power.shape[1]), np.float32)
    for row in range(height):
        low, high = edges[row], edges[row + 1]
        first, last = int(np.ceil(low)), int(np.floor(high))
        if last > first:
            out[row] = power[first : last + 1].max(axis=0)
        else:
            middle = (low + high) / 2
            below = min(int(middle), bins - 1)
            share = middle - below
            out[row] = power[below] * (1 - share) + power[below + 1] * share
    return out
