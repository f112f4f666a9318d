"""A model of somebody else is believed nothing that was not looked at (FP-09)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from jobs.nets import forest
from jobs.nets.diagnoser import GRID, Diagnoser, Finding, Unusable
from jobs.nets.portable import joined
from jobs.sound.damage import TARGETS
from jobs.sound.slots import NAMES, SCHEMA

TOLD = {
    "schema": SCHEMA, "features": list(NAMES), "mode": "reference", "instrument": "drums",
    "classes": ["muddy", "none"], "targets": list(TARGETS), "calibration": list(GRID), "templates": {},
    "ships": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two classes."""
    features = np.random.default_rng(0).normal(size=(20, len(NAMES))).astype(np.float32)
    flaws = np.array(["muddy", "none"] * 10)
    classifier = forest.CLASSIFIERS["discriminant"](0).fit(features, flaws)
    path = tmp_path_factory.mktemp("model") / "whole.onnx"
    path.write_bytes(joined(classifier, None, len(NAMES), TOLD))
    return path


def test_a_whole_model_says_what_it_says_FP_09(whole: Path) -> None:
    found = Diagnoser(whole).find(np.zeros(len(NAMES)))
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-5) and found.correction is None


def test_shares_agree_with_the_confidence_and_promise_nothing_without_it_FP_07() -> None:
    said = {"muddy": 0.6, "thin": 0.3, "none": 0.1}
    sure = Finding(said, "muddy", 0.9, False, None).shares()
    assert sure == pytest.approx({"muddy": 0.9, "thin": 0.075, "none": 0.025})
    assert Finding(said, "muddy", 0.2, True, None).shares() == said
    alone = Finding({"muddy": 1.0, "thin": 0.0, "none": 0.0}, "muddy", 0.98, False, None).shares()
    assert alone == pytest.approx({"muddy": 0.98, "thin": 0.01, "none": 0.01})
    assert Finding({"none": 1.0}, "none", 0.97, False, None).shares() == {"none": 1.0}


@pytest.mark.parametrize(
    "damage",
    [
        {"classes": [["muddy"], "none"]},
        {"classes": ["muddy", "muddy"]},
        {"classes": ["muddy"]},
        {"classes": ["muddy", "none", "thin"]},
        {"features": 5},
        {"calibration": [float("nan")] * len(GRID)},
        {"calibration": ["0"] * len(GRID)},
        {"templates": {"drums": {"fingerprint": [0.0] * 64, "spread": [1.0] * 63, "profile": {}}}},
        {"templates": {"kazoo": {}}},
        {"ships": {"drums": {"reference": {"way": "model", "closer": float("inf")}}}},
        {"ships": {"drums": {"reference": {"way": "magic", "closer": 1}}}},
        {"schema": 99},
    ],
)
def test_a_description_that_is_not_true_is_refused_FP_09(
    whole: Path, tmp_path: Path, damage: dict[str, Any]
) -> None:
    model = onnx.load(whole)
    model.metadata_props[0].value = json.dumps(TOLD | damage)
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(Unusable):
        Diagnoser(tmp_path / "other.onnx")
