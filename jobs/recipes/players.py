"""What a take is played on: a model, several blended, or a model over other sounds. Kept ready."""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jobs.nets import bank, saved
from jobs.nets.blend import blend
from jobs.nets.instrument import Instrument
from jobs.sound.io import Unreadable, read
from jobs.sound.spectrum import RATE
from jobs.specs import MODELS_AT_MOST, Generate
from store import files
from store.errors import BadInput, NotFound
from store.library import Library

LOADED = 4
"""Instruments the engine keeps ready."""
LONGEST = 600.0
"""Seconds of a sound that is played through a model."""
SHORTEST = 0.1
SILENT = 1e-4

_ready: OrderedDict[tuple, Any] = OrderedDict()


def _kept(key: tuple, make: Callable[[], Any]) -> Any:
    """What ``make`` makes, once; the last few stay."""
    if key not in _ready:
        made = make()
        _ready[key] = made
        while len(_ready) > LOADED:
            _ready.popitem(last=False)
    _ready.move_to_end(key)
    return _ready[key]


def instrument_of(model: Mapping[str, Any]) -> Instrument:
    """The model, loaded. Raises BadInput when its files are not what they were."""
    return _kept((model["path"], model["sha256"]), lambda: _loaded(model))


def _loaded(model: Mapping[str, Any]) -> Instrument:
    folder = Path(model["path"])
    try:
        text = (folder / "manifest.json").read_text()
        complaints = files.verify(folder, json.loads(text))
    except (OSError, ValueError, AttributeError, TypeError):
        raise BadInput(
            f"model {model['name']}: its folder is gone or damaged ({folder}); train or import it again"
        ) from None
    if files.sha256(folder / "manifest.json") != model["sha256"]:
        complaints.insert(0, "manifest.json: changed since it was written")
    if complaints:
        raise BadInput(f"model {model['name']}: {complaints[0]}; train or import it again")
    try:
        return saved.load(folder)
    except saved.Unusable as error:
        raise BadInput(f"model {model['name']}: {error}") from None


def models_of(library: Library, spec: Generate) -> list[tuple[dict, float]]:
    """What is played, with its weights. Raises BadInput, NotFound."""
    found = [(library.models.find(key), weight) for key, weight in spec.played.items()]
    if not found:
        raise BadInput(
            "blend: the weights add up to 0, so nothing is left to play; nearest: 1 for one of them"
        )
    if len(found) > MODELS_AT_MOST:
        raise BadInput(f"blend: {len(found)} models; at most {MODELS_AT_MOST}")
    return found


def blend_of(models: list[tuple[dict, float]]) -> tuple[Instrument, tuple[tuple[int, float], ...]]:
    """One instrument of several models, and its shares; each is loaded once."""
    if len(models) == 1:
        return instrument_of(models[0][0]), ()
    key = tuple((model["path"], model["sha256"], weight) for model, weight in models)
    return _kept(key, lambda: blend([(instrument_of(model), weight) for model, weight in models]))


@dataclass(frozen=True)
class Over:
    """``instrument`` as it is ``played`` over other sounds, the first of which is ``seconds`` long."""

    instrument: Instrument
    played: Instrument
    seconds: float


def over(instrument: Instrument, library: Library, sounds: tuple[str, ...], field: str) -> Over:
    """The instrument playing takes or files instead of its own sounds. Raises BadInput, NotFound."""
    named = [_located(library, sound, field) for sound in sounds]
    whole = field == "resynthesise"
    key = (
        id(instrument),
        whole,
        *((str(path), path.stat().st_mtime_ns, path.stat().st_size) for _, path in named),
    )

    def make() -> Over:
        heard = [(name, _sound(name, path, field)) for name, path in named]
        # Beside the instrument it was made from, whose id would otherwise be another's some day.
        played = instrument.with_bank(bank.of_sounds(instrument.voice, heard, whole))
        return Over(instrument, played, heard[0][1].shape[1] / RATE)

    return _kept(key, make)


def digest(library: Library, sound: str) -> str:
    """SHA-256 of the file of a take or of a sound. Raises NotFound."""
    return files.sha256(_located(library, sound, "sound")[1])


def _located(library: Library, sound: str, field: str) -> tuple[str, Path]:
    if sound.startswith("/"):
        path = Path(sound)
        name = path.name
    else:
        take = library.takes.find(sound)
        path, name = Path(take["path"]), take["name"]
    if not path.is_file():
        raise NotFound(f"{field}: {name} is gone ({path})")
    return name, path


def _sound(name: str, path: Path, field: str) -> np.ndarray:
    """``(1|2, samples)`` at 48 kHz."""
    try:
        audio, _ = read(path, rate=RATE, max_seconds=LONGEST)
    except Unreadable as error:
        raise BadInput(f"{field}: {error}") from None
    if audio.shape[1] < SHORTEST * RATE:
        raise BadInput(f"{field}: {name} is shorter than {SHORTEST:g} s; choose a longer sound")
    if float(np.abs(audio).max()) < SILENT:
        raise BadInput(f"{field}: {name} is silent; choose another sound")
    return audio[:2]
