"""Pairs to learn repair from: what is used of them, what is left out and why, who judges (GAP-01, GAP-05)."""

from pathlib import Path

import numpy as np
import pytest

from jobs.desk import Desk
from jobs.nets.gap_examples import examples
from jobs.nets.gap_shape import Shape
from jobs.recipes.gap_material import Heard, Source, heard, split
from jobs.sound.networks import make_trace
from jobs.sound.pcm import to_pcm, write_pcm
from jobs.sound.traces import samples_mask
from store import paths, stream
from store.errors import BadInput
from tests import sounds

RATE = 48_000
SHAPE = Shape(past=2_640, horizon=600)


@pytest.fixture
def desk(home: Path) -> Desk:
    return Desk("0a" * 6, paths.run("0a" * 6))


def notes(desk: Desk) -> list[str]:
    rows, _ = stream.follow(desk.folder / "events.jsonl")
    return [row["text"] for row in rows if row["kind"] == "note"]


def holed(wave: np.ndarray, seed: int = 0) -> np.ndarray:
    """Packets of 10 ms lost as by stress."""
    lost = make_trace("stress", wave.shape[1] // 480 + 1, seed, 10)
    return np.where(samples_mask(lost, 480, wave.shape[1]), np.float32(0), wave)


def pair(
    folder: Path, name: str, truth: np.ndarray, degraded: np.ndarray | None = None, rate: int = RATE
) -> None:
    for half, audio in (("ground_truth", truth), ("inputs", holed(truth) if degraded is None else degraded)):
        (folder / half).mkdir(parents=True, exist_ok=True)
        write_pcm(folder / half / name, to_pcm(audio), rate)


def test_gaps_begin_where_the_input_lost_packets_GAP_01_GAP_05(desk: Desk, tmp_path: Path) -> None:
    truth = sounds.stereo("vowels", 1.0)
    degraded = truth.copy()
    for start in (9_600, 24_000, 24_480, 40_000):
        degraded[:, start : start + 480] = 0
    pair(tmp_path, "a.wav", truth, degraded)
    pair(tmp_path, "b.wav", truth[:, ::2], degraded[:, ::2], rate=24_000)
    found = heard((str(tmp_path),), RATE, desk)
    assert found.pairs == 2
    for one in found.sources:
        assert one.starts is not None
        np.testing.assert_allclose(one.starts, [9_600, 24_000, 40_000], atol=8)
    np.testing.assert_allclose(found.waves[0], truth.mean(axis=0), atol=1e-6)
    made = examples(found.waves[:1], [0], SHAPE, 100, 0, starts=found.starts[:1])
    assert len(made) == 3
    begins = {tuple(np.round(one[:4] * scale, 5)) for one, scale in zip(made.truth, made.scale, strict=True)}
    assert begins == {tuple(np.round(found.waves[0][at : at + 4], 5)) for at in found.starts[0]}


def test_each_pair_that_does_not_fit_is_a_line_and_the_others_are_used_GAP_01(
    desk: Desk, tmp_path: Path
) -> None:
    truth = sounds.stereo("mix", 0.6)
    pair(tmp_path, "fits.wav", truth)
    pair(tmp_path, "short.wav", truth, holed(truth)[:, :-7])
    pair(tmp_path, "silent.wav", 0 * truth, holed(truth))
    pair(tmp_path, "whole.wav", truth, truth)
    pair(tmp_path, "other.wav", truth, 0.5 * truth)
    pair(tmp_path, "tiny.wav", truth[:, :4_000])
    write_pcm(tmp_path / "inputs" / "alone.wav", to_pcm(truth), RATE)
    (tmp_path / "inputs" / "text.wav").write_text("no sound")
    (tmp_path / "ground_truth" / "text.wav").write_text("no sound")
    found = heard((str(tmp_path),), RATE, desk)
    assert [one.name for one in found.sources] == ["fits.wav"]
    told = "\n".join(notes(desk))
    for words in (
        "inputs/short.wav has 28793 samples, ground_truth/short.wav 28800; cut both",
        "ground_truth/silent.wav: silent; nothing can be learnt from it",
        "inputs/whole against ground_truth/whole: nothing differs",
        "inputs/other against ground_truth/other: ",
        "% of all samples differ: more than lost packets",
        "tiny.wav: too short",
        "inputs/alone.wav has no truth",
        "text.wav",
    ):
        assert words in told, words
    assert all(line.startswith("left out: ") for line in notes(desk))


def test_a_lag_and_a_turned_polarity_are_corrected_and_told_GAP_01(desk: Desk, tmp_path: Path) -> None:
    truth = sounds.stereo("mix", 0.8)
    late = np.pad(-holed(truth), ((0, 0), (100, 0)))[:, :-100]
    pair(tmp_path, "late.wav", truth, late)
    (one,) = heard((str(tmp_path),), RATE, desk).sources
    (line,) = notes(desk)
    assert "100 samples" in line and "upside down" in line and line.endswith("corrected")
    expected = heard((str(_plain(tmp_path / "plain", truth)),), RATE, desk).sources[0]
    assert one.starts is not None and expected.starts is not None
    inside = expected.starts[expected.starts < len(one.wave)]
    np.testing.assert_allclose(one.starts[: len(inside)], inside, atol=8)


def _plain(folder: Path, truth: np.ndarray) -> Path:
    pair(folder, "a.wav", truth)
    return folder


def test_a_folder_in_which_no_pair_fits_is_refused_GAP_01(desk: Desk, tmp_path: Path) -> None:
    truth = sounds.stereo("mix", 0.5)
    pair(tmp_path / "mine", "a.wav", truth, holed(truth)[:, 10:])
    with pytest.raises(
        BadInput, match=r"mine: no pair that can be learned from: inputs/a.wav has 23990 samples"
    ):
        heard((str(tmp_path / "mine"),), RATE, desk)
    (tmp_path / "empty" / "inputs").mkdir(parents=True)
    (tmp_path / "empty" / "ground_truth").mkdir()
    with pytest.raises(BadInput, match=r"empty: no pairs; inputs/x.wav belongs to ground_truth/x.wav"):
        heard((str(tmp_path / "empty"),), RATE, desk)


def test_pairs_judge_only_what_was_not_learned_from_them_GAP_05() -> None:
    def material(count: int, kinds: tuple[str, ...] = ("music",)) -> Heard:
        sources = [
            Source(np.ones(10, np.float32), str(at), kinds[at % len(kinds)], np.array([5]))
            for at in range(count)
        ]
        return Heard(sources, tuple(sorted(kinds)))

    for count, kinds in (
        (3, ("music",)),
        (5, ("music", "speech")),
        (6, ("music", "speech", "drums")),
        (20, ("music",)),
    ):
        parts = split(material(count, kinds), 1)
        names = [one.name for part in parts.values() for one in part.sources]
        assert sorted(names) == sorted(str(at) for at in range(count)), "each pair is in one part, whole"
        assert all(part.sources for part in parts.values())
    with pytest.raises(BadInput, match="2 pairs: 3 are needed"):
        split(material(2), 1)


def test_a_folder_with_one_half_alone_is_learned_as_it_is_GAP_05(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    write_pcm(tmp_path / "inputs" / "a.wav", to_pcm(sounds.stereo("mix", 0.5)), RATE)
    found = heard((str(tmp_path),), RATE, desk)
    assert found.pairs == 0 and [one.name for one in found.sources] == ["inputs/a.wav"]


def test_where_nothing_can_be_learned_there_are_no_examples_GAP_05() -> None:
    quiet = np.full(24_000, 1e-5, np.float32)
    for starts in (None, np.array([10, 23_990])):
        made = examples([quiet], [0], SHAPE, 50, 0, starts=[starts])
        assert len(made) == 0 and made.guesses.shape == (0, SHAPE.candidates, SHAPE.horizon)
