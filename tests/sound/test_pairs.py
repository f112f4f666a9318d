"""Only sounds that belong together are paired, sample by sample; whatever does not fit is one line."""

import functools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound.alignment import SPAN, place
from jobs.sound.degrade import degrade
from jobs.sound.networks import make_trace
from jobs.sound.pairs import Mismatch, Pair, check_pair, pair_up, read_pair, without_partner
from jobs.sound.pcm import to_pcm, write_pcm
from jobs.sound.reader import Unreadable
from jobs.sound.write import write
from tests import sounds
from tests.sound.streams import noise

RATE = 48_000
KINDS = ["drums", "mix", "noise", "pluck", "clicks", "vowels"]


@functools.cache
def truth_of(kind: str, seconds: float = 1.5) -> np.ndarray:
    """Made once."""
    audio = sounds.stereo(kind, seconds)
    audio.flags.writeable = False
    return audio


def late(audio: np.ndarray, lag: int) -> np.ndarray:
    """The same length, ``lag`` samples later (or earlier)."""
    out = np.zeros_like(audio)
    out[:, max(0, lag) : audio.shape[1] + min(0, lag)] = audio[:, max(0, -lag) : audio.shape[1] - max(0, lag)]
    return out


def with_losses(audio: np.ndarray, seed: int = 0) -> np.ndarray:
    lost = make_trace("stress", audio.shape[1] // 480 + 1, seed, 10)
    return sounds.without_packets(audio, lost, 480)


def touch(folder: Path, *names: str) -> Path:
    """Files that need no more than a name."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


# --- names -------------------------------------------------------------------------------------------


def test_files_are_paired_by_name_GAP_01(tmp_path: Path) -> None:
    touch(tmp_path, "inputs/a.wav", "inputs/more/b.flac", "ground_truth/more/b.wav", "ground_truth/a.wav")
    touch(tmp_path, "inputs/input_001.wav", "ground_truth/truth_001.caf", "inputs/readme.txt")
    found = pair_up(tmp_path)
    assert [pair.name for pair in found] == ["001", "a", "more/b"]
    assert [Path(pair.truth).relative_to(tmp_path).as_posix() for pair in found] == [
        "ground_truth/truth_001.caf",
        "ground_truth/a.wav",
        "ground_truth/more/b.wav",
    ]
    assert all("inputs" in Path(pair.degraded).parts for pair in found)
    assert without_partner(tmp_path) == []


def test_files_side_by_side_are_paired_by_their_beginnings_GAP_01(tmp_path: Path) -> None:
    touch(tmp_path, "input_001.wav", "truth_001.wav", "input_002.wav", "odd.wav")
    assert pair_up(tmp_path) == [Pair("001", f"{tmp_path}/input_001.wav", f"{tmp_path}/truth_001.wav")]
    assert without_partner(tmp_path) == [
        "input_002.wav has no truth; add it, or take the file out",
        "odd.wav begins neither with input_ nor with truth_; name it so",
    ]


def test_what_has_no_partner_or_two_is_told_GAP_01(tmp_path: Path) -> None:
    touch(tmp_path, "inputs/a.wav", "inputs/b.wav", "inputs/c.wav", "inputs/c.flac")
    touch(tmp_path, "ground_truth/a.wav", "ground_truth/c.wav", "ground_truth/d.wav")
    assert [pair.name for pair in pair_up(tmp_path)] == ["a"]
    assert without_partner(tmp_path) == [
        "inputs/b.wav has no truth; add it, or take the file out",
        "inputs/c.flac and inputs/c.wav have one name; keep one of them",
        "ground_truth/d.wav has no input; add it, or take the file out",
    ]


def test_one_name_in_two_spellings_of_unicode_is_one_name_GAP_01(tmp_path: Path) -> None:
    """Apple's file systems take letters and accents apart."""
    touch(tmp_path, "inputs/be\u0301.wav", "ground_truth/b\u00e9.wav")
    assert [pair.name for pair in pair_up(tmp_path)] == ["b\u00e9"]


@pytest.mark.parametrize(
    "name", ["input_..wav", "input_.wav", "a[bold].wav", "\x1b[31m.wav", "a\nb.wav", "-rf.wav"]
)
def test_odd_names_are_paired_too_GAP_01(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"inputs/{name}", f"ground_truth/{name}")
    assert len(pair_up(tmp_path)) == 1 and not without_partner(tmp_path)


def test_folders_without_pairs_are_refused_GAP_01(tmp_path: Path) -> None:
    with pytest.raises(Mismatch, match=r"no pairs; inputs/x.wav belongs to ground_truth/x.wav"):
        pair_up(tmp_path)
    with pytest.raises(Mismatch, match="gone: no such folder"):
        pair_up(tmp_path / "gone")
    touch(tmp_path, "inputs/a.wav")
    with pytest.raises(Mismatch, match="has inputs and no ground_truth"):
        pair_up(tmp_path)
    touch(tmp_path, "ground_truth/b.wav")
    with pytest.raises(Mismatch, match="no pairs"):
        pair_up(tmp_path)


# --- samples -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_sound_with_losses_lies_over_its_truth_GAP_01(kind: str, channels: int) -> None:
    truth = truth_of(kind)[:channels]
    found = check_pair(with_losses(truth), truth, (RATE, RATE))
    assert (found.placed.lag, found.placed.polarity, found.told) == (0, 1, "")
    np.testing.assert_array_equal(found.truth, truth)
    np.testing.assert_array_equal(found.degraded, with_losses(truth))


@pytest.mark.parametrize("lag", [1, -1, 7, 480, -4_801, 30_000])
@pytest.mark.parametrize("kind", ["drums", "mix", "noise"])
def test_a_lag_is_found_refused_or_corrected_and_said_GAP_01(kind: str, lag: int) -> None:
    truth = truth_of(kind)
    degraded = late(with_losses(truth), lag)
    side = "behind" if lag > 0 else "before"
    with pytest.raises(Mismatch, match=rf"^a.wav is {abs(lag)} samples .* {side} b.wav .*align") as caught:
        check_pair(degraded, truth, (RATE, RATE), ("a.wav", "b.wav"))
    assert "\n" not in str(caught.value)
    found = check_pair(degraded, truth, (RATE, RATE), align=True)
    assert found.placed.lag == lag and found.told.endswith("corrected")
    assert found.degraded.shape == found.truth.shape == (2, truth.shape[1] - abs(lag))
    kept = found.degraded != 0
    np.testing.assert_array_equal(found.degraded[kept], found.truth[kept])


@settings(deadline=None, max_examples=25)
@given(lag=st.integers(-24_000, 24_000), seed=st.integers(0, 9), level=st.floats(0.01, 0.9))
def test_any_lag_of_noise_is_found_exactly_GAP_01(lag: int, seed: int, level: float) -> None:
    truth = noise(1, 60_000, seed, level)
    placed = place(late(truth, lag) + noise(1, 60_000, seed + 100, level / 4), truth, RATE)
    assert placed.lag == lag and placed.confidence > 0.5 and placed.polarity == 1


def test_a_sound_upside_down_is_refused_or_turned_over_GAP_01() -> None:
    truth = truth_of("mix")
    with pytest.raises(Mismatch, match=r"input is truth upside down \(-?180°\); align"):
        check_pair(-truth, truth, (RATE, RATE))
    found = check_pair(-late(truth, 100), truth, (RATE, RATE), align=True)
    assert (found.placed.lag, found.placed.polarity) == (100, -1)
    assert "100 samples (2.1 ms) behind" in found.told and found.told.endswith("180°); corrected")
    np.testing.assert_array_equal(found.degraded, found.truth)


@pytest.mark.parametrize("degrees", [45, 90, 315])
def test_a_turned_phase_is_no_lag_GAP_01(degrees: float) -> None:
    """The plain cross-correlation of a sound turned by a quarter is 0 where it should be highest."""
    truth = truth_of("mix")
    degraded, _ = degrade(truth, RATE, "phase", 0, degrees=degrees)
    found = check_pair(degraded, truth, (RATE, RATE))
    assert found.placed.lag == 0
    away = np.exp(1j * np.radians(found.placed.degrees - degrees))
    assert abs(np.angle(away, deg=True)) < 3


@pytest.mark.parametrize("kind", ["dropouts", "clip", "bits", "band", "reorder"])
def test_degradations_of_ours_are_no_lag_GAP_01(kind: str) -> None:
    for name in KINDS:
        truth = truth_of(name)
        degraded, _ = degrade(truth, RATE, kind, 1)
        assert check_pair(degraded, truth, (RATE, RATE)).placed.lag == 0


def test_sounds_that_do_not_belong_together_are_refused_GAP_01() -> None:
    for first, second in (("drums", "noise"), ("mix", "vowels"), ("pluck", "sweep")):
        with pytest.raises(Mismatch, match=r"input was not made from truth \(\d+% in common\)"):
            check_pair(truth_of(first), truth_of(second), (RATE, RATE))


def test_a_steady_tone_has_no_lag_to_tell_and_is_no_mistake_GAP_01() -> None:
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(96_000) / RATE))[None].astype(np.float32)
    found = check_pair(with_losses(tone), tone, (RATE, RATE))
    assert found.placed.lag == 0 and found.placed.confidence < 0.2 and found.placed.similarity > 0.9


