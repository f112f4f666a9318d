"""Sixteen bits only where they hold, decided the same way every time."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from jobs.nets import precision
from jobs.nets.excerpts import Drawing
from jobs.nets.fit import batch_of, fit, losses
from tests.nets.conftest import training_on


def test_auto_goes_by_capability_and_the_probe_TRAIN_01(monkeypatch):
    def probed(rough: float) -> str:
        return precision.chosen("auto", "cpu", {"fp32": 2.0, "bf16": rough}.__getitem__)

    monkeypatch.setattr(precision, "has_bf16", lambda device: True)
    assert [probed(rough) for rough in (2.05, 2.5, float("nan"), float("inf"))] == ["bf16", *["fp32"] * 3]
    monkeypatch.setattr(precision, "has_bf16", lambda device: False)
    assert probed(2.0) == "fp32"
    assert precision.chosen("bf16", "cpu", {}.__getitem__) == "bf16"


def test_capability_is_the_devices_own_TRAIN_01():
    there = torch.cpu.get_capabilities()
    assert precision.has_bf16("cpu") == bool(there.get("avx512_bf16") or there.get("amx_bf16"))
    assert not precision.has_bf16("mps")


def test_losses_at_16_bits_are_about_those_at_32_TRAIN_01(tape, split, statistics):
    """Real autocast, also where the device only imitates it; losses stay at 32 bits."""
    training = training_on(tape, split)
    found = {}
    for bits in ("fp32", "bf16"):
        plan = replace(training.plan, precision=bits)
        torch.manual_seed(0)
        named, _ = losses(training.net, batch_of(Drawing(tape, split), plan, 0), statistics, plan)
        assert all(value.dtype == torch.float32 for value in named.values())
        found[bits] = np.array([value.item() for value in named.values()])
    assert found["bf16"] == pytest.approx(found["fp32"], rel=0.05)
    assert not np.array_equal(found["bf16"], found["fp32"])


def test_a_step_at_16_bits_moves_32_bit_weights_TRAIN_01(tape, split, statistics):
    training = training_on(tape, split, precision="bf16")
    rows = fit(training, Drawing(tape, split), statistics)
    assert np.isfinite(next(rows)["loss"]) and np.isfinite(next(rows)["loss"])
    assert all(weight.dtype == torch.float32 for weight in training.net.parameters())
