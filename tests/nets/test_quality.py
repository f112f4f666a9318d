"""The quality report: finite, honest about a net that knows nothing, and cheap per take."""

import json
import math
from typing import Any

import numpy as np
import pytest
import torch

from jobs.nets import excerpts, quality
from jobs.nets.bank import of_tape
from jobs.nets.instrument import Instrument
from jobs.nets.likeness import Material
from jobs.nets.losses import Statistics
from jobs.nets.scales import scales
from jobs.nets.vae import Shape, Vae
from jobs.nets.verdict import verdict
from jobs.nets.voice import Part, Voice
from jobs.sound import tape as tapes
from jobs.sound.bands import BANDS
from jobs.sound.spectrum import HOP
from tests import sounds

GOOD: dict[str, Any] = {
    "judged_on": "files",
    "learned": 0.5,
    "blocks": {"learned": 0.5, "mr_stft_carrier": 0.7, "mr_stft_heap": 1.1},
    "epochs": 20.0,
    "files_db": 4.0,
    "overfitting": {"gap": 0.08, "memorising": 0.0},
    "kad": 2.0,
    "kad_floor": -0.5,
    "kad_noise": 40.0,
    "diversity": 0.9,
    "axes": {"brightness": 0.9, "warmth": 0.4},
}


def untrained_on(tape: tapes.Tape, statistics: Statistics) -> Instrument:
    torch.manual_seed(1)
    voice = Voice((Part(Vae(Shape(latent=32, widths=(16, 24, 32))), statistics),))
    bank, heard = of_tape(voice, tape)
    return Instrument(voice, bank, scales(heard, False))


def tape_of(folder, waves: list[np.ndarray]) -> tapes.Tape:
    names = [(f"{i}.wav", str(i)) for i in range(len(waves))]
    list(tapes.build(folder, names, lambda i: np.atleast_2d(waves[i])))
    return tapes.load(folder, names)


def numbers(found: Any) -> list[float]:
    if isinstance(found, dict):
        return [number for value in found.values() for number in numbers(value)]
    return [found] if isinstance(found, int | float) else []


@pytest.fixture(scope="module")
def untrained(tape, statistics):
    return untrained_on(tape, statistics)


@pytest.fixture(scope="module")
def report(untrained, tape, split):
    return quality.report(untrained, tape, split)


def test_an_untrained_net_gets_a_bad_report_TRAIN_07(report):
    """Its takes sound like the sounds, whose carriers they are; the report is not taken in."""
    assert report["verdict"] == "poor" and "detail of what was held out" in report["reason"]
    assert report["learned"] < 0.1 and report["mr_stft_carrier"] > 1
    assert report["kad"] < report["kad_noise"] / 2


def test_a_report_is_finite_and_ready_for_a_record(report):
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    expected = {
        "mr_stft_carrier",
        "mr_stft_heap",
        "lsd_carrier_db",
        "lsd_heap_db",
        "learned",
        "kad",
        "coverage",
    }
    assert expected | {"diversity", "kad_floor", "kad_noise", "nearest_distance", "axes"} <= set(report)
    assert all(math.isfinite(number) for number in numbers(report))
    assert report["judged_on"] == "files" and expected - set(report["blocks"]) == {"kad", "coverage"}
    assert report["kad_floor"] < report["kad_noise"]


def test_what_is_as_good_as_the_sound_scores_one_and_its_mean_nothing():
    truth = torch.randn(BANDS, 64, generator=torch.manual_seed(0)) * 8 - 20
    mean = truth.mean(dim=1, keepdim=True)
    plain = mean + (truth - mean).mean(dim=0, keepdim=True)
    assert quality.learned(truth, truth, mean) == pytest.approx(1)
    assert quality.learned(plain, truth, mean) == pytest.approx(0)
    assert quality.learned((truth + plain) / 2, truth, mean) == pytest.approx(0.5)
    assert quality.learned(-truth, truth, mean) < 0
    silent = torch.full((BANDS, 16), -70.0)
    assert math.isfinite(quality.learned(truth[:, :16], silent, silent[:, :1]))


def test_a_net_that_has_begun_is_better_than_one_that_knows_nothing(tape, split, report, instrument):
    """By the same measure, and not yet good: it has the principal components and a moment of training."""
    found = quality.report(instrument, tape, split)
    assert found["learned"] > report["learned"]
    assert found["mr_stft_heap"] < report["mr_stft_heap"]
    assert found["verdict"] in ("poor", "fair")


