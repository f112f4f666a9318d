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

from jobs.nets.bank import Bank
from jobs.nets.instrument import Instrument, Scale
from jobs.nets.losses import Statistics
from jobs.nets.vae import Shape, Vae
from jobs.sound import bands
from jobs.sound.descriptors import AXES
from jobs.sound.io import Unreadable, read
from jobs.sound.spectrum import HOP, RATE
from jobs.sound.tape import SLOT, Place
from jobs.sound.write import write

FORMAT = 1
FILES = ("net.json", "weights.safetensors", "bank.safetensors", "bank.flac")
MOST_SLOTS = 700_000


class Unusable(ValueError):
    """A model folder that can't be played; one line."""


def save(instrument: Instrument, folder: Path) -> None:
    """Write ``net.json``, ``weights.safetensors``, ``bank.safetensors`` and ``bank.flac`` into ``folder``."""
    bank = instrument.bank
    peak = float(np.abs(bank.wave).max()) if len(bank.wave) else 0.0
    # FLAC holds whole numbers only: what a resampler raised above full scale is turned down, and told.
    scale = max(1.0, peak * 1.0001)
    write(folder / "bank.flac", bank.wave[None] / scale, RATE, "flac", "24")
    weights = {name: tensor.contiguous() for name, tensor in instrument.net.state_dict().items()}
    save_file(weights, folder / "weights.safetensors")
    save_file(
        {"latents": bank.latents.contiguous(), "power": torch.from_numpy(bank.power)},
        folder / "bank.safetensors",
    )
    described = {
        "format": FORMAT,
        "representation": bands.VERSION,
        "shape": asdict(instrument.net.shape),
        "statistics": asdict(instrument.statistics),
        "bank": {
            "scale": scale,
            "places": [asdict(place) for place in bank.places],
            "ends": list(bank.ends),
            "onsets": [list(onsets) for onsets in bank.onsets],
        },
        "scales": {
            name: {
                "values": scale_.values.tolist(),
                "spread": scale_.spread,
                "sounds": scale_.sounds.tolist(),
                "available": scale_.available,
            }
            for name, scale_ in instrument.scales.items()
        },
    }
    (folder / "net.json").write_text(json.dumps(described, allow_nan=False))


def load(folder: Path) -> Instrument:
    """The instrument in ``folder``. Raises Unusable."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise Unusable(f"{folder.name}: {missing[0]} is missing from the model")
    try:
        described = json.loads((folder / "net.json").read_text())
        if described["format"] != FORMAT or described["representation"] != bands.VERSION:
            raise Unusable(
                f"{folder.name}: made by another version (format {described['format']}, representation "
                f"{described['representation']}; this one reads {FORMAT} and {bands.VERSION}); train it again"
            )
        net = _net(described, load_file(folder / "weights.safetensors"))
        bank = _bank(folder, described["bank"], load_file(folder / "bank.safetensors"), net.shape.latent)
        scales = {axis.name: _scale(described["scales"][axis.name], len(bank.places)) for axis in AXES}
        statistics = Statistics(**{name: _finite(v) for name, v in described["statistics"].items()})
    except Unusable:
        raise
    except (OSError, Unreadable, SafetensorError) as error:
        raise Unusable(f"{folder.name}: {str(error).splitlines()[0][:120]}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise Unusable(f"{folder.name}: damaged model ({type(error).__name__})") from None
    return Instrument(net, statistics, bank, scales)


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
    onsets = tuple(tuple(int(t) for t in of_one) for of_one in described["onsets"])
    latents, power = tensors["latents"].float(), tensors["power"].float()
    fits = (
        0 < slots <= MOST_SLOTS
        and len(ends) == len(onsets) == len(places)
        and all(p.slots > 0 and p.start == starts[i] for i, p in enumerate(places))
        and all(0 < end <= p.slots * SLOT for end, p in zip(ends, places, strict=True))
        and all(0 <= t < p.slots * SLOT for of_one, p in zip(onsets, places, strict=True) for t in of_one)
        and latents.shape == (latent, slots)
        and power.shape == (slots * SLOT,)
        and bool(torch.isfinite(latents).all() and torch.isfinite(power).all())
    )
    if not fits:
        raise Unusable("the bank of sounds does not fit the net")
    audio, rate = read(folder / "bank.flac")
    if rate != RATE or audio.shape != (1, slots * SLOT * HOP):
        raise Unusable("bank.flac does not hold what net.json says")
    return Bank(places, latents, audio[0] * _finite(described["scale"]), power.numpy(), ends, onsets)


def _scale(described: dict, sounds: int) -> Scale:
    values = np.array(described["values"], float)
    positions = np.array(described["sounds"], float)
    if values.shape != (101,) or positions.shape != (sounds,) or not np.isfinite(values).all():
        raise Unusable("a slider's scale is damaged")
    return Scale(values, _finite(described["spread"]), positions, bool(described["available"]))


def _finite(value: float) -> float:
    if not math.isfinite(float(value)):
        raise Unusable("a number is not finite")
    return float(value)
