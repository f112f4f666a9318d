"""What a sound's spectra say before anything is judged: the ground that the rulers share."""

from functools import cached_property

import librosa
import numpy as np
from scipy import fft, signal

HEARD_DB = 40.0
"""How far below its loudest frame a sound is still heard."""
SILENCE_DB = -80.0
"""Level (dBFS) that nothing is heard below."""


class Sound:
    """Audio ``(channels, samples)`` and the spectra that rulers share, each made once."""

    def __init__(self, audio: np.ndarray, rate: int):
        self.audio = np.atleast_2d(np.asarray(audio, np.float32))
        self.rate = rate
        self.mid = np.ascontiguousarray(self.audio.mean(axis=0))

    def size(self, seconds: float) -> int:
        """The power of two of samples nearest to ``seconds``."""
        return 2 ** round(np.log2(seconds * self.rate))

    @cached_property
    def short(self) -> np.ndarray:
        """``(bins, frames)`` magnitudes of 43 ms windows, 11 ms apart."""
        return self._magnitude(self.size(0.043), self.hop)

    @cached_property
    def long(self) -> np.ndarray:
        """``(bins, frames)`` magnitudes of 171 ms windows, 85 ms apart: 6 Hz per bin."""
        return self._magnitude(self.size(0.171), self.size(0.085))

    @property
    def hop(self) -> int:
        return self.size(0.0107)

    @cached_property
    def bands(self) -> np.ndarray:
        """``(96, frames)`` power in dB of mel bands up to 16 kHz, down to 60 dB below the loudest."""
        top = min(16_000.0, self.rate / 2)
        mel = librosa.feature.melspectrogram(S=self.short**2, sr=self.rate, n_mels=96, fmax=top)
        return librosa.power_to_db(mel, ref=1.0, amin=1e-20, top_db=60.0)

    @cached_property
    def flux(self) -> np.ndarray:
        """``(frames,)`` mean rise of the bands in dB over two frames, vibrato left out.

        Superflux (Böck & Widmer 2013): each band is compared with the loudest of its neighbours before.
        """
        return librosa.onset.onset_strength(
            S=self.bands, sr=self.rate, lag=2, max_size=3, detrend=False, center=False
        )

    @cached_property
    def peaks(self) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies in Hz and amplitudes ``(frames, 150)`` of a heard long frame's peaks, strongest first.

        Parabolic interpolation on the log magnitude; peaks 50 dB under the frame's loudest are 0.
        """
        found = self.long[:, heard(self.long)].T
        log = np.log(found + 1e-12)
        low, middle, high = log[:, :-2], log[:, 1:-1], log[:, 2:]
        top = (middle > low) & (middle >= high)
        strength = np.where(top, found[:, 1:-1], 0.0)
        order = np.argsort(-strength, axis=1)[:, :150]
        low, middle, high, strength = (np.take_along_axis(x, order, 1) for x in (low, middle, high, strength))
        bend = np.minimum(low - 2 * middle + high, -1e-9)
        offset = np.clip(0.5 * (low - high) / bend, -0.5, 0.5)
        frequency = (order + 1 + offset) * self.rate / (2 * (len(self.long) - 1))
        loud = (strength > strength.max(axis=1, keepdims=True) * 10 ** (-50 / 20)) & (frequency > 40)
        return frequency, np.where(loud, strength, 0.0)

    def _magnitude(self, size: int, hop: int) -> np.ndarray:
        if len(self.mid) < size:
            return np.zeros((size // 2 + 1, 0), np.float32)
        frames = librosa.util.frame(self.mid, frame_length=size, hop_length=hop, axis=0)
        window = signal.get_window("hann", size).astype(np.float32)
        return np.abs(fft.rfft(frames * window, axis=1)).T * (2 / window.sum())


def heard(magnitude: np.ndarray) -> np.ndarray:
    """``(frames,)`` which frames lie within 40 dB of the loudest and over silence."""
    power = 10 * np.log10((magnitude**2).sum(axis=0) + 1e-20)
    return (power > SILENCE_DB) & (power > power.max(initial=SILENCE_DB) - HEARD_DB)
