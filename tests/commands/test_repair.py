"""Lost packets from the command line, by a real worker: run, score, and what each of them refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests import sounds
from tests.commands.front import ask, refused, run
from tests.field import updates

RATE = sounds.RATE
PACKET = 480


def write(path: Path, audio: np.ndarray, rate: int = RATE) -> Path:
    whole = np.round(np.atleast_2d(audio).T * 2**23).astype(np.int32)
    soundfile.write(path, whole << 8, rate, subtype="PCM_24")
    return path


def pcm(path: Path) -> np.ndarray:
    """(channels, samples) whole numbers of 24 bits."""
    return soundfile.read(path, dtype="int32", always_2d=True)[0].T >> 8


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    return write(tmp_path / "truth.wav", sounds.stereo("bell", 1.0))


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """The 31st, the 50th and 51st, and the 80th of 100 packets are lost."""
    lost = ["1" if at in (30, 49, 50, 79) else "0" for at in range(100)]
    path = tmp_path / "trace.txt"
    path.write_text("# a line for each\n" + "\n".join(lost) + "\n")
    return path


def test_a_sound_is_repaired_and_scored_GAP_01_GAP_06(home: Path, truth: Path, trace: Path, tmp_path: Path):
    out = tmp_path / "whole.flac"
    found = ask("repair", "run", truth, "--trace", trace, "--out", out)
    assert found["path"] == str(out) and found["method"] == "ar"
    assert (found["gaps"], found["lost_packets"], found["packets"]) == (3, 4, 100)
    before, after = pcm(truth), pcm(out)
    received = np.ones(before.shape[1], bool)
    for start in (30, 49, 50, 79):
        received[start * PACKET : (start + 1) * PACKET + 96] = False
    assert np.array_equal(before[:, received], after[:, received])
    assert found["changed_outside_gaps"] <= 2 * 3 * 96

    report = tmp_path / "report"
    scored = ask("repair", "score", truth, out, "--trace", trace, "--report", report)
    assert scored["gap_sdr_db"] == scored["gap"]["measures"]["sdr_db"] > 10
    assert scored["measures"]["sdr_db"] > scored["gap_sdr_db"]
    beside = {name: one["gap_sdr_db"] for name, one in scored["beside"].items()}
    assert beside["zero"] == pytest.approx(0, abs=0.01)
    assert beside["oracle"] >= beside["ar-512"] > beside["repeat"]
    ways = ("zero_db", "repeat_db", "ar-512_db")
    assert all(gap["oracle_db"] >= max(gap[way] for way in ways) - 1e-9 for gap in scored["each"])
    assert [round(gap["ms"], 3) for gap in scored["each"]] == [10, 20, 10]
    assert scored["stereo"]["level_error_db"] < 1
    assert (report / "report.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads((report / "report.json").read_text())
    assert told["gap_sdr_db"] == scored["gap_sdr_db"] and "analysis" in told


def test_an_output_scores_as_a_person_would_expect_GAP_06(home: Path, truth: Path, tmp_path: Path):
    audio = sounds.stereo("bell", 1.0)
    others = {"same": audio, "inverted": -audio, "half": audio / 2, "silent": 0 * audio,
              "late": np.pad(audio, ((0, 0), (48, 0)))[:, :-48]}  # fmt: skip
    found = {name: ask("repair", "score", truth, write(tmp_path / f"{name}.wav", made))
             for name, made in others.items()}  # fmt: skip
    assert found["same"]["composite"] == 1 and found["same"]["mastered"]
    assert not any(found[name]["mastered"] for name in others if name != "same")
    assert found["inverted"]["composite"] < 0.05 and found["inverted"]["notes"] == [
        "the output is upside down"
    ]
    assert found["silent"]["composite"] < 0.1 and found["silent"]["notes"] == ["the output is silent"]
    assert found["late"]["notes"] == ["the output is 48 samples behind the truth"]
    legacy = ask("repair", "score", truth, tmp_path / "inverted.wav", "--legacy")
    assert legacy["composite"] == pytest.approx(0.65, abs=0.01) and legacy["mode"] == "legacy"


def test_a_network_loses_the_same_packets_by_its_seed_GAP_02(home: Path, truth: Path, tmp_path: Path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        run("repair", "run", truth, "--trace", "stress", "--seed", seed, "--packet-ms", "5",
            "--model", "zero", "--out", tmp_path / f"{name}.wav")  # fmt: skip
    a, b, c = (pcm(tmp_path / f"{name}.wav") for name in "abc")
    assert np.array_equal(a, b) and not np.array_equal(a, c)
    assert 0.02 < (a == 0).all(axis=0).mean() < 0.25


def test_both_sides_are_better_than_the_past_alone_GAP_04(
    home: Path, truth: Path, trace: Path, tmp_path: Path
):
    sdr = {}
    for model in ("ar", "janssen"):
        out = tmp_path / f"{model}.w64"
        run("repair", "run", truth, "--trace", trace, "--model", model, "--out", out)
        sdr[model] = ask("repair", "score", truth, out, "--trace", trace)["gap_sdr_db"]
    assert sdr["janssen"] > sdr["ar"]


def test_a_trace_that_is_longer_counts_as_far_as_the_sound_GAP_02(home: Path, truth: Path, tmp_path: Path):
    long = tmp_path / "long.txt"
    long.write_text("0\n" * 50 + "1\n" + "0\n" * 100)
    done = run("repair", "run", truth, "--trace", long, "--out", tmp_path / "out.wav")
    assert "the trace has 151 packets, the sound 100: the last 51 count for nothing" in done.stderr


def test_what_can_not_be_repaired_is_refused_in_one_line_GAP_01_GAP_02(
    home: Path, truth: Path, trace: Path, tmp_path: Path
):
    def repair(*options: str | Path, code: int = 4) -> str:
        return refused("repair", "run", truth, "--quiet", *options, code=code)

    out = ("--out", tmp_path / "out.wav")
    every = tmp_path / "every.txt"
    every.write_text("1\n" * 100)
    assert "all 100 packets are lost" in repair("--trace", every, *out)
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("0\n1\nx\n")
    assert "wrong.txt: line 3: 'x' is neither 1 (lost) nor 0 (received)" in repair("--trace", wrong, *out)
    few = repair("--trace", trace, "--packet-ms", "0.2", *out, code=2)
    assert "packet: 0.2 ms is 10 samples at 48000 Hz; nearest: 0.334 ms (16)" in few
    assert "did you mean 'stress'" in repair("--trace", "sterss", *out, code=3)
    assert "nearest: .flac, or .wav" in repair("--trace", trace, "--out", tmp_path / "out.mp3", code=2)
    assert "out.doc" in repair("--trace", trace, "--out", tmp_path / "out.doc", code=2)
    assert "truth.wav exists already" in repair("--trace", trace, "--out", truth)
    assert "no such folder" in repair("--trace", trace, "--out", tmp_path / "no" / "out.wav", code=3)
    nobody = repair("--trace", trace, "--model", "nobody", *out, code=3)
    assert "without a model: ar, ar-512" in nobody
    for slip in ("jansen", "Janssen"):
        near = repair("--trace", trace, "--model", slip, *out, code=3)
        assert f"no repairer or method '{slip}' (did you mean 'janssen'?); without a model: ar" in near
    assert not (tmp_path / "out.wav").exists()


SLIPS: tuple[tuple[tuple[str, ...], int, str], ...] = (
    (("run", "", "--trace", "low", "--out", "o.wav"), 2, "input is missing: sound"),
    (("run", "truth.wav", "--trace", "", "--out", "o.wav"), 2, "trace is missing: file with a line"),
    (("run", "truth.wav", "--trace", "low", "--out", ""), 2, "out is missing: file to write"),
    (("run", "truth.wav", "--trace", "low", "--model", "", "--out", "o.wav"), 3, "without a model: ar"),
    (("run", "trut.wav", "--trace", "low", "--out", "o.wav"), 3, "input: trut.wav: no file, no take and no "
     "DATASET/SOUND of that name (did you mean 'truth.wav'?)"),
    (("run", "a" * 300, "--trace", "low", "--out", "o.wav"), 3, "input: aaa"),
    (("run", "truth.wav", "--trace", "a" * 300, "--out", "o.wav"), 3, "no such file; a network is one of"),
    (("run", "truth.wav", "--trace", "low", "--packet-ms", "0", "--out", "o.wav"), 2, "nearest: 0.1 ms"),
    (("score", "", "truth.wav"), 2, "truth is missing: sound as it really was"),
    (("train", ""), 2, "sounds: one of the names is empty"),
    (("train", ".", "--profile", ""), 4, "profile: ends in none of .yaml, .yml, .toml"),
    (("train", ".", "--profile", "empty.yaml"), 4, "empty.yaml: sets no field; write for instance gaps: 3"),
    (("ship", "", "--out", "o.zip"), 2, "model is missing: repairer"),
    (("profile", ""), 2, "model is missing: repairer"),
    (("trace", "low", "--out", ""), 2, "out is missing: file to write"),
    (("install", "truth.wav", ""), 2, "folder is missing: folder of the field"),
    (("rollback", ""), 2, "folder is missing"),
    (("rollback", "truth.wav"), 3, "folder: truth.wav: is a file; a folder is needed"),
    (("verify", ""), 2, "package is missing"),
    (("diff", "", "truth.wav"), 2, "old is missing"),
    (("feedback", ""), 2, "feedback is missing"),
)  # fmt: skip


def test_slips_are_refused_in_one_line_before_anything_is_queued_CLI(
    unattended: Path, truth: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(truth.parent)
    Path("empty.yaml").touch()
    for words, code, says in SLIPS:
        assert says in refused("repair", *words, "--quiet", code=code), words
    assert ask("jobs", "ls") == []


def test_where_nothing_can_be_written_that_is_said_before_the_work_GAP_06_GAP_09(
    home: Path, truth: Path, tmp_path: Path
):
    why = "/proc/x: can't be written: no such file or directory; choose another name or folder"
    package = updates.package(tmp_path / "it.zip", 1)
    for words in (("trace", "low", "--out"), ("score", truth, truth, "--report"), ("install", package)):
        assert why in refused("repair", *words, "/proc/x", "--quiet", code=4), words
    (tmp_path / "there").symlink_to(tmp_path / "nowhere")
    assert "there exists already" in refused(
        "repair", "trace", "low", "--out", tmp_path / "there", "--quiet", code=4
    )


def test_packets_of_sixteen_samples_are_repaired_GAP_02(home: Path, truth: Path, tmp_path: Path):
    many = tmp_path / "many.txt"
    many.write_text("\n".join("1" if at % 11 == 5 and at > 600 else "0" for at in range(3000)))
    out = tmp_path / "out.wav"
    found = ask("repair", "run", truth, "--trace", many, "--packet-ms", "0.3334", "--out", out)
    assert found["packet_samples"] == 16 and found["gaps"] > 200
    packet = ("--trace", many, "--packet-ms", "0.3334")
    assert ask("repair", "score", truth, out, *packet)["gap_sdr_db"] > 15


def test_pairs_that_do_not_fit_are_refused_in_one_line_GAP_06(home: Path, truth: Path, tmp_path: Path):
    audio = sounds.stereo("bell", 1.0)

    def score(output: Path, against: Path = truth) -> str:
        return refused("repair", "score", against, output, "--quiet", code=4)

    assert "short.wav has 47990 samples, truth.wav 48000" in score(
        write(tmp_path / "short.wav", audio[:, 10:])
    )
    assert "mono.wav has 1 channels, truth.wav 2" in score(write(tmp_path / "mono.wav", audio[0]))
    assert "slow.wav has 44100 Hz, truth.wav 48000" in score(write(tmp_path / "slow.wav", audio, 44_100))
    silent = write(tmp_path / "silent.wav", 0 * audio)
    assert "silent" in score(truth, silent)
    (tmp_path / "text.wav").write_text("no sound")
    assert "text.wav" in score(tmp_path / "text.wav")
