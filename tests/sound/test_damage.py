"""Flaws made by known processing: they are what they say they are, and can be made again (FP-04)."""

import numpy as np
import pytest

from jobs.sound import damage, loudness
from jobs.sound.damage import TARGETS, Step
from jobs.sound.equaliser import Band, equalise, response
from jobs.sound.fingerprint import fingerprint
from jobs.sound.labels import EVERY_FLAW, FLAWS
from jobs.sound.profile import step_levels
from jobs.sound.slots import NAMES
from jobs.sound.starts import slices
from tests import sounds

RATE = sounds.RATE
AT = {name: index for index, name in enumerate(NAMES)}
BANDS = {"muddy": 3, "harsh": 6, "boxy": 4, "nasal": 5, "boomy": 1, "sibilant": 7}
"""Flaw -> slot of the band that it raises most."""


def noise(seconds: float = 2.0, channels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(5)
    return (0.05 * rng.standard_normal((channels, round(seconds * RATE)))).astype(np.float32)


def beat(seconds: float = 3.0) -> np.ndarray:
    """Hits every quarter of a second."""
    out = np.zeros(round(seconds * RATE))
    burst = np.random.default_rng(1).standard_normal(RATE // 10) * np.exp(-np.arange(RATE // 10) / 600)
    for start in range(RATE // 8, len(out) - len(burst), RATE // 4):
        out[start : start + len(burst)] += 0.3 * burst
    return out.astype(np.float32)[None]


def made(flaw: str, audio: np.ndarray, seed: int = 0) -> tuple[np.ndarray, list[Step]]:
    return damage.damage(audio, RATE, damage.draw([flaw], np.random.default_rng(seed)))


@pytest.mark.parametrize("flaw", EVERY_FLAW)
def test_every_flaw_keeps_length_channels_and_loudness_FP_04(flaw: str) -> None:
    audio = 0.5 * sounds.stereo("drums", 3.0)
    flawed, steps = made(flaw, audio)
    assert flawed.shape == audio.shape and flawed.dtype == np.float32 and np.isfinite(flawed).all()
    assert np.abs(flawed).max() <= 1 and steps[0].flaw == flaw
    before, after = (loudness.measure(one, RATE).level for one in (audio, flawed))
    assert after == pytest.approx(before, abs=0.1) or np.abs(flawed).max() > 0.9
    assert not np.array_equal(flawed, audio)


@pytest.mark.parametrize(("flaw", "band"), BANDS.items())
def test_a_band_is_raised_by_what_is_told_FP_04(flaw: str, band: int) -> None:
    audio = noise()
    flawed, steps = made(flaw, audio)
    change = fingerprint(flawed, RATE)[22:31] - fingerprint(audio, RATE)[22:31]
    assert int(change.argmax()) == band
    (step,) = steps
    told = response([Band("peak", step.values["hertz"], step.values["gain"], step.values["q"])],
                    np.array([step.values["hertz"]]), RATE)  # fmt: skip
    assert told[0] == pytest.approx(step.values["gain"], abs=0.01)


def test_thin_dark_and_ringy_FP_04() -> None:
    audio = noise()
    before = fingerprint(audio, RATE)
    thin, dark, ringy = (fingerprint(made(flaw, audio)[0], RATE) for flaw in ("thin", "dark", "ringy"))
    assert thin[AT["reserved_01"]] < before[AT["reserved_01"]] - 5
    assert dark[AT["reserved_08"]] < before[AT["reserved_08"]] - 5
    assert ringy[AT["reserved_23"]] > before[AT["reserved_23"]] + 6
    step = made("ringy", audio)[1][0]
    assert 2 ** ringy[AT["reserved_24"]] == pytest.approx(step.values["hertz"], rel=0.04)


def test_overcompressed_brings_levels_together_FP_04() -> None:
    swells = 10 ** (np.repeat([-30.0, -12.0, -20.0] * 4, RATE // 4) / 20)
    audio = (noise(3.0) * swells).astype(np.float32)
    flawed, steps = made("overcompressed", audio)
    told = damage.correction(audio, flawed, RATE, steps)
    assert told["dynamics_db"] > 4
    ranges = [np.ptp(np.percentile(step_levels(one, RATE), (5, 95))) for one in (audio, flawed)]
    assert ranges[1] < 0.7 * ranges[0]


def test_no_hit_gets_through_overcompression_as_a_click_FP_04() -> None:
    """A drum of a sharp attack and a long ring: its first millisecond does not stand above what follows."""
    moments = np.arange(RATE) / RATE
    rng = np.random.default_rng(5)
    hit = (np.exp(-moments / 0.15) * rng.standard_normal(RATE) * 0.1).astype(np.float32)
    audio = np.tile(np.concatenate([np.zeros(2000, np.float32), hit]), 2)[None]
    flawed, _ = made("overcompressed", audio)
    start = 2000
    first, next_ones = flawed[0, start : start + 96], flawed[0, start + 480 : start + 4800]
    assert np.abs(first).max() < 1.3 * np.abs(next_ones).max()
    crests = [np.abs(one).max() / np.sqrt(np.mean(np.square(one))) for one in (audio, flawed)]
    assert crests[1] < crests[0]


def test_distorted_adds_harmonics_FP_04() -> None:
    tone = (0.5 * np.sin(2 * np.pi * 200 * np.arange(2 * RATE) / RATE)).astype(np.float32)[None]
    flawed, _ = made("distorted", tone)
    spectrum = np.abs(np.fft.rfft(flawed[0] * np.hanning(flawed.shape[1])))
    third, first = spectrum[1200], spectrum[400]
    assert third > 0.05 * first and spectrum[800] < 0.01 * first


def test_sloppy_moves_hits_and_strikes_one_twice_FP_04() -> None:
    flawed, steps = made("sloppy", beat())
    assert steps[0].effect == "shift" and steps[0].values["hits"] >= 8
    jitter = AT["reserved_37"]
    assert fingerprint(flawed, RATE)[jitter] > fingerprint(beat(), RATE)[jitter] + 4
    single = np.zeros((1, RATE), np.float32)
    single[0, 100:4000] = np.exp(-np.arange(3900) / 400) * np.sin(np.arange(3900) / 5)
    twice, steps = made("sloppy", single)
    assert steps[0].effect == "flam"
    late = round(steps[0].values["seconds"] * RATE)
    assert np.abs(twice[0, 100 + late : 400 + late]).max() > 0.2


@pytest.mark.parametrize("silence", [0.0, 0.3])
def test_a_hit_at_the_very_beginning_is_a_hit_of_its_own_FP_04(silence: float) -> None:
    hit = np.random.default_rng(2).standard_normal(RATE // 10) * np.exp(-np.arange(RATE // 10) / 800)
    audio = np.zeros((1, RATE * 2), np.float32)
    begins = [round((silence + at) * RATE) for at in (0.0, 0.4, 0.8)]
    for start in begins:
        audio[0, start : start + len(hit)] += 0.3 * hit
    found = slices(audio, RATE)
    assert len(found) == 3 and found[0][0] == 0
    assert [start for start, _ in found[1:]] == pytest.approx(begins[1:], abs=0.04 * RATE)


def test_undefined_softens_attack_and_edge_FP_04() -> None:
    audio = beat()
    flawed, steps = made("undefined", audio)
    assert [step.effect for step in steps] == ["high", "soften"]
    assert np.abs(flawed).max() < np.abs(audio).max()
    assert (
        fingerprint(flawed, RATE)[AT["spectral_centroid"]] < fingerprint(audio, RATE)[AT["spectral_centroid"]]
    )


def test_several_flaws_keep_their_order_FP_04() -> None:
    rng = np.random.default_rng(3)
    flawed, steps = damage.damage(beat(), RATE, damage.draw(["thin", "overcompressed", "harsh"], rng))
    assert [step.flaw for step in steps] == ["thin", "overcompressed", "harsh"]
    told = damage.correction(beat(), flawed, RATE, steps)
    assert told["eq_62"] > 5 and told["eq_4000"] < -2 and tuple(told) == TARGETS


@pytest.mark.parametrize("flaw", EVERY_FLAW)
def test_the_same_seed_makes_the_same_flaw_FP_04(flaw: str) -> None:
    one, two, other = (made(flaw, beat(), seed) for seed in (7, 7, 8))
    assert one[0].tobytes() == two[0].tobytes() and one[1] == two[1]
    assert other[1] != one[1] or flaw == "overcompressed"


def test_silence_and_clicks_can_be_flawed_too_FP_04() -> None:
    for audio in (np.zeros((1, 500), np.float32), np.zeros((2, RATE), np.float32), noise()[:, :480]):
        for flaws in FLAWS.values():
            for flaw in flaws:
                flawed, _ = made(flaw, audio)
                assert flawed.shape == audio.shape and np.isfinite(flawed).all()


def test_a_boost_and_its_cut_give_back_what_was_there_FP_04() -> None:
    audio = noise(1.0, 2)
    for kind in ("peak", "low", "high"):
        up, down = (Band(kind, 900.0, gain, 1.2) for gain in (9.0, -9.0))
        back = equalise(equalise(audio, RATE, [up]), RATE, [down])
        assert np.abs(back - audio).max() < 1e-6


def test_what_is_barely_changed_is_no_flaw_FP_04() -> None:
    audio = noise()
    changed = damage.barely(audio, RATE, np.random.default_rng(0))
    move = fingerprint(changed, RATE)[22:31] - fingerprint(audio, RATE)[22:31]
    assert 0.01 < np.abs(move).max() < 3
