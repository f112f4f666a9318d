"""Strangers' sounds come as whole numbers out of a process with limits, to the bit, or not at all."""

import os
import resource
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from jobs.sound import confined
from jobs.sound.decoder import Decoder, decoding
from jobs.sound.pcm import HIGHEST, LOWEST, write_pcm
from jobs.sound.reader import Unreadable
from tests import hostile, sounds


def long_file(folder: Path) -> Path:
    """Ten seconds: more than fits into a pipe."""
    path = folder / "long.wav"
    soundfile.write(path, np.tile(sounds.make("pluck", 1.0), 10), 48_000, subtype="PCM_24")
    return path


def pid_of(sound: Decoder) -> int:
    return sound._line._process.pid


@pytest.mark.parametrize(("ending", "channels"), [("wav", 2), ("flac", 1), ("rf64", 8)])
def test_samples_cross_the_process_to_the_bit_in_whatever_pieces_GAP_01(
    tmp_path: Path, ending: str, channels: int
) -> None:
    path = tmp_path / f"a.{ending}"
    numbers = np.random.default_rng(0).integers(LOWEST, HIGHEST + 1, (channels, 150_000), dtype=np.int32)
    numbers[:, :3] = LOWEST, HIGHEST, -1
    write_pcm(path, numbers, 96_000)
    with decoding(path) as sound:
        assert (sound.info.frames, sound.info.rate, sound.exact, sound.beyond) == (150_000, 96_000, True, 0)
        pieces = [sound.take(count) for count in (1, 0, 15, 70_000, 79_984)]
    assert {piece.dtype for piece in pieces} == {np.dtype(np.int32)}
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), numbers)


def test_what_is_lost_on_the_way_in_is_told_GAP_01(tmp_path: Path) -> None:
    loud = np.array([0.5, 1.5, -1.5, 1.0])
    soundfile.write(tmp_path / "loud.wav", loud, 48_000, subtype="FLOAT")
    with decoding(tmp_path / "loud.wav") as sound:
        assert not sound.exact and sound.beyond == 2
        assert sound.whole(4).samples.tolist() == [[2**22, HIGHEST, LOWEST, HIGHEST]]
    with decoding(hostile.cut(tmp_path)) as sound:
        assert "cut off" in sound.info.truncated and sound.whole(2**20).samples.shape[1] == sound.info.frames


def test_more_than_may_be_held_is_refused_with_what_may_GAP_01(tmp_path: Path) -> None:
    with (
        decoding(long_file(tmp_path)) as sound,
        pytest.raises(Unreadable, match=r"long.wav: 10 s of 1 channels .* cut it to 2 s"),
    ):
        sound.whole(100_000)


def test_hostile_files_are_refused_by_what_they_are_GAP_01(tmp_path: Path) -> None:
    for path, why in (
        (hostile.text_named_wav(tmp_path), "notes.wav: not a sound"),
        (hostile.flac_of(tmp_path, 2**36 - 1), "bomb.flac: its header claims"),
        (hostile.not_finite(tmp_path), "nan.wav: 3 samples .* are not numbers"),
        (hostile.pipe(tmp_path), "pipe.wav: a pipe"),
        (tmp_path / "--help", "--help: no such file"),
    ):
        with pytest.raises(Unreadable, match=why), decoding(path):
            pass


def test_limits_hold_in_the_process_and_it_ends_with_its_use_GAP_01(tmp_path: Path) -> None:
    with decoding(long_file(tmp_path)) as sound:
        pid = pid_of(sound)
        assert resource.prlimit(pid, resource.RLIMIT_AS)[0] == confined.MEMORY
        assert resource.prlimit(pid, resource.RLIMIT_FSIZE)[0] == 0
        assert resource.prlimit(pid, resource.RLIMIT_CPU)[0] < 120
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_decoder_that_crashes_costs_the_file_alone_GAP_01(tmp_path: Path) -> None:
    with decoding(long_file(tmp_path)) as sound:
        os.kill(pid_of(sound), signal.SIGSEGV)
        with pytest.raises(Unreadable, match=r"long.wav: the decoder crashed on it \(signal 11\)"):
            sound.whole(2**20)


def test_a_decoder_that_hangs_is_left_when_the_job_shall_stop_GAP_01(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    began = time.monotonic()

    def check() -> None:
        if time.monotonic() - began > 1:
            raise Enough

    with pytest.raises(Enough), decoding(long_file(tmp_path), check) as sound:
        os.kill(pid_of(sound), signal.SIGSTOP)
        began = time.monotonic()
        sound.whole(2**20)
    assert time.monotonic() - began < 3


def test_a_file_that_changes_meanwhile_is_refused_GAP_01(tmp_path: Path) -> None:
    path = long_file(tmp_path)
    with decoding(path) as sound:
        os.truncate(path, path.stat().st_size // 2)
        with pytest.raises(Unreadable, match="changed while it was read"):
            sound.whole(2**20)


def test_a_module_where_the_person_stands_is_not_run_GAP_01(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "soundfile.py").write_text("open('ran', 'w').close()\nraise SystemExit")
    monkeypatch.chdir(tmp_path)
    with decoding(long_file(tmp_path)) as sound:
        assert sound.take(10).shape == (1, 10)
    assert not (tmp_path / "ran").exists()


def test_what_ends_before_it_sends_anything_is_no_change_of_the_file_GAP_01(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos._exit(0)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(Unreadable, match=r"gave up on it \(status 0\)"), decoding(long_file(tmp_path)):
        pass


def test_how_far_it_is_is_told_of_a_long_file_GAP_01(tmp_path: Path) -> None:
    path = tmp_path / "minutes.flac"
    with soundfile.SoundFile(path, "w", 48_000, 8, subtype="PCM_16") as file:
        for _ in range(60):
            file.write(np.zeros((48_000, 8), np.float32))
    told: list[tuple[float, float]] = []
    with decoding(path, told=lambda done, promised: told.append((done, promised))):
        pass
    assert all(0 < done <= promised == 60 for done, promised in told)
