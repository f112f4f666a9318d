"""What a person could do instead of training: the rows that a model's quality stands beside.

Each is made from the training frames of the same tape and judged by the same measures. ``again``
resynthesises a held-out excerpt (``None`` where the way has no answer), ``take`` plays something new.
"""

from collections.abc import Callable
from dataclasses import dataclass

import librosa
import numpy as np
import torch
from torch import Tensor

from jobs.nets.excerpts import Split
from jobs.nets.instrument import Instrument
from jobs.nets.quality import mono
from jobs.nets.request import Request
from jobs.sound import bands, phase
from jobs.sound.spectrum import HOP, RATE, istft, polar, stft
from jobs.sound.tape import SLOT, Tape

COMPONENTS = 128
"""As many numbers per slot as the net has latents."""
MOST_PATCHES = 4000
CHUNK = 6 * SLOT
"""Frames of a chunk to look for: half a second."""
GRAIN = 4800
"""Samples of a grain: 100 ms."""
MELS = 128
ITERATIONS = 32

Again = Callable[[Tensor, Tensor], dict[str, np.ndarray]]
Take = Callable[[int, float], np.ndarray]


@dataclass(frozen=True)
class System:
    """``again(features (2, BANDS, T), wave) -> {"carrier" | "own": wave}``; ``take(seed, seconds) -> wave``.

    "carrier" leans on the phase of the excerpt itself, "own" does not.
    """

    name: str
    again: Again | None
    take: Take | None


def by_heap(features: Tensor, samples: int) -> np.ndarray:
    """Audio from features ``(2, BANDS, frames)`` alone."""
    magnitude = bands.magnitude(features[0])
    spectrum = polar(magnitude, phase.integrate(magnitude, bands.deviation(features[1])))
    return istft(spectrum, samples).numpy()


def by_carrier(level: Tensor, features: Tensor, wave: Tensor) -> np.ndarray:
    """The wave, its level ``features[0]`` turned into ``level``."""
    gain = bands.to_bins((level - features[0]).clamp(-40, 40))
    return istft(stft(wave) * 10 ** (gain / 20), len(wave)).numpy()


def both(decoded: Tensor, features: Tensor, wave: Tensor) -> dict[str, np.ndarray]:
    return {"carrier": by_carrier(decoded[0], features, wave), "own": by_heap(decoded, len(wave))}


def net(name: str, instrument: Instrument) -> System:
    """A net as an instrument, trained or not."""

    @torch.no_grad()
    def again(features: Tensor, wave: Tensor) -> dict[str, np.ndarray]:
        return both(instrument.voice.decode(instrument.voice.encode(features.numpy())), features, wave)

    def take(seed: int, seconds: float) -> np.ndarray:
        return mono(instrument.take(Request(seconds, seed))[0])

    return System(name, again, take)


def bound() -> System:
    """The bands themselves, with no net between: what no net can beat."""
    return System("384 bands, no net", lambda features, wave: both(features, features, wave), None)


