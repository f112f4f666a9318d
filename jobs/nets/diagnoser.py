"""A diagnosis model at work: an ONNX file and what it says of itself. Neither torch nor scikit-learn.

A file may come from anybody: its metadata is checked field by field, and one of another schema is refused.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from jobs.sound.damage import TARGETS
from jobs.sound.labels import EVERY_FLAW, INSTRUMENTS
from jobs.sound.profile import Profile
from jobs.sound.slots import NAMES, SCHEMA

INPUT, FLAWS, CORRECTION = "fingerprint", "flaws", "correction"
"""Names in the graph."""
KEY = "woodshed"
"""Of the metadata."""
LARGEST = 256 * 2**20
"""Bytes of a file."""
MODES = ("reference", "blind")
WAYS = ("match", "model")
"""How a correction is found: in closed form, or learned."""
EVERY = "all"
"""Instrument of a model that is for any of them."""
NONE = "none"
UNSURE = 0.5
"""Confidence below which it abstains."""
GRID = np.linspace(0, 1, 21)
"""Probabilities at which a calibration is kept."""
SEVERE = 3
"""onnxruntime's errors alone: its warnings would go to the terminal that the studio draws on."""


class Unusable(ValueError):
    """A file that is no diagnosis model of this schema: one line for a person."""


@dataclass(frozen=True)
class Finding:
    """The ``flaw`` that most speaks for, its calibrated ``confidence``, ``probabilities`` by flaw (``none``
    among them) as the model says them, whether it ``abstains``, and the 15 numbers of its ``correction``.
    """

    probabilities: dict[str, float]
    flaw: str
    confidence: float
    abstains: bool
    correction: np.ndarray | None

    def shares(self) -> dict[str, float]:
        """By flaw: where it is sure the calibrated chance, and what is left for the others as they share it
        in ``probabilities``; these themselves where it abstains."""
        others = {name: share for name, share in self.probabilities.items() if name != self.flaw}
        if self.abstains or not others:
            return self.probabilities
        if not any(share > 0 for share in others.values()):
            others = dict.fromkeys(others, 1.0)
        rest = (1 - self.confidence) / sum(others.values())
        return {
            name: others[name] * rest if name in others else self.confidence for name in self.probabilities
        }