def test_of_a_long_sound_the_loudest_part_is_compared_GAP_01() -> None:
    truth = np.zeros((1, 3 * SPAN), np.float32)
    truth[:, 2 * SPAN : 2 * SPAN + 96_000] = sounds.make("mix", 2.0)
    assert place(late(truth, 321), truth, RATE).lag == 321


@pytest.mark.parametrize(
    ("degraded", "rates", "says"),
    [
        (np.zeros((2, 100)), (44_100, 48_000), r"a.wav has 44100 Hz, b.wav 48000; resample"),
        (np.zeros((1, 100)), (48_000, 48_000), r"a.wav has 1 channels, b.wav 2; give"),
        (np.zeros((2, 99)), (48_000, 48_000), r"a.wav has 99 samples, b.wav 100; cut"),
        (np.zeros(100), (48_000, 48_000), r"a.wav: needs the shape"),
        (np.full((2, 100), np.nan), (48_000, 48_000), r"a.wav: holds numbers that are not finite"),
        (np.zeros((2, 100)), (48_000, 48_000), r"a.wav: silent"),
    ],
)
def test_each_mismatch_is_one_line_with_names_and_figures_GAP_01(
    degraded: np.ndarray, rates: tuple[int, int], says: str
) -> None:
    with pytest.raises(Mismatch, match=f"^{says}") as caught:
        check_pair(degraded, noise(2, 100), rates, ("a.wav", "b.wav"))
    assert "\n" not in str(caught.value)