def pca(tape: Tape, split: Split) -> System:
    """Principal components of the band features, a slot at a time, as many as the net has latents.

    Its takes are stretches of the sounds' components with noise of a third of their spread.
    """
    slots = np.flatnonzero(np.isin(np.arange(0, tape.frames, SLOT), split.train)) * SLOT
    chosen = slots[np.linspace(0, len(slots) - 1, min(len(slots), MOST_PATCHES)).astype(int)]
    patches = torch.stack([tape.excerpt(slice(at, at + SLOT)) for at in chosen])
    scale = patches.std(dim=(0, 2, 3), keepdim=True).clamp_min(1e-3)
    rows = (patches / scale).flatten(1)
    mean = rows.mean(dim=0)
    torch.manual_seed(0)
    count = min(COMPONENTS, len(rows) - 1)
    basis = torch.pca_lowrank(rows, q=count, center=True, niter=3)[2]
    spread = ((rows - mean) @ basis).std(dim=0)

    def encode(features: Tensor) -> Tensor:
        pieces = features.unfold(2, SLOT, SLOT).permute(2, 0, 1, 3)
        return ((pieces / scale).flatten(1) - mean) @ basis

    def decode(codes: Tensor) -> Tensor:
        pieces = (codes @ basis.T + mean).view(-1, 2, bands.BANDS, SLOT) * scale
        return pieces.permute(1, 2, 0, 3).flatten(2)

    def again(features: Tensor, wave: Tensor) -> dict[str, np.ndarray]:
        return both(decode(encode(features)), features, wave)

    def take(seed: int, seconds: float) -> np.ndarray:
        random = np.random.default_rng([seed, 11])
        length, codes = 12, []
        while len(codes) * length * SLOT * HOP < seconds * RATE:
            at = int(random.choice(slots))
            part = encode(tape.excerpt(slice(at, at + length * SLOT)))
            noise = torch.from_numpy(random.standard_normal((length, count))).float()
            codes.append(torch.nn.functional.pad(part, (0, 0, 0, length - len(part))) + 0.3 * spread * noise)
        return by_heap(decode(torch.cat(codes)), round(seconds * RATE))

    return System(f"PCA, {count} components", again, take)


def nearest_chunk(tape: Tape, split: Split) -> System:
    """Each half second replaced by the training half second whose bands are nearest."""
    starts = [s for s in range(0, tape.frames - CHUNK, SLOT) if np.isin([s, s + CHUNK], split.train).all()]
    level = torch.from_numpy(tape.features[0].astype(np.float32))

    def again(features: Tensor, wave: Tensor) -> dict[str, np.ndarray]:
        out = np.zeros(len(wave) + CHUNK * HOP, np.float32)
        for at in range(0, features.shape[2], CHUNK):
            wanted = features[0, :, at : at + CHUNK]
            errors = [float((level[:, s : s + wanted.shape[1]] - wanted).abs().mean()) for s in starts]
            best = starts[int(np.argmin(errors))]
            found = tape.samples(best, wanted.shape[1] + 1).numpy()
            out[at * HOP : at * HOP + len(found)] = found
        return {"own": out[: len(wave)]}

    return System("nearest training chunk", again, None)


def granular(tape: Tape, split: Split) -> System:
    """Grains of 100 ms from anywhere in the training sounds, overlapped by half; it answers nothing."""
    trained = split.train[split.train < tape.frames - GRAIN // HOP - 1]
    window = np.hanning(GRAIN).astype(np.float32)

    def take(seed: int, seconds: float) -> np.ndarray:
        random = np.random.default_rng([seed, 12])
        samples = round(seconds * RATE)
        out = np.zeros(samples + GRAIN, np.float32)
        for at in range(0, samples, GRAIN // 2):
            start = int(random.choice(trained)) * HOP
            out[at : at + GRAIN] += tape.wave[start : start + GRAIN] * window
        return out[:samples]

    return System("granular shuffle", lambda features, wave: {"own": take(0, len(wave) / RATE)}, take)


def griffin_lim(tape: Tape, split: Split) -> System:
    """128 mel bands and 32 iterations: what the earlier program made of a perfect prediction."""
    shuffle = granular(tape, split).take

    def again(_: Tensor, wave: Tensor) -> dict[str, np.ndarray]:
        return {"own": _from_mel(wave.numpy())}

    def take(seed: int, seconds: float) -> np.ndarray:
        assert shuffle is not None
        return _from_mel(shuffle(seed, seconds))

    return System("mel 128 + Griffin-Lim, no net", again, take)


def _from_mel(wave: np.ndarray) -> np.ndarray:
    shape = {"sr": RATE, "n_fft": 2048, "hop_length": 512}
    mel = librosa.feature.melspectrogram(y=wave, n_mels=MELS, power=1.0, **shape)
    linear = librosa.feature.inverse.mel_to_stft(mel, sr=RATE, n_fft=2048, power=1.0)
    return librosa.griffinlim(
        linear, n_iter=ITERATIONS, hop_length=512, n_fft=2048, length=len(wave), random_state=0
    ).astype(np.float32)
