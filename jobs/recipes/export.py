"""Write a take to a file of the person's own, with a sidecar of everything it was made from."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jobs.desk import Desk
from jobs.destination import may_write
from jobs.recipes.finish import Master, finish
from jobs.recipes.outside import open_to_others
from jobs.sound.formats import Unwritable, check, format_of
from jobs.sound.reader import Reader, Unreadable, reading
from jobs.sound.tags import tags
from jobs.specs import ExportTake
from store.errors import BadInput, NotFound, Usage
from store.files import atomic
from store.library import Library

WORTH_A_WORD = 0.05
"""dB."""


def run(spec: ExportTake, desk: Desk) -> dict:
    """Raises NotFound, Usage (what the format can't hold, a file that is there), BadInput, Busy."""
    take = Library().takes.get(spec.take)
    if take is None:
        raise NotFound(f"no take {spec.take!r}")
    path, sidecar = Path(spec.path), Path(f"{spec.path}.json")
    master = Master(spec.rate, spec.space, spec.azimuth, _format(spec), spec.bits)
    may_write(path, spec.take)
    with _opened(take) as reader, _undone(path, sidecar):
        _check_channels(take, reader, master)
        exported = _asked(master, path)
        # The sidecar first: it is what tells the next attempt that the file is ours.
        _describe(sidecar, take, exported)
        facts = finish(
            _blocks(take, reader, desk), path, master, desk.attempt_folder, given=reader.info.channels,
            source=reader.info.rate, tags=tags(take | _space(master)), check=desk.check,
        )  # fmt: skip
        _describe(sidecar, take, exported | facts)
        for file in (path, sidecar):
            open_to_others(file)
    _say(desk, facts, master)
    return {"summary": {"path": str(path), "sidecar": str(sidecar), "take": spec.take, **facts}}


def _format(spec: ExportTake) -> str:
    try:
        format = format_of(spec.path)
        check(spec.rate, 1, format, spec.bits)
    except Unwritable as error:
        raise Usage(f"path: {error}") from None
    return format


@contextmanager
def _opened(take: dict[str, Any]) -> Iterator[Reader]:
    with _readable(take), reading(take["path"]) as reader:
        yield reader


@contextmanager
def _readable(take: dict[str, Any]) -> Iterator[None]:
    try:
        yield
    except Unreadable as error:
        hint = "; generate it again from its seed" if error.code == "missing" else ""
        raise BadInput(f"take {take.get('name')}: {error}{hint}") from None


def _blocks(take: dict[str, Any], reader: Reader, desk: Desk) -> Iterator[Any]:
    done, rate = 0, reader.info.rate
    with _readable(take):
        for block in reader:
            yield block
            done += block.shape[1]
            desk.progress(round(done / rate, 1), round(max(done, reader.info.frames) / rate, 1), "s")


@contextmanager
def _undone(path: Path, sidecar: Path) -> Iterator[None]:
    """When it fails, what was there is there again, and what was not is not."""
    had_file, before = path.exists(), sidecar.read_bytes() if sidecar.exists() else None
    try:
        yield
    except BaseException:
        if not had_file:
            path.unlink(missing_ok=True)
        if before is None:
            sidecar.unlink(missing_ok=True)
        elif sidecar.read_bytes() != before:
            atomic(sidecar, before)
        raise


def _check_channels(take: dict[str, Any], reader: Reader, master: Master) -> None:
    if reader.info.channels > 2:
        raise BadInput(f"take {take.get('name')}: {reader.info.channels} channels; 1 or 2 can be exported")
    try:
        check(master.rate, master.channels(reader.info.channels), master.format, master.bits)
    except Unwritable as error:
        raise Usage(f"path: {error}") from None


def _space(master: Master) -> dict[str, Any]:
    """What the file was asked to be beyond the take."""
    if master.space == "auto":
        return {}
    turned = {"azimuth": master.azimuth} if master.space in ("haas", "binaural") else {}
    return {"space": master.space, **turned}


def _asked(master: Master, path: Path) -> dict[str, Any]:
    return {
        "rate": master.rate, "bits": master.bits, "format": master.format, "path": str(path), **_space(master)
    }  # fmt: skip


def _describe(sidecar: Path, take: dict[str, Any], exported: dict[str, Any]) -> None:
    atomic(sidecar, json.dumps({**take, "exported": exported}, indent=1, allow_nan=False))


def _say(desk: Desk, facts: dict[str, Any], master: Master) -> None:
    ceiling = f"{master.ceiling:g} dBTP"
    if facts["turned_down_db"] > WORTH_A_WORD:
        desk.note(f"turned down by {facts['turned_down_db']:g} dB: its peaks were above {ceiling}")
    if facts["limited_db"] > WORTH_A_WORD:
        desk.note(f"peaks between samples were limited by up to {facts['limited_db']:g} dB, to {ceiling}")
