"""A take handed to the person who asked for it: a copy of audio and sidecar at a place of their own."""

import json
import shutil
from pathlib import Path

from jobs.specs import FORMAT_ENDINGS, Generate
from store import files
from store.errors import BadInput, Usage


def target_of(spec: Generate, name: str, count: int) -> Path | None:
    """The file of one's own that was asked for. Raises Usage when its ending names another format."""
    if not spec.out:
        return None
    target = Path(spec.out)
    if count > 1 or target.is_dir() or not target.suffix:
        target = target / f"{name}.{spec.format}"
    if FORMAT_ENDINGS.get(target.suffix.lower()) != spec.format:
        raise Usage(
            f"out: {target.name} ends in {target.suffix}, the format is {spec.format}; "
            f"nearest: {target.with_suffix('.' + spec.format).name}"
        )
    return target


def hand_out(audio: Path, take: str, target: Path) -> None:
    """A copy of a take's audio, and of the sidecar beside it, where the person asked for one; never over a
    file that is there. Raises BadInput, Busy."""
    sidecar = target.with_name(f"{target.name}.json")
    there = next((file for file in (target, sidecar) if file.exists()), None)
    # An attempt before this one may have got so far.
    if there and _take_of(sidecar) != take:
        raise BadInput(f"out: {there} exists already; choose another name")
    try:
        with files.disk(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.part")
            shutil.copyfile(audio, draft)
            shutil.copyfile(audio.with_suffix(".json"), sidecar)
            draft.rename(target)
    except OSError as error:
        raise BadInput(f"out: {target} can't be written ({error.strerror})") from None


def _take_of(sidecar: Path) -> str:
    """The id in a sidecar, or nothing."""
    try:
        content = json.loads(sidecar.read_bytes())
    except (OSError, ValueError):
        return ""
    return str(content.get("id", "")) if isinstance(content, dict) else ""
