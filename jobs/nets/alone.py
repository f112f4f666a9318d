"""What a net makes of a sound by itself, with no phase of the sound to lean on."""

import numpy as np
import torch
from torch import Tensor

from jobs.nets.losses import Statistics
from jobs.nets.vae import Vae
from jobs.sound import bands, phase
from jobs.sound.spectrum import HOP, istft, polar


@torch.no_grad()
def alone(net: Vae, statistics: Statistics, features: Tensor) -> np.ndarray:
    """``features (2, BANDS, frames)`` through the net and back: ``((frames - 1) * 256,)`` float32."""
    device = next(net.parameters()).device
    mean, _ = net.encode(statistics.normalise(features.to(device))[None])
    decoded = statistics.restore(net.decode(mean))[0].cpu()
    magnitude = bands.magnitude(decoded[0])
    spectrum = polar(magnitude, phase.integrate(magnitude, bands.deviation(decoded[1])))
    return istft(spectrum, (spectrum.shape[1] - 1) * HOP).numpy()
