"""A model on disk: weights and bank as safetensors, sounds as FLAC, the rest as JSON. Never pickle.

Everything read back is checked against what the net needs, since a model folder may come from
anybody: shapes, counts and finite numbers, each refused with one line.
"""

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from jobs.nets.bank import Bank, Slice
from jobs.nets.instrument import Instrument
from jobs.nets.losses import Statistics
from jobs.nets.scales import Exploration, Scale
from jobs.nets.vae import Shape, Vae
from jobs.nets.voice import Part, Voice
from jobs.sound import bands
from jobs.sound.descriptors import NAMES
from jobs.sound.io import Unreadable, read
from jobs.sound.reader import MAX_LEVEL
from jobs.sound.spectrum import HOP, RATE
from jobs.sound.tape import SLOT, Place
from jobs.sound.write import write

FORMAT = 3
FILES = ("net.json", "weights.safetensors", "bank.safetensors", "bank.flac")
MOST_SLOTS = 700_000


class Unusable(ValueError):
    """A model folder that can't be played; one line."""


def save(instrument: Instrument, folder: Path) -> None:
    """Write ``net.json``, ``weights.safetensors``, ``bank.safetensors`` and ``bank.flac`` into ``folder``.

    Of an instrument with one net, as training makes it.
    """
    (part,) = instrument.voice.parts
    scale = _write_sounds(instrument.bank, folder / "bank.flac")
    weights = {name: tensor.contiguous() for name, tensor in part.net.state_dict().items()}
    save_file(weights, folder / "weights.safetensors")
    save_file(_tensors(instrument), folder / "bank.safetensors")
    bank = instrument.bank
    described = {
        "format": FORMAT,
        "representation": bands.VERSION,
        "shape": asdict(part.net.shape),
        "statistics": asdict(part.statistics),
        "bank": {
            "scale": scale,
            "places": [asdict(place) for place in bank.places],
            "ends": list(bank.ends),
        },
        "scales": {
            name: {
                "values": one.values.tolist(),
                "spread": one.spread,
                "kind": one.kind,
                "reach": list(one.reach),
            }
            for name, one in instrument.scales.items()
        },
    }
    (folder / "net.json").write_text(json.dumps(described, allow_nan=False))


def _write_sounds(bank: Bank, path: Path) -> float:
    """Left and right, or the mid alone; the factor they were divided by.

    FLAC holds whole numbers only: what a resampler raised above full scale is turned down, and told.
    """
    sounds = bank.wave[None]
    if bank.side is not None:
        sounds = np.stack([bank.wave + bank.side, bank.wave - bank.side])
    scale = max(1.0, float(np.abs(sounds).max(initial=0.0)) * 1.0001)
    write(path, sounds / np.float32(scale), RATE, "flac", "24")
    return scale


def _tensors(instrument: Instrument) -> dict[str, torch.Tensor]:
    bank, exploration = instrument.bank, instrument.exploration
    slices = [[s.place, s.start, s.end, int(s.onset)] for s in bank.slices]
    return {
        "latents": bank.latents.contiguous(),
        "power": torch.from_numpy(bank.power),
        "slices": torch.tensor(slices, dtype=torch.int32),
        "marks": torch.from_numpy(bank.marks.astype(np.float32)),
        "components": exploration.components.contiguous(),
        "explored": torch.from_numpy(exploration.values.astype(np.float32)),
    }