def test_a_silent_truth_is_refused_GAP_01() -> None:
    with pytest.raises(Mismatch, match=r"^truth: silent"):
        check_pair(noise(1, 4_800), np.full((1, 4_800), 2.0**-25, np.float32), (RATE, RATE))


@pytest.mark.parametrize("count", [1, 2, 16, 17, 40])
def test_the_shortest_sounds_are_compared_GAP_01(count: int) -> None:
    truth = noise(1, count, 3)
    assert check_pair(truth, truth, (RATE, RATE)).placed.lag == 0


# --- files -------------------------------------------------------------------------------------------


def test_a_pair_of_files_is_read_to_the_bit_GAP_01(tmp_path: Path) -> None:
    touch(tmp_path, "inputs/sub/x.caf", "ground_truth/sub/x.wav")
    truth = truth_of("mix")
    write_pcm(tmp_path / "inputs/sub/x.caf", to_pcm(with_losses(truth)), 96_000)
    write_pcm(tmp_path / "ground_truth/sub/x.wav", to_pcm(truth), 96_000)
    pair = pair_up(tmp_path)[0]
    found = read_pair(pair)
    assert found.rate == 96_000 and not found.told
    np.testing.assert_array_equal(to_pcm(found.truth), to_pcm(truth))
    np.testing.assert_array_equal(to_pcm(found.degraded), to_pcm(with_losses(truth)))
    write(tmp_path / "inputs/sub/x.caf", truth[:, :-5], 96_000, "caf")
    with pytest.raises(
        Mismatch, match=r"^inputs/sub/x.caf has 71995 samples, ground_truth/sub/x.wav 72000; cut both"
    ):
        read_pair(pair)
    (tmp_path / "inputs/sub/x.caf").write_text("no sound")
    with pytest.raises(Unreadable, match=r"^x.caf: not a sound"):
        read_pair(pair)