class Diagnoser:
    """Raises Unusable for a file that is no model of ours or of another schema."""

    def __init__(self, path: Path):
        self.path = path
        try:
            if path.stat().st_size > LARGEST:
                raise Unusable(f"{path.name}: larger than {LARGEST >> 20} MiB; no diagnosis model is")
            options = onnxruntime.SessionOptions()
            options.log_severity_level = SEVERE
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            told = json.loads(self._session.get_modelmeta().custom_metadata_map[KEY])
        except OSError as error:
            raise Unusable(f"{path}: {(error.strerror or str(error)).lower()}") from None
        except KeyError:
            raise Unusable(
                f"{path.name}: an ONNX file, but no diagnosis model; woodshed diagnosis export"
            ) from None
        except Unusable:
            raise
        except Exception as error:
            first = " ".join(str(error).split())[:120]
            raise Unusable(f"{path.name}: can't be read as ONNX ({first})") from None
        self.told = _checked(told, path.name)
        outputs = {one.name: one.shape for one in self._session.get_outputs()}
        self._outputs = list(outputs)
        given = [(one.name, one.shape[1:]) for one in self._session.get_inputs()]
        widths = outputs.get(FLAWS, [])[1:], outputs.get(CORRECTION, [None, len(TARGETS)])[1:]
        if given != [(INPUT, [len(NAMES)])] or widths != ([len(self.told["classes"])], [len(TARGETS)]):
            raise Unusable(f"{path.name}: has other inputs and outputs than a diagnosis model")

    @property
    def mode(self) -> str:
        return str(self.told["mode"])

    @property
    def instrument(self) -> str:
        return str(self.told["instrument"])

    def template(self, instrument: str) -> tuple[Profile, np.ndarray] | None:
        """Mean profile and mean fingerprint (64,) of the gold sounds of an instrument, if it was learned."""
        kept = self.told["templates"].get(instrument)
        return None if kept is None else (Profile.of(kept["profile"]), np.array(kept["fingerprint"]))

    def worth(self, instrument: str, mode: str) -> dict[str, Any]:
        """What its test found of corrections in ``mode`` (reference or gold): the ``way`` that ships, the
        share of sounds it moved ``closer``, and that of the closed form, ``match``. Empty: not tried."""
        return self.told["ships"].get(instrument, {}).get(mode, {})

    def nearest(self, values: np.ndarray) -> str:
        """The instrument whose gold is nearest to a levelled fingerprint, by standard deviations."""
        away = {
            name: float(np.square((values - kept["fingerprint"]) / np.maximum(kept["spread"], 1e-6)).mean())
            for name, kept in self.told["templates"].items()
        }
        return min(away, key=lambda name: away[name]) if away else ""

    def run(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Probabilities (N, classes) and corrections (N, 15) of ``(N, 64)``."""
        found = dict(
            zip(self._outputs, self._session.run(None, {INPUT: rows.astype(np.float32)}), strict=True)
        )
        return found[FLAWS], found.get(CORRECTION)

    def find(self, values: np.ndarray) -> Finding:
        """Of ``(64,)``: a levelled fingerprint, or in reference mode its difference to the reference's."""
        probabilities, correction = self.run(values[None])
        classes = self.told["classes"]
        said = dict(zip(classes, map(float, probabilities[0]), strict=True))
        flaw = max(said, key=lambda name: said[name])
        confidence = float(np.interp(said[flaw], GRID, self.told["calibration"]))
        found = None if correction is None else correction[0]
        return Finding(said, flaw, confidence, confidence < UNSURE, found)


def _checked(told: Any, name: str) -> dict[str, Any]:
    """The metadata of a file, every field of which can be relied on."""
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        other = told.get("schema") if isinstance(told, dict) else None
        raise Unusable(
            f"{name}: made for fingerprints of schema {str(other)[:20]}, ours is {SCHEMA}; train it again"
        )
    if told.get("features") != list(NAMES):
        raise Unusable(f"{name}: has other features than schema {SCHEMA}; train it again")
    fits = (
        told.get("mode") in MODES
        and told.get("instrument") in (*INSTRUMENTS, EVERY)
        and told.get("targets") == list(TARGETS)
        and _are_classes(told.get("classes"))
        and _are_numbers(told.get("calibration"), len(GRID))
        and _are_templates(told.get("templates"))
        and _is_worth(told.get("ships"))
    )
    if not fits:
        raise Unusable(f"{name}: its description of itself is damaged; export it again")
    for kept in told["templates"].values():
        kept |= {key: np.array(kept[key], float) for key in ("fingerprint", "spread")}
    return told


def _are_classes(classes: Any) -> bool:
    known = {*EVERY_FLAW, NONE}
    words = isinstance(classes, list) and all(isinstance(one, str) and one in known for one in classes)
    return words and 0 < len(classes) == len(set(classes))


def _are_numbers(values: Any, count: int) -> bool:
    return isinstance(values, list) and len(values) == count and all(map(_is_number, values))


def _is_number(value: Any) -> bool:
    """Neither NaN nor infinite; JSON of others may have both."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_templates(templates: Any) -> bool:
    if not isinstance(templates, dict) or not templates.keys() <= set(INSTRUMENTS):
        return False
    for kept in templates.values():
        if not isinstance(kept, dict):
            return False
        if not all(_are_numbers(kept.get(key), len(NAMES)) for key in ("fingerprint", "spread")):
            return False
        try:
            Profile.of(kept["profile"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return False
    return True


def _is_worth(ships: Any) -> bool:
    """Whether it is what `Diagnoser.worth` takes for granted."""
    if not isinstance(ships, dict) or not all(isinstance(modes, dict) for modes in ships.values()):
        return False
    found = [kept for modes in ships.values() for kept in modes.values()]
    return all(
        isinstance(kept, dict)
        and kept.get("way") in WAYS
        and _is_number(kept.get("closer"))
        and (kept.get("match") is None or _is_number(kept["match"]))
        for kept in found
    )
