"""What can be said about a request before it becomes a job: its options, takes, paths."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobs import specs
from jobs.destination import may_write
from store import names
from store.errors import BadInput, NotFound, Usage
from store.library import Library


def check_purpose(typed: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Raises Usage for an option that was typed and has no effect on a request of these ``values``."""
    if "amount" in typed and not values.get("vary"):
        raise Usage("amount: goes with vary; name the take to vary")
    if "azimuth" in typed and values.get("space") not in ("haas", "binaural"):
        raise Usage("azimuth: goes with space haas or binaural; choose one of them")


def check_takes(library: Library, takes: Iterable[str]) -> None:
    """Raises Usage when there are none, NotFound when the audio of one is gone."""
    found = [library.takes.get(id) or {} for id in takes]
    if not found:
        raise Usage("takes: none named; example: woodshed data feed drums 3fa 81c")
    for take in found:
        if not Path(str(take.get("path"))).is_file():
            again = f"woodshed generate --from {take.get('id')}"
            name = names.shown(str(take.get("name")))
            raise NotFound(f"takes: the audio of {name} is gone; {again} makes it again")


def export_path(spec: specs.ExportTake, take: Mapping[str, Any]) -> specs.ExportTake:
    """The spec with the absolute file; a folder gets the take's own name. Raises Usage or NotFound."""
    path = Path(spec.path).expanduser().absolute()
    if path.is_dir():
        path = path / f"{file_name(str(take.get('name')))}.wav"
    specs.check_format(_ending("path", path), spec.rate, spec.bits)
    may_write(path, spec.take)
    return replace(spec, path=str(path))


def export_files(takes: Iterable[Mapping[str, Any]], folder: str, format: str) -> list[str]:
    """A file in ``folder`` for each of several takes, named after it. Raises NotFound without the folder."""
    into = Path(folder).expanduser().absolute()
    if not into.is_dir():
        raise NotFound(f"folder: {folder or 'none given'}: no such folder; make it first")
    taken: list[str] = []
    for take in takes:
        taken.append(names.fresh(file_name(str(take.get("name"))), taken))
    return [str(into / f"{name}.{format}") for name in taken]


def file_name(name: str) -> str:
    """That of a take, as the name of a file."""
    return names.file_stem(name, "take")


def sound_file(spec: specs.Generate, format_given: bool) -> specs.Generate:
    """The spec with an absolute ``out`` and the format that its ending asks for.

    Raises Usage (also for what no file of that format holds), NotFound or BadInput (the file exists).
    """
    spec = _out_path(spec, format_given) if spec.out else spec
    specs.check_format(spec.format, spec.rate, spec.bits)
    return spec


def _out_path(spec: specs.Generate, format_given: bool) -> specs.Generate:
    path = Path(spec.out).expanduser().absolute()
    _parent(path)
    _free(path)
    if path.is_dir() or not path.suffix:
        return replace(spec, out=str(path))
    if spec.count > 1:
        raise Usage(f"out: {path.name!r} is one file, but count is {spec.count}; give a folder")
    form = _ending("out", path)
    if format_given and spec.format != form:
        fitting = path.with_suffix(f".{spec.format}").name
        raise Usage(
            f"format: {spec.format} does not fit {path.name!r}; nearest: {fitting!r}, or format {form}"
        )
    return replace(spec, out=str(path), format=form)


def _ending(field: str, path: Path) -> str:
    ending, known = path.suffix.lower(), specs.FORMAT_ENDINGS
    if ending not in known:
        near = specs.nearest(ending, known)
        raise Usage(f"{field}: {path.name!r} has no audio ending{near}; one of {', '.join(known)}")
    return known[ending]


def _free(path: Path) -> None:
    """Raises BadInput where the file or its sidecar is there already."""
    if path.is_dir():
        return
    # Without an ending it is a folder that is to be made.
    files = (path, path.with_name(f"{path.name}.json")) if path.suffix else (path,)
    there = next((file for file in files if file.exists()), None)
    if there:
        taken = (Path(other.name.removesuffix(".json")).stem for other in path.parent.iterdir())
        raise BadInput(
            f"out: {there} exists already; nearest free: {names.fresh(path.stem, taken)}{path.suffix}"
        )


def _parent(path: Path) -> None:
    if not path.parent.is_dir():
        raise NotFound(f"{path.parent}: no such folder; make it first")
