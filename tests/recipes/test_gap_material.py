"""Sounds to learn repair from: how much of each is read, and which of them judge (GAP-05)."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from jobs.desk import Desk
from jobs.recipes.gap_material import Heard, Source, heard, split
from store import paths
from tests import sounds


def test_no_more_than_30_s_of_a_sound_are_read_GAP_05(home: Path, tmp_path: Path) -> None:
    """What comes after them may be anything."""
    audio = np.tile(sounds.stereo("mix", 1.0), 7).T
    audio[40 * 8_000 :] = np.nan
    soundfile.write(tmp_path / "long.wav", audio, 8_000, subtype="FLOAT")
    desk = Desk("0a" * 6, paths.run("0a" * 6))
    for rate in (8_000, 16_000):
        (wave,) = heard((str(tmp_path),), rate, desk).waves
        assert len(wave) == 30 * rate
        kept = wave if wave.base is None else wave.base
        assert kept.size == wave.size, "the rest is not kept in memory"
        if rate == 8_000:
            np.testing.assert_allclose(wave, audio[: 30 * rate].mean(axis=1), atol=1e-6)


@pytest.mark.parametrize(("count", "whole"), [(1, False), (14, False), (15, True), (40, True)])
def test_whole_sounds_judge_where_there_are_enough_and_else_the_end_of_each_GAP_05(
    count: int, whole: bool
) -> None:
    wave = np.arange(100, dtype=np.float32)
    parts = split(Heard([Source(wave, str(at), "music") for at in range(count)], ("music",)), 1)
    names = {part: {one.name for one in found.sources} for part, found in parts.items()}
    if whole:
        assert sum(len(found) for found in names.values()) == len(set().union(*names.values())) == count
        assert len(names["test"]) == len(names["validation"]) >= 3
    else:
        assert all(len(found) == count for found in names.values())
        ends = [[one[-1] for one in parts[name].waves] for name in ("train", "validation", "test")]
        assert ends == [[59] * count, [79] * count, [99] * count]
