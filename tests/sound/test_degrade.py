"""Each degradation does what it says and nothing else, the same for a seed, as long as before."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound.degrade import KINDS, degrade
from tests import sounds
from tests.sound.streams import decibels, noise

RATE = 48_000


def tone(hertz: float, level: float = 0.5, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate))[None].astype(
        np.float32
    )


def vector(audio: np.ndarray, hertz: float, rate: int = RATE) -> complex:
    """Amplitude and phase of a tone in the middle half of one channel."""
    part = slice(audio.shape[1] // 4, 3 * audio.shape[1] // 4)
    at, window = np.arange(audio.shape[1])[part], np.hanning(audio.shape[1] // 2)
    return complex(
        2 * np.mean(audio[0, part] * window * np.exp(-2j * np.pi * hertz * at / rate)) / window.mean()
    )


@pytest.mark.parametrize("rate", [44_100, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_decides_all_and_the_length_stays_GAP_02(kind: str, channels: int, rate: int) -> None:
    audio = sounds.stereo("mix", 1.0)[:channels]
    before = audio.copy()
    made, told = degrade(audio, rate, kind, 4)
    assert made.shape == audio.shape and made.dtype == np.float32 and np.isfinite(made).all()
    np.testing.assert_array_equal(audio, before)
    assert not np.array_equal(made, audio)
    again, told_again = degrade(audio, rate, kind, 4)
    np.testing.assert_array_equal(again, made)
    assert told_again == told and told["kind"] == kind and told["seed"] == 4
    assert not np.array_equal(degrade(audio, rate, kind, 5)[0], made)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_told_makes_it_again_GAP_02(kind: str) -> None:
    audio = sounds.stereo("drums", 1.0)
    made, told = degrade(audio, RATE, kind, 11)
    told = json.loads(json.dumps(told))
    amounts = {name: told[name] for name in KINDS[kind].ranges}
    np.testing.assert_array_equal(degrade(audio, RATE, kind, told["seed"], **amounts)[0], made)


@settings(deadline=None, max_examples=40)
@given(kind=st.sampled_from(sorted(KINDS)), seed=st.integers(0, 2**63), channels=st.sampled_from([1, 2]))
def test_parameters_are_drawn_from_their_ranges_GAP_02(kind: str, seed: int, channels: int) -> None:
    audio = noise(channels, 9_600, 1)
    made, told = degrade(audio, RATE, kind, seed)
    assert made.shape == audio.shape and np.isfinite(made).all()
    for name, within in KINDS[kind].ranges.items():
        assert within.low <= told[name] <= within.high


@pytest.mark.parametrize("kind", KINDS)
def test_setting_one_parameter_leaves_the_others_GAP_02(kind: str) -> None:
    audio = noise(1, 48_000)
    name, within = next(iter(KINDS[kind].ranges.items()))
    _, drawn = degrade(audio, RATE, kind, 3)
    _, told = degrade(audio, RATE, kind, 3, **{name: within.high})
    assert told[name] == within.high
    assert all(told[other] == drawn[other] for other in KINDS[kind].ranges if other != name)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_channels_stay_equal_GAP_02(kind: str) -> None:
    """Else a degradation would move the picture."""
    made, _ = degrade(np.repeat(noise(1, 24_000), 2, axis=0), RATE, kind, 2)
    np.testing.assert_array_equal(made[0], made[1])


# --- each kind ---------------------------------------------------------------------------------------


def test_dropouts_are_silent_with_edges_and_touch_nothing_else_GAP_02() -> None:
    audio = tone(440, seconds=4)
    made, told = degrade(audio, RATE, "dropouts", 1, per_second=2, length_ms=10, edge_ms=1)
    assert 1 <= len(told["gaps"]) <= 8
    far = np.ones(audio.shape[1], bool)
    for start, end in told["gaps"]:
        assert end - start >= 480 or start == 0
        assert not made[:, start:end].any()
        far[max(0, start - 48) : end + 48] = False
    np.testing.assert_array_equal(made[:, far], audio[:, far])
    assert (np.abs(made) <= np.abs(audio)).all()
    # Without an edge the wave would fall by up to 0.5 at once; within 48 samples it does not.
    assert np.abs(np.diff(made)).max() < 0.5 * (np.pi / 2 / 48 + 2 * np.pi * 440 / RATE) * 1.05


def test_clipping_cuts_at_its_level_and_adds_odd_harmonics_GAP_02() -> None:
    audio = tone(997, 0.8)
    made, told = degrade(audio, RATE, "clip", 1, level_db=-6)
    ceiling = 0.8 * 10 ** (-6 / 20)
    assert np.abs(made).max() == pytest.approx(ceiling, rel=1e-6)
    below = np.abs(audio) < ceiling
    np.testing.assert_array_equal(made[below], audio[below])
    # A sine is above half its peak for two thirds of the time.
    assert told["clipped"] == pytest.approx(2 / 3, abs=0.02)
    assert abs(vector(made, 3 * 997)) > 0.05 and abs(vector(made, 2 * 997)) < 1e-4


@pytest.mark.parametrize("bits", [6, 8, 10, 12])
def test_fewer_bits_lie_on_their_grid_and_cost_six_decibels_each_GAP_02(bits: int) -> None:
    audio = tone(997, 0.99)
    made, _ = degrade(audio, RATE, "bits", 1, bits=bits)
    steps = made * 2.0 ** (bits - 1)
    np.testing.assert_array_equal(steps, np.rint(steps))
    assert -(2 ** (bits - 1)) <= steps.min() and steps.max() <= 2 ** (bits - 1) - 1
    ratio = decibels(np.sum(audio**2) / np.sum((made - audio) ** 2))
    assert ratio == pytest.approx(6.02 * bits + 1.76, abs=1)


@pytest.mark.parametrize("rate", [44_100, 192_000])
def test_a_band_limit_takes_what_is_above_and_keeps_what_is_below_GAP_02(rate: int) -> None:
    low, high = tone(2_500, rate=rate), tone(3_100, rate=rate)
    middle = slice(rate // 4, -rate // 4)
    kept = degrade(low, rate, "band", 1, hertz=3_000)[0][:, middle]
    gone = degrade(high, rate, "band", 1, hertz=3_000)[0][:, middle]
    np.testing.assert_allclose(kept, low[:, middle], atol=2e-4)
    assert 20 * np.log10(np.abs(gone).max()) < -100


def test_reordered_packets_are_the_same_packets_GAP_02() -> None:
    audio = noise(2, 48_123)
    made, told = degrade(audio, RATE, "reorder", 1, packet_ms=10, share=0.1)
    assert told["packet"] == 480 and len(told["swapped"]) == 5
    expected = audio.copy()
    for place in told["swapped"]:
        first, second = (slice((place + k) * 480, (place + k + 1) * 480) for k in range(2))
        expected[:, first], expected[:, second] = audio[:, second], audio[:, first]
    np.testing.assert_array_equal(made, expected)
    np.testing.assert_array_equal(np.sort(made), np.sort(audio))


@pytest.mark.parametrize("degrees", [20, 90, 180, 270, 340])
@pytest.mark.parametrize("hertz", [100, 1_000, 15_000])
def test_a_phase_error_turns_every_tone_and_keeps_its_level_GAP_02(degrees: float, hertz: float) -> None:
    audio = tone(hertz)
    made, _ = degrade(audio, RATE, "phase", 1, degrees=degrees)
    turned = vector(made, hertz) / vector(audio, hertz)
    assert abs(turned) == pytest.approx(1, abs=2e-3)
    assert abs(np.angle(turned * np.exp(-1j * np.radians(degrees)), deg=True)) < 0.2


def test_half_a_turn_is_the_sound_upside_down_GAP_02() -> None:
    audio = sounds.stereo("pluck", 1.0)
    np.testing.assert_allclose(degrade(audio, RATE, "phase", 1, degrees=180)[0], -audio, atol=1e-6)


@pytest.mark.parametrize("stages", [1, 3])
def test_an_allpass_turns_its_frequency_by_half_and_keeps_every_level_GAP_02(stages: int) -> None:
    for hertz, expected in ((1_000, 180 * stages), (30, 0), (20_000, 0)):
        audio = tone(hertz)
        made, _ = degrade(audio, RATE, "allpass", 1, hertz=1_000, q=1, stages=stages)
        turned = vector(made, hertz) / vector(audio, hertz)
        assert abs(turned) == pytest.approx(1, abs=1e-3)
        away = np.angle(turned * np.exp(-1j * np.radians(expected)), deg=True)
        assert abs(away) < (1 if hertz == 1_000 else 4 * stages)


@pytest.mark.parametrize("kind", ["phase", "allpass"])
def test_what_only_moves_phases_keeps_the_energy_GAP_02(kind: str) -> None:
    audio = np.pad(noise(1, 24_000), ((0, 0), (12_000, 12_000)))
    for seed in range(5):
        made, _ = degrade(audio, RATE, kind, seed)
        assert np.sum(made**2) == pytest.approx(np.sum(audio**2), rel=2e-3)


@pytest.mark.parametrize(
    ("kind", "amount", "says"),
    [
        ("echo", {}, "'echo' is not one of dropouts, clip, bits, band, reorder, phase, allpass"),
        ("clip", {"hertz": 3}, "clip: no parameter 'hertz'; it has level_db"),
        ("clip", {"level_db": -40}, "clip: level_db: -40 is not within -18 to -3 dB; nearest: -18"),
        ("bits", {"bits": 7.6}, "bits: bits: 7.6 is no whole number of 4 to 12 bits; nearest: 8"),
        ("band", {"hertz": float("nan")}, "band: hertz: 'nan' is no number; 2000 to 8000 Hz"),
        ("band", {"hertz": "x\ny"}, "is no number"),
    ],
)
def test_wrong_amounts_are_refused_with_the_nearest_GAP_02(kind: str, amount: dict, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        degrade(noise(1, 4_800), RATE, kind, 1, **amount)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_sounds_that_are_none_are_refused_GAP_02() -> None:
    for wrong in (np.zeros(100), np.zeros((1, 0)), np.full((1, 100), np.nan)):
        with pytest.raises(ValueError, match="sound: "):
            degrade(wrong, RATE, "clip", 1)
    with pytest.raises(ValueError, match="are not two packets of"):
        degrade(noise(1, 300), RATE, "reorder", 1)
    # Silence and a single sample are sounds.
    for kind in set(KINDS) - {"reorder"}:
        assert degrade(np.zeros((1, 1)), RATE, kind, 1)[0].shape == (1, 1)
        assert not degrade(np.zeros((2, 4_800)), RATE, kind, 1)[0].any()
