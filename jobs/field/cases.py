"""What a runner is stressed with: sounds and losses that are hard on it, the same for a seed.

Sounds are int32 (channels, samples) of 24 bits, traces (blocks,) bool, True = lost.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jobs.sound.pcm import FULL, to_pcm

Sound = Callable[[int, int, np.random.Generator], np.ndarray]
"""Of samples and Hz: floats (samples,), or int32 that are taken as they are."""
Trace = Callable[[int, float, np.random.Generator], np.ndarray]
"""Of blocks and the seconds that one lasts."""
BURST, APART = 0.03, 0.3
"""Seconds of a burst, and between two, on average."""
BEAT = 0.5


@dataclass(frozen=True)
class Case:
    """``rate`` in Hz, ``block`` in samples."""

    name: str
    sound: Sound
    trace: Trace
    rate: int = 48_000
    block: int = 240
    channels: int = 1

    @property
    def block_ms(self) -> float:
        return 1000 * self.block / self.rate

    def made(self, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        """(sound, trace) of as many whole blocks."""
        rng = np.random.default_rng(7)
        blocks = max(2, round(1000 * seconds / self.block_ms))
        rows = [self.sound(blocks * self.block, self.rate, rng) for _ in range(self.channels)]
        wholes = [row if row.dtype == np.int32 else to_pcm(row) for row in rows]
        return np.stack(wholes), self.trace(blocks, self.block / self.rate, rng)


def music(samples: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Plucked strings over noise 50 dB below."""
    time = np.arange(samples) / rate
    since = time % BEAT
    pitch = 220 * 2 ** (np.floor(time / BEAT) % 12 / 12)
    strings = sum(np.sin(2 * np.pi * pitch * k * since) * np.exp(-k * since * 4) / k for k in range(1, 9))
    return 0.25 * strings + 0.001 * rng.standard_normal(samples)


def silence(samples: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    return np.zeros(samples)


def noise(samples: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """White, to full scale."""
    return rng.uniform(-1, 1, samples)


def square(samples: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """From one end of the scale to the other, as clipping leaves it."""
    return np.sign(np.sin(2 * np.pi * 151 * np.arange(samples) / rate))


def constant(samples: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    return np.full(samples, 0.5)


def vanishing(samples: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Clicks that fall below the last bit: what follows them is as near to 0 as floats get."""
    return np.exp(-(np.arange(samples) % (rate // 5)) / (rate / 500))


def garbage(samples: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Any bits at all, most of them beyond 24."""
    return rng.integers(-(2**31), 2**31, samples, np.int32)


def quiet_bits(samples: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """The last bit alone."""
    return rng.integers(-1, 2, samples) / FULL


def some(blocks: int, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """One in ten, each on its own."""
    return rng.random(blocks) < 0.1


def bursts(blocks: int, seconds: float, rng: np.random.Generator) -> np.ndarray:
    changes = rng.random(blocks)
    lost = np.zeros(blocks, bool)
    for index in range(1, blocks):
        lost[index] = (
            changes[index] >= seconds / BURST if lost[index - 1] else changes[index] < seconds / APART
        )
    return lost


def second(blocks: int, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """A whole second from the middle on."""
    lost = np.zeros(blocks, bool)
    lost[blocks // 2 : blocks // 2 + round(1 / seconds)] = True
    return lost


def alternating(blocks: int, seconds: float, rng: np.random.Generator) -> np.ndarray:
    return np.arange(blocks) % 2 == 1


PACED = tuple(Case(f"{block / 48:g} ms", music, some, block=block) for block in (48, 120, 240))
"""What latency is measured with."""
HARD = (
    Case("bursts", music, bursts),
    Case("a second lost", music, second),
    Case("every other block", music, alternating),
    Case("every other of 1 ms", music, alternating, block=48),
    Case("two channels", music, some, channels=2),
    Case("silence", silence, some),
    Case("full-scale noise", noise, some),
    Case("square at full scale", square, some),
    Case("constant", constant, some),
    Case("vanishing", vanishing, some),
    Case("the last bit", quiet_bits, bursts),
    Case("garbage", garbage, bursts),
    Case("blocks of 16", music, some, block=16),
    Case("192 kHz", music, some, rate=192_000, block=960),
    Case("8 kHz", music, bursts, rate=8_000, block=40),
)
"""What must not break it."""
