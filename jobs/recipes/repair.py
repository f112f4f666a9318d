"""Fill the gaps of a sound: whole numbers of 24 bits in, the same out wherever nothing was lost."""

from pathlib import Path

import numpy as np

from jobs.desk import Desk
from jobs.field.checked import Refused
from jobs.field.net import Net
from jobs.recipes.losses import losses_of
from jobs.recipes.outside import new_file, open_to_others
from jobs.sound import pcm
from jobs.sound.conceal import CROSS_FADE, Fill, conceal
from jobs.sound.formats import Unwritable, format_of
from jobs.sound.interpolate import PASSES, interpolate
from jobs.sound.reader import Unreadable
from jobs.sound.stereo import coupled
from jobs.specs import METHODS, Repair
from store.errors import BadInput, Usage
from store.library import Library

BOTH_SIDES = "janssen"
FITS = (0.9, 1.1)
"""Rates that a net is near enough to, by its own: 44.1 and 48 kHz for each other."""


def run(spec: Repair, desk: Desk) -> dict:
    """Raises Usage, NotFound, BadInput (the sound or the trace can't be used, a file is in the way)."""
    out = _out(spec, desk)
    try:
        sound = pcm.read_pcm(spec.input)
    except Unreadable as error:
        raise BadInput(f"input: {error}") from None
    lost = losses_of(spec, sound.rate, sound.samples.shape[1], desk)
    if not sound.exact:
        desk.note(f"{Path(spec.input).name} holds {sound.info.subtype}; its samples are rounded to 24 bits")
    method, name = _method(spec.model, sound.rate, len(sound.samples), desk)
    samples = repaired(sound.samples, sound.rate, lost.gaps, lost.packet, method, desk)
    facts = pcm.write_pcm(out, samples, sound.rate)
    open_to_others(out)
    return {"summary": {
        "path": str(out), "method": name, "seconds": facts["seconds"], "rate": sound.rate,
        "channels": len(samples), **lost.record(), "exact": sound.exact,
        "changed_outside_gaps": _changed(sound.samples, samples, lost.gaps),
        "cross_fade_ms": 1000 * CROSS_FADE,
    }}  # fmt: skip


def _out(spec: Repair, desk: Desk) -> Path:
    try:
        if format_of(spec.out) in pcm.LOSSY:
            raise Unwritable(f"{Path(spec.out).name}: keeps no whole numbers; nearest: .flac, or .wav")
    except Unwritable as error:
        raise Usage(f"out: {error}") from None
    return new_file(spec.out, desk, "out")


def _method(model: str, rate: int, channels: int, desk: Desk) -> tuple[str | Fill, str]:
    """What fills the gaps, and what it is called. Raises NotFound, BadInput."""
    if model in METHODS:
        return model, model
    record = Library().repairers.find(model)
    if not FITS[0] * record["rate"] <= rate <= FITS[1] * record["rate"]:
        raise BadInput(
            f"model: {record['name']} is for {record['rate']} Hz, the sound has {rate}; nearest: --model ar, "
            "which takes any rate"
        )
    if channels > 1:
        desk.note(f"{record['name']} hears one channel at a time; this sound has {channels}")
    if record["report"]["ships"] != "net":
        desk.note(f"{record['name']}: {record['verdict']}; linear prediction fills the gaps")
        return "ar", record["name"]
    try:
        return Net(Path(record["path"]) / "net.onnx").fill, record["name"]
    except Refused as error:
        raise BadInput(f"model: {error}") from None


def repaired(
    samples: np.ndarray, rate: int, gaps: list[tuple[int, int]], packet: int, method: str | Fill, desk: Desk
) -> np.ndarray:
    """int32 (channels, n) of 24 bits with every gap filled; what was received is the same to the bit, but for
    the cross-fade behind a gap. Raises Stopped."""
    passes = PASSES if method == BOTH_SIDES else 1
    views = 2 * len(samples) if len(samples) == 2 else len(samples)
    count = Gaps(desk, passes * views * len(gaps))
    waves = pcm.from_pcm(samples).astype(np.float64)
    for start, end in gaps:
        waves[:, start:end] = 0

    def one(wave: np.ndarray) -> np.ndarray:
        if method == BOTH_SIDES:
            return interpolate(wave, rate, gaps, count.one)
        return conceal(wave, rate, gaps, packet, method, count.one)

    return pcm.to_pcm(coupled(waves, one))


class Gaps:
    """Counts what is filled, for who waits."""

    def __init__(self, desk: Desk, every: int):
        self._desk, self._every, self._done = desk, every, 0

    def one(self) -> None:
        """One more begins. Raises Stopped."""
        self._desk.check()
        self._desk.progress(self._done, self._every, "gaps")
        self._done += 1


def _changed(before: np.ndarray, after: np.ndarray, gaps: list[tuple[int, int]]) -> int:
    """Samples of received packets that differ: those of the cross-fades."""
    differs = before != after
    for start, end in gaps:
        differs[:, start:end] = False
    return int(differs.sum())
