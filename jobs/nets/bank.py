"""The sounds a model was trained on, as material to play: waves, latents and where they start.

Kept inside the model's folder, so that a model plays where its dataset is not.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jobs.nets.losses import Statistics
from jobs.nets.vae import STRIDE, Vae
from jobs.sound.descriptors import frame_power
from jobs.sound.spectrum import FRAMES_PER_SECOND, HOP
from jobs.sound.tape import SLOT, Place, Tape

CONTEXT = 4 * SLOT
"""Frames of the surroundings the encoder sees on each side of a piece of a long tape."""
PIECE = 128 * SLOT


@dataclass(frozen=True)
class Bank:
    """``latents (latent, slots)``, ``wave (samples,)``, ``power (frames,)`` and places on all three.

    ``ends`` is the last frame of each sound that is heard, ``onsets`` the frames on which
    something starts, both counted from the start of the sound.
    """

    places: tuple[Place, ...]
    latents: Tensor
    wave: np.ndarray
    power: np.ndarray
    ends: tuple[int, ...]
    onsets: tuple[tuple[int, ...], ...]

    def samples(self, start: int, frames: int) -> Tensor:
        """The wave from the middle of frame ``start`` on, ``frames * 256`` samples, zeros past the end."""
        piece = self.wave[start * HOP : (start + frames) * HOP]
        wave = np.zeros(frames * HOP, np.float32)
        wave[: len(piece)] = piece
        return torch.from_numpy(wave)


@torch.no_grad()
def encode(net: Vae, statistics: Statistics, features: np.ndarray) -> Tensor:
    """Mean latents ``(latent, frames / 16)`` of a tape's features, piece by piece."""
    device = next(net.parameters()).device
    frames = features.shape[-1]
    pieces = []
    for start in range(0, frames, PIECE):
        low, high = max(0, start - CONTEXT), min(frames, start + PIECE + CONTEXT)
        x = torch.from_numpy(features[:, :, low:high].astype(np.float32))[None].to(device)
        mean, _ = net.encode(statistics.normalise(x))
        first = (start - low) // STRIDE
        pieces.append(mean[0, :, first : first + (min(frames, start + PIECE) - start) // STRIDE].cpu())
    return torch.cat(pieces, dim=-1)


AUDIBLE_DB = 40.0
"""How far below its loudest frame a sound still counts as going on."""
ATTACK_DB = 18.0
"""How far below the loudest frame an onset may lie: a rustle in a decay is no place to start from."""


def audible_end(level: Tensor) -> int:
    """One past the last frame within 40 dB of the loudest, of ``level (BANDS, frames)``."""
    envelope = 10 * torch.log10(frame_power(level) + 1e-9)
    heard = (envelope > envelope.max() - AUDIBLE_DB).nonzero()
    return int(heard[-1]) + 1


def onset_frames(level: Tensor, gap: int = 12) -> tuple[int, ...]:
    """Frames where the level of many bands rises at once (spectral flux, Bello et al. 2005).

    A peak counts when it stands out of its surroundings of half a second and something loud follows;
    two are at least ``gap`` frames apart. The first frame that is heard always counts.
    """
    flux = (level[:, 1:] - level[:, :-1]).clamp_min(0).mean(dim=0).numpy()
    reach = int(FRAMES_PER_SECOND / 4)
    envelope = 10 * np.log10(frame_power(level).numpy() + 1e-9)
    heard = np.flatnonzero(envelope > envelope.max() - AUDIBLE_DB)
    found = [int(heard[0])] if len(heard) else [0]
    for t in range(1, len(flux) - 1):
        around = flux[max(0, t - reach) : t + reach]
        stands_out = flux[t] > around.mean() + 2 * around.std() and flux[t] > 1.0
        loud = envelope[t : t + 2 * gap].max() > envelope.max() - ATTACK_DB
        if stands_out and loud and flux[t] >= flux[max(0, t - 2) : t + 3].max() and t - found[-1] >= gap:
            found.append(t)
    return tuple(found)


def of_tape(net: Vae, statistics: Statistics, tape: Tape) -> Bank:
    """Everything on the tape, held-out sounds too: they are material, though the net never saw them."""
    ends, onsets = [], []
    power = np.zeros(tape.frames, np.float32)
    for place in tape.places:
        level = tape.excerpt(slice(place.start, place.start + place.frames))[0]
        ends.append(min(place.frames, audible_end(level)))
        onsets.append(onset_frames(level))
        power[place.start : place.start + place.frames] = frame_power(level).numpy()
    return Bank(
        tape.places,
        encode(net, statistics, tape.features),
        np.asarray(tape.wave),
        power,
        tuple(ends),
        tuple(onsets),
    )
