"""Fill the gaps of a sound: whole numbers of 24 bits in, the same out wherever nothing was lost."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from jobs.desk import Desk
from jobs.recipes.exact import exact_file, exact_stream, writable
from jobs.recipes.losses import Losses, losses_of
from jobs.recipes.outside import open_to_others
from jobs.run import cores
from jobs.sound.conceal import CROSS_FADE, Fill, concealer
from jobs.sound.decoder import Decoder
from jobs.sound.interpolate import Interpolator
from jobs.sound.pcm import from_pcm, to_pcm, writer
from jobs.sound.stereo import Coupled
from jobs.sound.stretches import Repairing, stretches
from jobs.sound.write import Writer
from jobs.specs import METHODS, Repair
from jobs.worth import NET, honest
from store.errors import BadInput
from store.library import Library

BOTH_SIDES = "janssen"
FITS = (0.9, 1.1)
"""Rates that a net is near enough to, by its own: 44.1 and 48 kHz for each other."""


def run(spec: Repair, desk: Desk) -> dict:
    """Raises Usage, NotFound, BadInput (the sound or the trace can't be used, a file is in the way), Busy."""
    out = exact_file(spec.out, desk, "out")
    with exact_stream(spec.input, "input", desk) as sound:
        info = sound.info
        lost = losses_of(spec, info.rate, info.frames, desk)
        method, name = _method(spec.model, info.rate, info.channels, desk)
        with (
            ThreadPoolExecutor(cores()) as pool,
            writable(out, "out"),
            writer(out, info.rate, info.channels, info.frames) as file,
        ):
            repairing = Coupled(info.channels, lambda: _one(method, info.rate, lost.packet), pool.map)
            changed = _through(sound, lost, repairing, file, desk)
            facts = file.close()
    open_to_others(out)
    return {"summary": {
        "path": str(out), "method": name, "seconds": facts["seconds"], "rate": info.rate,
        "channels": info.channels, **lost.record(), "exact": sound.exact,
        "changed_outside_gaps": changed, "cross_fade_ms": 1000 * CROSS_FADE,
    }}  # fmt: skip


def _method(model: str, rate: int, channels: int, desk: Desk) -> tuple[str | Fill, str]:
    """What fills the gaps, and what it is called. Raises NotFound, BadInput."""
    if model in METHODS:
        return model, model
    record = honest(Library().repairers.find(model))
    if not FITS[0] * record["rate"] <= rate <= FITS[1] * record["rate"]:
        raise BadInput(
            f"model: {record['name']} is for {record['rate']} Hz, the sound has {rate}; nearest: --model ar, "
            "which takes any rate"
        )
    if channels > 1:
        desk.note(f"{record['name']} hears one channel at a time; this sound has {channels}")
    if record["report"]["ships"] != NET:
        desk.note(f"{record['name']}: {record['verdict']}; linear prediction fills the gaps")
        return "ar", record["name"]
    # Its runtime takes memory that prediction alone doesn't need.
    from jobs.field.checked import Refused
    from jobs.field.net import Net

    try:
        return Net(Path(record["path"]) / "net.onnx").fill, record["name"]
    except Refused as error:
        raise BadInput(f"model: {error}") from None


def _one(method: str | Fill, rate: int, packet: int) -> Repairing:
    """What repairs one channel."""
    return Interpolator(rate) if method == BOTH_SIDES else concealer(rate, packet, method)


def _through(sound: Decoder, lost: Losses, repairing: Coupled, file: Writer, desk: Desk) -> int:
    """Every sample of ``sound`` through ``repairing`` into ``file``; how many that were received are others
    now: those of the cross-fades. Raises Stopped, Unreadable, Unwritable, OSError."""
    compared, info = Compared(), sound.info
    for start, end, received in stretches(lost.gaps, info.frames):
        desk.check()
        desk.progress(round(start / info.rate, 1), round(info.seconds, 1), "s")
        samples = sound.take(end - start)
        compared.given(samples, received)
        made = repairing.process(from_pcm(samples).astype(np.float64) if received else None, end - start)
        file.add(from_pcm(compared.made(to_pcm(made))))
    file.add(from_pcm(compared.made(to_pcm(repairing.rest()))))
    desk.progress(round(info.seconds, 1), round(info.seconds, 1), "s")
    return compared.changed


class Compared:
    """Holds what came in until what goes out can be held against it."""

    def __init__(self) -> None:
        self.changed = 0
        """Received samples that came out different."""
        self._waiting: deque[tuple[np.ndarray, bool]] = deque()

    def given(self, samples: np.ndarray, received: bool) -> None:
        self._waiting.append((samples, received))

    def made(self, samples: np.ndarray) -> np.ndarray:
        """The next ``samples`` (channels, n) that go out, as they are."""
        at, count = 0, samples.shape[1]
        while at < count:
            before, received = self._waiting.popleft()
            both = min(before.shape[1], count - at)
            if received:
                self.changed += int(np.count_nonzero(before[:, :both] != samples[:, at : at + both]))
            if both < before.shape[1]:
                self._waiting.appendleft((before[:, both:], received))
            at += both
        return samples