def load(folder: Path) -> Instrument:
    """The instrument in ``folder``. Raises Unusable."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise Unusable(f"{folder.name}: {missing[0]} is missing from the model")
    try:
        described = json.loads((folder / "net.json").read_text())
        made = described["format"], described["representation"]
        if made != (FORMAT, bands.VERSION):
            raise Unusable(
                f"{folder.name}: made by another version (format {made[0]!r:.12}, representation "
                f"{made[1]!r:.12}; this one reads {FORMAT} and {bands.VERSION}); train it again"
            )
        net = _net(described, load_file(folder / "weights.safetensors"))
        tensors = load_file(folder / "bank.safetensors")
        bank = _bank(folder, described["bank"], tensors, net.shape.latent)
        scales = {name: _scale(described["scales"][name]) for name in NAMES}
        exploration = _exploration(tensors, net.shape.latent)
        statistics = _statistics(described["statistics"])
    except Unusable:
        raise
    except (OSError, Unreadable, SafetensorError) as error:
        raise Unusable(f"{folder.name}: {str(error).splitlines()[0][:120]}") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RuntimeError) as error:
        raise Unusable(f"{folder.name}: damaged model ({type(error).__name__})") from None
    return Instrument(Voice((Part(net, statistics),)), bank, scales, exploration)


def _net(described: dict, weights: dict[str, torch.Tensor]) -> Vae:
    shape = described["shape"]
    widths = tuple(int(width) for width in shape["widths"])
    if len(widths) != 3 or not all(8 <= w <= 1024 for w in widths) or not 1 <= shape["latent"] <= 4096:
        raise Unusable("the net's shape is out of range")
    net = Vae(Shape(int(shape["latent"]), widths, 0.0))
    net.load_state_dict(weights)
    if not all(bool(torch.isfinite(tensor).all()) for tensor in weights.values()):
        raise Unusable("the weights hold numbers that are not finite")
    return net


def _bank(folder: Path, described: dict, tensors: dict[str, torch.Tensor], latent: int) -> Bank:
    places = tuple(
        Place(str(p["name"]), str(p["digest"]), int(p["start"]), int(p["frames"]), int(p["slots"]))
        for p in described["places"]
    )
    slots = sum(place.slots for place in places)
    starts = np.cumsum([0] + [place.slots * SLOT for place in places])
    ends = tuple(int(end) for end in described["ends"])
    rows = tensors["slices"].tolist()
    slices = tuple(Slice(int(place), int(start), int(end), bool(onset)) for place, start, end, onset in rows)
    latents, power, marks = (tensors[name].float() for name in ("latents", "power", "marks"))
    fits = (
        0 < slots <= MOST_SLOTS
        and len(ends) == len(places)
        and all(p.slots > 0 and p.start == starts[i] for i, p in enumerate(places))
        and all(0 < p.frames <= p.slots * SLOT for p in places)
        and all(0 < end <= p.slots * SLOT for end, p in zip(ends, places, strict=True))
        and len(slices) > 0
        and all(0 <= s.place < len(places) and 0 <= s.start < s.end <= ends[s.place] for s in slices)
        and latents.shape == (latent, slots)
        and power.shape == (slots * SLOT,)
        and marks.shape == (len(slices), len(NAMES) + 1)
        and all(bool(torch.isfinite(tensor).all()) for tensor in (latents, power, marks))
        and bool((power >= 0).all())
    )
    if not fits:
        raise Unusable("the bank of sounds does not fit the net")
    scale = _finite(described["scale"])
    if not 1 <= scale <= MAX_LEVEL:
        raise Unusable("the level of the sounds is out of range")
    wave, side = _sounds(folder, slots * SLOT * HOP, scale)
    return Bank(places, latents, wave, side, power.numpy(), ends, slices, marks.numpy())


def _sounds(folder: Path, samples: int, scale: float) -> tuple[np.ndarray, np.ndarray | None]:
    """Mid and side."""
    audio, rate = read(folder / "bank.flac")
    if rate != RATE or len(audio) not in (1, 2) or audio.shape[1] != samples:
        raise Unusable("bank.flac does not hold what net.json says")
    if len(audio) == 1:
        return audio[0] * scale, None
    return (audio[0] + audio[1]) * (scale / 2), (audio[0] - audio[1]) * (scale / 2)


def _scale(described: dict) -> Scale:
    values = np.array(described["values"], float)
    kind, spread = str(described["kind"]), _finite(described["spread"])
    low, high = (_finite(edge) for edge in described["reach"])
    fits = (
        values.shape == (101,)
        and bool(np.isfinite(values).all() and (np.diff(values) >= 0).all())
        and kind in ("sound", "engine", "none")
        and spread > 0
        and 0 <= low <= high <= 100
    )
    if not fits:
        raise Unusable("a slider's scale is damaged")
    return Scale(values, spread, kind, (low, high))


def _statistics(described: dict) -> Statistics:
    found = Statistics(**{name: _finite(value) for name, value in described.items()})
    if min(found.level_scale, found.frequency_scale) <= 0:
        raise Unusable("the statistics of the sounds are damaged")
    return found


def _exploration(tensors: dict[str, torch.Tensor], latent: int) -> Exploration:
    components, values = tensors["components"].float(), tensors["explored"].float()
    count = len(components)
    if count > 16 or components.shape != (count, latent) or values.shape != (count, 101):
        raise Unusable("the exploration axes do not fit the net")
    if not bool(torch.isfinite(components).all() and torch.isfinite(values).all()):
        raise Unusable("the exploration axes hold numbers that are not finite")
    return Exploration(components, values.numpy())


def _finite(value: float) -> float:
    if not math.isfinite(float(value)):
        raise Unusable("a number is not finite")
    return float(value)
