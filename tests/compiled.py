"""Compile what most tests of sound need: ``python -m tests.compiled``, once, before there are workers.

Those that need it first would otherwise compile it side by side, each for itself.
"""

import numpy as np
import torch

from jobs.sound import bands, chain, fingerprint, loudness, partials, phase
from jobs.sound.reverb import SIZES, Reverb

fingerprint.prepare()
loudness.prepare()
noise = np.random.default_rng(0).standard_normal((1, SIZES[1])).astype(np.float32)
partials.partials(noise[0])
features = bands.features(torch.from_numpy(noise[0]))
phase.integrate(bands.magnitude(features[0]), bands.deviation(features[1]))
Reverb(0.5).process(noise)
chain._above(noise, np.zeros((1, 2)), *chain.HIGH_PASS)