@pytest.mark.parametrize(
    ("change", "word", "says"),
    [
        ({}, "good", "50% of the detail"),
        ({"learned": 0.02, "blocks": {"learned": 0.05}}, "poor", "train it longer"),
        ({"epochs": 0.5}, "poor", "0.5 epochs"),
        ({"epochs": 0.5, "overfitting": {"gap": 0.41}}, "poor", "0.5 epochs"),
        ({"mr_stft_carrier": 1.2}, "fair", "the outline is right"),
        ({"mr_stft_carrier": 2.0}, "poor", "2.00"),
        ({"files_db": 5.2}, "fair", "5.2 dB off"),
        ({"files_db": 12.0}, "poor", "12.0 dB off"),
        ({"blocks": {"learned": 0.5, "mr_stft_carrier": 0.8}}, "fair", "0.80 with their own phase"),
        ({"blocks": {"learned": 0.5, "mr_stft_carrier": 1.3}}, "poor", "1.30 with their own phase"),
        ({"blocks": {"learned": 0.5, "mr_stft_heap": 1.2}}, "fair", "1.20 by the net alone"),
        ({"judged_on": "blocks", "mr_stft_carrier": 0.8}, "fair", "0.80"),
        ({"overfitting": {"gap": 0.41}}, "fair", "41% larger"),
        ({"overfitting": {"gap": 0.9}}, "poor", "90% larger"),
        ({"overfitting": {"gap": -0.05}}, "good", ""),
        ({"overfitting": {"memorising": 1.0}}, "fair", "memorises"),
        ({"overfitting": {"gap": 0.41}, "kad": 30.0}, "poor", "nearer to noise"),
        ({"judged_on": "training sounds"}, "fair", "nothing could be held out"),
        ({"learned": 0.02}, "fair", "little of one it has not heard"),
        ({"blocks": {"learned": 0.15}}, "fair", "more training"),
        ({"kad": 30.0}, "poor", "nearer to noise"),
        ({"diversity": 0.2}, "fair", "20% as varied"),
        ({"axes": {"brightness": 0.2, "warmth": 0.4}}, "fair", "brightness, warmth"),
        ({"kad": 2.0, "kad_noise": 1.0}, "good", ""),
    ],
)
def test_the_worst_thing_found_speaks_TRAIN_07_MOD_01(change, word, says):
    found = verdict(GOOD | change)
    assert found[0] == word and says in found[1]


@pytest.mark.slow
def test_sounds_too_quiet_or_too_short_to_compare_leave_figures_out(tmp_path):
    """A training must not fail at its end because there is little to measure."""
    quiet = [1e-5 * sounds.make("noise", 0.3, i) for i in range(2)]
    short = [sounds.make("clicks", 0.1, i) for i in range(2)]
    for i, waves in enumerate((quiet, short)):
        tape = tape_of(tmp_path / str(i), waves)
        split = excerpts.split(tape, 0)
        instrument = untrained_on(tape, Statistics.of(tape.features[:, :, split.train]))
        found = quality.report(instrument, tape, split)
        assert found["verdict"] == "poor"
        assert all(math.isfinite(number) for number in numbers(found))
        assert "level_dbfs" in quality.of_take(waves[0], 48_000, instrument)


def test_a_training_sound_is_found_as_its_own_copy(untrained, tape):
    place = tape.places[3]
    copy = np.array(tape.wave[place.start * HOP : (place.start + place.frames - 1) * HOP])
    found = quality.of_take(np.stack([copy, copy]), 48_000, untrained)
    assert found["nearest"] == place.name and found["nearest_distance"] < 0.05
    other = quality.of_take(sounds.make("sweep", 2.0, 9), 48_000, untrained)
    assert other["nearest_distance"] > 5 * found["nearest_distance"] + 0.2


def test_a_take_at_another_rate_is_compared_as_well(untrained, tape):
    place = tape.places[1]
    wave = np.array(tape.wave[place.start * HOP : (place.start + place.frames - 1) * HOP])
    low = quality.of_take(wave[::2], 24_000, untrained)
    assert low["nearest"] == place.name and low["peak_dbfs"] == pytest.approx(
        20 * math.log10(np.abs(wave[::2]).max()), abs=0.01
    )


def test_a_silent_take_has_a_level_and_no_likeness(untrained):
    found = quality.of_take(np.zeros((2, 48_000)), 48_000, untrained)
    assert found["level_dbfs"] == -200 and "nearest" not in found
    assert "nearest" not in quality.of_take(np.ones((1, 100)), 48_000, untrained)
    with pytest.raises(ValueError, match="not finite"):
        quality.of_take(np.full((1, 48_000), np.nan), 48_000, untrained)


def test_sounds_lie_as_far_apart_as_they_lie_apart(tape):
    """The unit of distance: half seconds of one sound, among the others, are about 1 away."""
    material = Material.of(tape.places, tape.wave)
    distances = [
        material.without({i}).nearest(material.rows[material.owner == i])[1] for i in range(len(tape.places))
    ]
    assert np.median(distances) == pytest.approx(1, rel=0.5)
    first, second = material.halves()
    assert len(first) + len(second) == len(material.rows) and abs(len(first) - len(second)) <= len(
        tape.places
    )
