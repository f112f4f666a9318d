"""Degrade a sound: packets lost as a trace says, or one of the kinds of ``jobs.sound.amounts``."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.recipes.exact import exact_file, exact_sound, exact_stream, writable
from jobs.recipes.losses import losses_of
from jobs.recipes.outside import OURS, give_json, new_file, open_to_others
from jobs.repairs import LOSS, USUAL, Degrade
from jobs.sound import pcm
from jobs.sound.degrade import degrade
from jobs.sound.formats import fit_tag, format_of
from jobs.sound.reader import Info
from jobs.sound.stretches import stretches
from store.errors import Usage


def run(spec: Degrade, desk: Desk) -> dict:
    """Raises Usage, NotFound, BadInput (the sound or the trace can't be used, a file is in the way), Busy."""
    amount = _amount(spec)
    out, sidecar = exact_file(spec.out, desk, "out"), new_file(f"{spec.out}.json", desk, "sidecar")
    told = _lost(spec, out, desk) if spec.kind == LOSS else _degraded(spec, amount, out, desk)
    open_to_others(out)
    give_json(sidecar, {OURS: 1, **told})
    return {"summary": {"path": str(out), "sidecar": str(sidecar), **_brief(told)}}


def _amount(spec: Degrade) -> dict[str, str]:
    """``name=value`` words by name. Raises Usage."""
    words = spec.amount.replace(",", " ").split()
    if spec.kind == LOSS and words:
        raise Usage(f"amount: {LOSS} takes none; trace and packet_ms say what is lost")
    if spec.kind != LOSS and spec.trace:
        raise Usage(f"trace: only {LOSS} takes one; leave it out, or take kind {LOSS}")
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not value or name in found:
            what = "is given twice" if name in found else "is not name=value"
            raise Usage(f"amount: {word[:60]!r} {what}; example: level_db=-12")
        found[name] = value
    return found


def _lost(spec: Degrade, out: Path, desk: Desk) -> dict[str, Any]:
    """Zeros where packets are lost; all else is the same to the bit."""
    asked = replace(spec, trace=spec.trace or USUAL)
    with exact_stream(spec.input, "input", desk) as sound:
        info = sound.info
        lost = losses_of(asked, info.rate, info.frames, desk)
        told = {**_of(spec, info), "kind": LOSS, "seed": spec.seed, "trace": Path(asked.trace).name,
                **lost.record()}  # fmt: skip
        shape = info.rate, info.channels, info.frames
        with writable(out, "out"), pcm.writer(out, *shape, _tags(out, told)) as file:
            for start, end, received in stretches(lost.gaps, info.frames):
                desk.check()
                desk.progress(round(start / info.rate, 1), round(info.seconds, 1), "s")
                samples = sound.take(end - start)
                file.add(pcm.from_pcm(samples if received else np.zeros_like(samples)))
            file.close()
        desk.progress(round(info.seconds, 1), round(info.seconds, 1), "s")
    return told


def _degraded(spec: Degrade, amount: dict[str, str], out: Path, desk: Desk) -> dict[str, Any]:
    sound = exact_sound(spec.input, "input", desk)
    try:
        made, found = degrade(pcm.from_pcm(sound.samples), sound.rate, spec.kind, spec.seed, **amount)
    except ValueError as error:
        raise Usage(str(error)) from None
    for note in _held(spec.kind, amount, found, sound.rate):
        desk.note(note)
    over = int((np.abs(made) > 1).sum())
    if over:
        desk.note(f"{over} samples are above full scale and are cut off there; a softer input keeps them")
    told = {**_of(spec, sound.info), **found, "above_full_scale": over}
    with writable(out, "out"):
        pcm.write_pcm(out, pcm.to_pcm(made), sound.rate, _tags(out, told))
    return told


def _held(kind: str, amount: dict[str, str], found: dict[str, Any], rate: int) -> Iterator[str]:
    """What was asked for and is more than a sound of that ``rate`` has room for."""
    for name, value in amount.items():
        if float(value) > found[name]:
            yield (
                f"{kind}: {name}: {float(value):g} is more than a rate of {rate} Hz can hold; "
                f"{found[name]:g} is taken"
            )


def _of(spec: Degrade, info: Info) -> dict[str, Any]:
    return {"of": Path(spec.input).name, "rate": info.rate, "channels": info.channels,
            "seconds": info.seconds}  # fmt: skip


def _brief(told: dict[str, Any]) -> dict[str, Any]:
    """Without what may be thousands of places."""
    return {key: value for key, value in told.items() if not isinstance(value, list)}


def _tags(out: Path, told: dict[str, Any]) -> dict[str, str]:
    comment = json.dumps({"program": "woodshed", **_brief(told)}, separators=(",", ":"), allow_nan=False)
    return {"title": out.stem, "software": "Woodshed", "comment": fit_tag(comment, format_of(out))}
