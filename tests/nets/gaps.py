"""Gaps of tones in a little noise, and nets whose weights were drawn: to make them smaller, these will do."""

import numpy as np
import torch
from torch import nn

from jobs.nets import gap_net
from jobs.nets.gap_examples import Examples
from jobs.nets.gap_shape import Shape
from jobs.sound.guesses import RECORDED

SHAPE = Shape(past=1_920, horizon=480)


def gaps(count: int = 48, seed: int = 0, shape: Shape = SHAPE) -> Examples:
    """Tones go on as they were; the guesses at it are more and more off."""
    rng = np.random.default_rng(seed)
    time = np.arange(shape.past + shape.horizon) / shape.rate
    hertz = rng.uniform(100, 4_000, (count, 3, 1))
    waves = np.sin(2 * np.pi * hertz * time + rng.uniform(0, 6, hertz.shape)).sum(axis=1)
    waves += 0.05 * rng.standard_normal(waves.shape)
    waves /= np.sqrt((waves[:, : shape.past] ** 2).mean(axis=1, keepdims=True))
    truth = waves[:, shape.past :]
    off = np.array([0.1, 0.2, 0.4, 0.8])[:, None] * np.linspace(0, 1, shape.horizon)
    guesses = truth[:, None] + off * rng.standard_normal((count, 4, shape.horizon))
    record = np.ones((count, *RECORDED))
    parts = waves[:, : shape.past], guesses, record, truth, guesses[:, 0], rng.uniform(0.05, 0.5, count)
    source = np.arange(count) // 4
    return Examples(*(part.astype(np.float32) for part in parts), source, 0 * source)


def drawn(name: str, shape: Shape = SHAPE) -> nn.Module:
    """A net of a kind with the weights that it begins with, none of which is 0."""
    net = gap_net.new(name, shape, 1).eval()
    random = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in net.parameters():
            if not parameter.any():
                parameter += 0.05 * torch.randn(parameter.shape, generator=random)
    return net
