"""The last steps of every take and every export: space, sample rate, level, true peaks, dither, file.

In this order. The space is made at the rate of the sound, so that it is the same at every rate of a file;
the limiter works at the rate of the file, because every resampling moves what lies between the samples.

Level: a sound whose samples rise above the ceiling is turned down as a whole, which keeps its dynamics.
What still rises above it between two samples, by at most some dB for a moment, is limited there and then;
turning all of it down for that moment would make it softer for nothing. Sounds that have been finished
once pass a second time unchanged, to the bit, in the same rate, space and format.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from jobs.sound import space
from jobs.sound.limiter import Limiter, TruePeak
from jobs.sound.resample import Resampler
from jobs.sound.write import Unwritable, Writer
from store import files
from store.errors import BadInput, Busy

CEILING = -1.0
"""dBTP of a file (EBU R 128, ITU-R BS.1770)."""
LOSSY_CEILING = -2.0
"""dBTP before a lossy encoder: what is decoded rises above what was encoded, here by up to 1.4 dB (Vorbis, a
frequency sweep) or 0.5 dB (MP3), and stays below full scale. Most music rises by less than 0.6 dB."""
LOSSY = ("ogg", "mp3")
ROUNDING = 0.01
"""dB that 16 bits with dither may add to a peak: the limiter begins so much below the ceiling, and the gain
aims at twice as much below, so that the file does not need it again."""
BLOCK = 1 << 16

Blocks = Iterable[np.ndarray]


@dataclass(frozen=True)
class Master:
    """What a file shall be: the fields of ``Generate`` and ``ExportTake`` that say so."""

    rate: int = 48_000
    space: str = "auto"
    azimuth: float = 30.0
    format: str = "wav"
    bits: str = "24"

    def channels(self, given: int) -> int:
        """Of the file, for a sound of ``given`` channels."""
        return space.channels(self.space, given)

    @property
    def ceiling(self) -> float:
        """dBTP that nothing in the file may reach."""
        return LOSSY_CEILING if self.format in LOSSY else CEILING


def finish(
    blocks: Blocks, path: Path, master: Master, scratch: Path, *, given: int, source: int = 48_000,
    samples: int | None = None, tags: dict[str, str] | None = None,
    hear: Callable[[np.ndarray], None] | None = None, check: Callable[[], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write ``blocks``, float32 (``given`` 1|2 channels, n) at ``source`` Hz, to ``path``, or nothing.

    ``scratch``: a folder for what is held between the two passes, 4 bytes a sample and channel.
    ``samples``: exact length of the file; else it follows from the sound. ``hear`` gets every block of the
    file before dither, (channels, n); ``check`` is called often and may raise.
    Returns the facts of `jobs.sound.write.Writer.close` and ``true_peak_dbtp``, ``turned_down_db`` (all of
    it), ``limited_db`` (at most, for a moment), ``space``. Raises BadInput (samples that are no numbers,
    what the format can't hold), Busy (a full or read-only disk).
    """
    channels = master.channels(given)
    limiter = Limiter(master.rate, channels, master.ceiling - ROUNDING)
    meter = TruePeak(channels)
    with files.disk(scratch), tempfile.TemporaryFile(dir=scratch) as held:
        peak = _hold(_shaped(blocks, master, given, source, samples), held, check)
        gain = _gain(peak, master.ceiling)
        loud = _played(held, channels, np.float32(gain), check)
        facts = _written(path, master, channels, tags, _heard(_through(limiter, loud), meter, hear))
    return facts | {
        "true_peak_dbtp": round(meter.dbtp(), 3),
        "turned_down_db": round(-20 * float(np.log10(gain)), 2) + 0.0,
        "limited_db": round(limiter.deepest, 2),
        "space": master.space,
    }


def blocks_of(audio: np.ndarray) -> Iterator[np.ndarray]:
    """(channels, samples), perhaps mapped from a disk, piece by piece."""
    for start in range(0, audio.shape[-1], BLOCK):
        yield np.array(np.atleast_2d(audio)[:, start : start + BLOCK])


def _shaped(
    blocks: Blocks, master: Master, given: int, source: int, samples: int | None
) -> Iterator[np.ndarray]:
    """Placed in its space, at the rate of the file, ``samples`` long."""
    where = space.Space(master.space, master.azimuth, given, source)
    turned = Resampler(source, master.rate, where.channels)
    made = 0
    for block in _through(turned, _through(where, blocks)):
        block = block if samples is None else block[:, : samples - made]
        made += block.shape[1]
        yield block
    if samples is not None and made < samples:
        yield np.zeros((where.channels, samples - made), np.float32)


def _through(machine: space.Space | Resampler | Limiter, blocks: Blocks) -> Iterator[np.ndarray]:
    for block in blocks:
        yield machine.process(block)
    yield machine.tail()


def _hold(blocks: Blocks, held: IO[bytes], check: Callable[[], None] | None) -> float:
    """Into the file, samples of all channels side by side; returns the highest."""
    peak = 0.0
    for block in blocks:
        if not np.isfinite(block).all():
            raise BadInput(
                "the sound holds samples that are no numbers (NaN or infinite); nothing was written"
            )
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        held.write(np.ascontiguousarray(block.T, np.float32).tobytes())
        if check:
            check()
    held.seek(0)
    return peak


def _gain(peak: float, ceiling: float) -> float:
    if peak <= 10 ** ((ceiling - ROUNDING) / 20):
        return 1.0
    return 10 ** ((ceiling - 2 * ROUNDING) / 20) / peak


def _played(
    held: IO[bytes], channels: int, gain: np.float32, check: Callable[[], None] | None
) -> Iterator[np.ndarray]:
    while data := held.read(4 * channels * BLOCK):
        yield np.frombuffer(data, np.float32).reshape(-1, channels).T * gain
        if check:
            check()


def _heard(
    blocks: Blocks, meter: TruePeak, hear: Callable[[np.ndarray], None] | None
) -> Iterator[np.ndarray]:
    for block in blocks:
        meter.add(block)
        if hear:
            hear(block)
        yield block


def _written(
    path: Path, master: Master, channels: int, tags: dict[str, str] | None, blocks: Blocks
) -> dict[str, Any]:
    try:
        with Writer(path, master.rate, channels, master.format, master.bits, tags) as writer:
            for block in blocks:
                writer.add(block)
            return writer.close()
    except Unwritable as error:
        raise BadInput(str(error)) from None
    except OSError as error:
        raise Busy(str(error.strerror or error)) from None
