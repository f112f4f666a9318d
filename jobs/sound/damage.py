"""Flaws made on purpose, by known processing, so that what would correct them is known as well.

Each flaw is one `Step`, drawn within bounds from a generator; several are made one after the other. The
parameters are the truth that a diagnosis is held against: nothing is measured on the result.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from jobs.sound import dynamics, loudness
from jobs.sound.equaliser import Band, equalise, response
from jobs.sound.profile import step_levels
from jobs.sound.starts import slices

CEILING_DB = -0.3
"""Peak of a flawed sound at most; above it the whole sound is turned down."""
QUIET = 10 ** (-60 / 20)
EQ_RATE = 192_000
"""Hz at which gains of a correction are told: far from where a filter bends."""
HEARD_DB = 60.0
MIDDLE, LOUD = (40, 60), 95
"""Percentiles of levels that dynamics are told by."""
OCTAVES = tuple(31.25 * 2**n for n in range(10))
"""Hz of the bands of a correction, 31 Hz to 16 kHz."""
TARGETS = (*(f"eq_{hertz:.0f}" for hertz in OCTAVES), "resonance_db", "resonance_log2_hz", "dynamics_db",
           "timing_ms", "drive_db")  # fmt: skip
"""What a correction is made of, in order: dB of an equaliser per octave; a narrow cut and where; how much
more the level should spread; by how much hits are off; how far the sound was driven."""
NARROW = 6.0
"""Q from which on a peak is a resonance and not part of the equaliser."""


@dataclass(frozen=True)
class Step:
    """A flaw and how it was made: ``effect`` is peak, low, high, compress, drive, soften, shift or flam, and
    ``values`` are its parameters (hertz, gain dB, q, seconds ...)."""

    flaw: str
    effect: str
    values: dict[str, float]

    def record(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Bounds:
    """What parameters of an effect are drawn from: uniformly, ``hertz`` by octaves."""

    effect: str
    gain: tuple[float, float] = (0.0, 0.0)
    hertz: tuple[float, float] = (0.0, 0.0)
    q: float = 0.7071

    def draw(self, flaw: str, rng: np.random.Generator) -> list[Step]:
        octaves = rng.uniform(*np.log2(self.hertz))
        values = {"hertz": 2.0**octaves, "gain": rng.uniform(*self.gain), "q": self.q}
        return [Step(flaw, self.effect, {name: round(float(value), 4) for name, value in values.items()})]


def _around(hertz: float, octaves: float = 0.2) -> tuple[float, float]:
    return hertz * 2**-octaves, hertz * 2**octaves


EQUALISED = {
    "muddy": Bounds("peak", (6, 12), _around(300), 1.0),
    "harsh": Bounds("peak", (6, 12), _around(3200), 1.2),
    "boxy": Bounds("peak", (6, 12), _around(550), 1.6),
    "nasal": Bounds("peak", (6, 12), _around(1000), 2.0),
    "boomy": Bounds("peak", (6, 12), _around(90), 1.0),
    "sibilant": Bounds("peak", (6, 12), _around(7000), 1.4),
    "thin": Bounds("low", (-15, -8), _around(250)),
    "dark": Bounds("high", (-15, -8), _around(4000)),
    "ringy": Bounds("peak", (14, 22), (400, 3200), 18.0),
}


def _overcompressed(flaw: str, rng: np.random.Generator) -> list[Step]:
    """Squashed, hits and all: with an attack alone a click would stay above the rest by some 17 dB."""
    ratio = float(rng.choice([6, 10, 20]))
    values = {"below": 18.0, "ratio": ratio, "attack": 0.001, "release": 0.06, "ahead": 0.005}
    return [Step(flaw, "compress", values)]


def _distorted(flaw: str, rng: np.random.Generator) -> list[Step]:
    return [Step(flaw, "drive", {"gain": round(rng.uniform(10, 24), 4)})]


def _undefined(flaw: str, rng: np.random.Generator) -> list[Step]:
    """A bass of which neither the strings nor the attack are heard."""
    dull = {"hertz": round(800 * 2 ** rng.uniform(-0.2, 0.2), 4), "gain": round(rng.uniform(-14, -8), 4),
            "q": 0.7071}  # fmt: skip
    return [Step(flaw, "high", dull), Step(flaw, "soften", {"amount": round(rng.uniform(0.6, 1.0), 4)})]


def _sloppy(flaw: str, rng: np.random.Generator) -> list[Step]:
    """Hits out of time; of a single hit there is no time, so it is struck twice."""
    timing = {"seconds": round(rng.uniform(0.015, 0.04), 4), "seed": float(rng.integers(0, 2**31))}
    return [Step(flaw, "shift", timing)]


DRAWN: dict[str, Callable[[str, np.random.Generator], list[Step]]] = {
    "overcompressed": _overcompressed,
    "distorted": _distorted,
    "undefined": _undefined,
    "sloppy": _sloppy,
    **{flaw: bounds.draw for flaw, bounds in EQUALISED.items()},
}
"""Flaw -> how its steps are drawn."""


def draw(flaws: Sequence[str], rng: np.random.Generator) -> list[Step]:
    """The steps of several flaws, in their order."""
    return [step for flaw in flaws for step in DRAWN[flaw](flaw, rng)]


def damage(audio: np.ndarray, rate: int, steps: Sequence[Step]) -> tuple[np.ndarray, list[Step]]:
    """(channels, samples) float32 after all ``steps``, as loud as before where peaks allow it; and the steps
    as they were made.

    What a step found out on the way (the threshold in dBFS, that there was one hit only) is in its values.
    """
    before = loudness.measure(audio, rate).level
    made = []
    for step in steps:
        audio, done = EFFECTS[step.effect](audio, rate, step)
        made.append(done)
    after = loudness.measure(audio, rate).level
    gain = before - after if before is not None and after is not None else 0.0
    peak = float(np.abs(audio).max(initial=QUIET))
    gain = min(gain, CEILING_DB - 20 * float(np.log10(max(peak, QUIET))))
    return (audio * np.float32(10 ** (gain / 20))).astype(np.float32), made


def _equalised(audio: np.ndarray, rate: int, step: Step) -> tuple[np.ndarray, Step]:
    return equalise(audio, rate, [_band(step)]), step


def _compressed(audio: np.ndarray, rate: int, step: Step) -> tuple[np.ndarray, Step]:
    values = step.values
    level = loudness.measure(audio, rate).level
    threshold = (level if level is not None else -60.0) - values["below"]
    ballistics = (values[name] for name in ("ratio", "attack", "release", "ahead"))
    made = dynamics.compress(audio, rate, threshold, *ballistics)
    return made, Step(step.flaw, step.effect, {**values, "threshold": round(threshold, 4)})


def _driven(audio: np.ndarray, rate: int, step: Step) -> tuple[np.ndarray, Step]:
    return dynamics.drive(audio, step.values["gain"]), step


def _softened(audio: np.ndarray, rate: int, step: Step) -> tuple[np.ndarray, Step]:
    return dynamics.soften(audio, rate, step.values["amount"]), step


def _shifted(audio: np.ndarray, rate: int, step: Step) -> tuple[np.ndarray, Step]:
    rng = np.random.default_rng(int(step.values["seed"]))
    spread, parts = step.values["seconds"], slices(audio, rate)
    if len(parts) < 2:
        late = round(spread * rate)
        again = np.pad(audio, ((0, 0), (late, 0)))[:, : audio.shape[1]]
        mixed = audio + np.float32(0.6) * again
        return mixed, Step(step.flaw, "flam", {"seconds": late / rate, "gain": round(20 * np.log10(0.6), 4)})
    out = np.zeros_like(audio)
    moves = np.round(np.clip(rng.normal(0, spread, len(parts)), -3 * spread, 3 * spread) * rate).astype(int)
    moves[0] = abs(moves[0])
    for (start, end), move in zip(parts, moves, strict=True):
        at = min(max(0, start + int(move)), audio.shape[1])
        part = _faded(audio[:, start:end], rate)[:, : audio.shape[1] - at]
        out[:, at : at + part.shape[1]] += part
    told = {"seconds": spread, "rms_ms": round(float(np.sqrt(np.mean(np.square(moves / rate)))) * 1000, 4)}
    return out, Step(step.flaw, step.effect, {**step.values, **told, "hits": float(len(parts))})


def _faded(part: np.ndarray, rate: int) -> np.ndarray:
    """Its end within 5 ms, so that a slice that is cut does not click."""
    count = min(part.shape[1], round(0.005 * rate))
    part = part.copy()
    part[:, part.shape[1] - count :] *= np.linspace(1, 0, count, dtype=np.float32)
    return part


Effect = Callable[[np.ndarray, int, Step], tuple[np.ndarray, Step]]
EFFECTS: dict[str, Effect] = {
    "peak": _equalised,
    "low": _equalised,
    "high": _equalised,
    "compress": _compressed,
    "drive": _driven,
    "soften": _softened,
    "shift": _shifted,
}


def barely(audio: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """(channels, samples) after a change that nobody would call a flaw: three broad bands, 1.5 dB at most."""
    hertz, gains = 2 ** rng.uniform(np.log2(80), np.log2(8000), 3), rng.uniform(-1.5, 1.5, 3)
    return equalise(
        audio, rate, [Band("peak", float(at), float(gain)) for at, gain in zip(hertz, gains, strict=True)]
    )


def correction(clean: np.ndarray, flawed: np.ndarray, rate: int, steps: Sequence[Step]) -> dict[str, float]:
    """What undoes ``steps``, from their parameters; the spread of levels that compression took is measured on
    both versions. Keys are `TARGETS`."""
    values = dict.fromkeys(TARGETS, 0.0)
    equalising = [step for step in steps if step.effect in ("peak", "low", "high")]
    broad = [step for step in equalising if step.values["q"] < NARROW]
    undone = -response([_band(step) for step in broad], np.array(OCTAVES), EQ_RATE)
    values |= {name: float(gain) for name, gain in zip(TARGETS, undone, strict=False)}
    for step in equalising:
        if step.values["q"] >= NARROW:
            values["resonance_db"] = -step.values["gain"]
            values["resonance_log2_hz"] = float(np.log2(step.values["hertz"]))
    if any(step.effect in ("compress", "soften", "drive") for step in steps):
        values["dynamics_db"] = squeezed(clean, flawed, rate)
    for step in steps:
        if step.effect in ("shift", "flam"):
            values["timing_ms"] = step.values.get("rms_ms", step.values["seconds"] * 1000)
        if step.effect == "drive":
            values["drive_db"] = -step.values["gain"]
    return {name: round(value, 3) for name, value in values.items()}


def squeezed(clean: np.ndarray, flawed: np.ndarray, rate: int) -> float:
    """dB by which the loudest moments (of 10 ms) of a sound were turned down against the middle ones."""
    before, after = (step_levels(audio, rate) for audio in (clean, flawed))
    count = min(len(before), len(after))
    before, after = before[:count], after[:count]
    heard = before > before.max() - HEARD_DB
    low, high, loud = np.percentile(before[heard], (*MIDDLE, LOUD))
    change = after - before
    middle = change[heard & (before >= low) & (before <= high)]
    return float(np.median(middle) - change[before >= loud].mean())


def _band(step: Step) -> Band:
    values = step.values
    return Band(step.effect, values["hertz"], values["gain"], values["q"])  # type: ignore[arg-type]
