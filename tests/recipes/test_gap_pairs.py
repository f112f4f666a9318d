"""Pairs to learn repair from: what is used of them, what is left out and why, who judges (GAP-01, GAP-05)."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from jobs.desk import Desk
from jobs.nets.gap_examples import examples
from jobs.nets.gap_shape import Shape
from jobs.recipes import sounds as gather
from jobs.recipes.gap_material import Heard, Source, heard, split
from jobs.recipes.gap_pairs import pairs_in, told_apart
from jobs.recipes.material import material
from jobs.sound.networks import make_trace
from jobs.sound.pcm import to_pcm, write_pcm
from jobs.specs import ImportSounds, make
from store import paths, stream
from store.errors import BadInput
from tests import sounds
from tests.recipes.playing import settle

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
    return sounds.without_packets(wave, lost, 480)


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
    assert [one.name for one in found.sources] == ["ground_truth/fits.wav"]
    told = "\n".join(notes(desk))
    for words in (
        "inputs/short.wav has 28793 samples, ground_truth/short.wav 28800; cut both",
        "ground_truth/silent.wav: silent; nothing can be learnt from it",
        "inputs/whole.wav against ground_truth/whole.wav: nothing differs",
        "inputs/other.wav against ground_truth/other.wav: ",
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
    with pytest.raises(BadInput, match=r"empty: no WAV, .* file in it \(it is empty\)"):
        heard((str(tmp_path / "empty"),), RATE, desk)
    write_pcm(tmp_path / "empty" / "inputs" / "a.wav", to_pcm(truth), RATE)
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


def test_pairs_below_what_is_named_are_never_taken_apart_GAP_01_GAP_05(desk: Desk, tmp_path: Path) -> None:
    top = tmp_path / "talks"
    for number, folder in enumerate((top / "one", top / "deep" / "two")):
        pair(folder, "2.wav", sounds.stereo("mix", 0.5, number))
    write_pcm(top / "deep" / "alone.wav", to_pcm(sounds.stereo("bell", 0.5)), RATE)
    truths = ["deep/two/ground_truth/2.wav", "one/ground_truth/2.wav"]

    found = heard((str(top),), RATE, desk)
    assert [one.name for one in found.sources] == [*truths, "deep/alone.wav"] and found.pairs == 2
    assert not notes(desk)

    halves = tuple(str(top / "one" / half) for half in ("inputs", "ground_truth"))
    assert [one.starts is not None for one in heard(halves, RATE, desk).sources] == [True]
    (truth,) = heard(halves[1:], RATE, desk).sources
    assert truth.starts is None, "without its input it is a sound as others are"

    spec = make(ImportSounds, paths=[str(top)], name="talks", copy=True)
    (record,) = settle("import", gather.run(spec, Desk("import", paths.run("import"))))
    shutil.rmtree(top)
    copied = heard((record["id"],), RATE, desk)
    assert copied.pairs == 2 and len(copied.sources) == 3
    np.testing.assert_array_equal(copied.waves[0], found.waves[0])


def test_one_folder_without_a_pair_does_not_cost_the_others_GAP_01(desk: Desk, tmp_path: Path) -> None:
    truth = sounds.stereo("mix", 0.5)
    pair(tmp_path / "good", "a.wav", truth)
    pair(tmp_path / "odd", "a.wav", truth)
    (tmp_path / "odd" / "inputs" / "a.wav").rename(tmp_path / "odd" / "inputs" / "b.wav")
    found = heard((str(tmp_path),), RATE, desk)
    assert [one.name for one in found.sources] == ["good/ground_truth/a.wav"]
    assert notes(desk) == [
        "left out: inputs/b.wav has no truth; add it, or take the file out",
        "left out: ground_truth/a.wav has no input; add it, or take the file out",
    ]


def test_one_pair_after_the_other_is_held_and_30_s_of_it_are_kept_GAP_05(desk: Desk, tmp_path: Path) -> None:
    truth = np.tile(sounds.stereo("mix", 1.0), 6)
    pair(tmp_path, "a.wav", truth, rate=8_000)
    pair(tmp_path, "b.wav", truth, holed(truth)[:, 1:], rate=8_000)
    folders, _ = told_apart(material((str(tmp_path),), desk), (str(tmp_path),))
    found = pairs_in(folders, 8_000, desk)
    assert len(next(found).wave) == truth.shape[1] and not notes(desk), "b is not looked at yet"
    assert not list(found) and "b.wav has 287999 samples" in notes(desk)[0]

    (wave,) = heard((str(tmp_path),), 8_000, desk).waves
    assert len(wave) == 30 * 8_000 and wave.base is None
