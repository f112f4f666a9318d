"""Datasets from the command line, with a real worker."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio import actions, demo_sounds
from tests.commands.front import ask, refused, run, start
from tests.studio import house


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's sounds, made once."""
    folder = tmp_path_factory.mktemp("rendered")
    demo_sounds.make(folder)
    return folder


@pytest.fixture
def sounds(rendered: Path, tmp_path: Path) -> Path:
    """A folder of sounds of one's own."""
    return Path(shutil.copytree(rendered, tmp_path / "kit"))


def test_the_demo_sounds_are_the_same_every_time_CLI(rendered: Path, tmp_path: Path) -> None:
    again = demo_sounds.make(tmp_path / "again")
    assert len(again) == 12
    assert all(path.read_bytes() == (rendered / path.name).read_bytes() for path in again)


def test_add_ls_show_DATA_01_02_03(home: Path, sounds: Path) -> None:
    made = ask("data", "add", sounds)
    assert made["name"] == "kit"
    assert made["count"] == 12
    assert Path(made["folder"]).is_absolute()
    assert [one["id"] for one in ask("data", "ls")] == [made["id"]]
    shown = ask("data", "show", made["id"][:5])
    assert {Path(one["file"]).name for one in shown["sounds"]} == {path.name for path in sounds.iterdir()}
    assert shown["created"].endswith("Z")
    job = ask("jobs", "show", made["job"])
    assert job["state"] == "done" and job["spec"]["paths"] == [str(sounds)]


def test_a_log_has_lines_and_no_escapes_CLI(home: Path, sounds: Path) -> None:
    done = run("data", "add", sounds, "--name", "two words")
    assert "dataset two words" in done.stdout
    assert "12/12" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "two words" in run("data", "ls").stdout
    assert run("data", "add", sounds, "--quiet").stderr == ""


def test_check_notices_what_changed_DATA_04(home: Path, sounds: Path) -> None:
    made = ask("data", "add", sounds, "--name", "kit")
    assert ask("data", "check", "kit")["ok"]
    (sounds / "cymbal.wav").unlink()
    (sounds / "drum-low.wav").write_bytes((sounds / "drum-tom.wav").read_bytes())
    found = run("data", "check", "kit", code=4)
    assert "cymbal.wav" in found.stdout and "drum-low.wav" in found.stdout
    assert "10 of 12" in found.stdout
    assert made["id"]


def test_bad_input_is_one_line_and_4_DATA_04(home: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    (bad / "kick[").mkdir(parents=True)
    (bad / "words.wav").write_text("these are words")
    (bad / "kick[/].wav").write_text("so are these")
    (bad / "esc\x1b[31m.wav").write_text("and these")
    done = run("data", "add", bad, "--quiet", code=4)
    assert len(done.stderr.strip().splitlines()) == 1
    assert "\x1b" not in done.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    run("data", "add", empty, code=4)
    assert ask("data", "ls") == []
    assert {job["state"] for job in ask("jobs", "ls")} == {"failed"}


def test_hostile_names_are_drawn_not_obeyed_CLI(home: Path, sounds: Path) -> None:
    (sounds / "kick[").mkdir()
    (sounds / "cymbal.wav").rename(sounds / "kick[/].wav")
    (sounds / "drum-tom.wav").rename(sounds / "esc\x1b[31m.wav")
    run("data", "add", sounds, "--name", "[bold]red[/bold]")
    shown = run("data", "show", "[bold]red[/bold]").stdout
    assert "].wav" in shown and "[bold]red[/bold]" in shown
    assert "\x1b" not in shown


def test_rename_rm_undo_restore_purge_DATA_03(home: Path, sounds: Path) -> None:
    made = ask("data", "add", sounds, "--name", "kit")
    assert ask("data", "rename", "kit", "set")["name"] == "set"
    assert ask("data", "rm", "set")["id"] == made["id"]
    assert ask("data", "ls") == []
    assert [one["id"] for one in ask("data", "ls", "--trash")] == [made["id"]]
    ask("undo")
    assert [one["name"] for one in ask("data", "ls")] == ["set"]
    ask("data", "rm", "set")
    assert ask("data", "restore", "set")["name"] == "set"
    refused("data", "purge", "set", "--yes", code=3)
    ask("data", "rm", "set")
    ask("data", "purge", "set", "--yes")
    assert not Path(made["folder"]).exists()
    assert (sounds / "cymbal.wav").exists(), "the originals are never touched"


def test_detach_returns_the_job_at_once_CLI(home: Path, sounds: Path) -> None:
    job = ask("data", "add", sounds, "--detach")
    assert job["state"] in ("queued", "running", "done")
    followed = ask("jobs", "follow", job["id"])
    assert followed["state"] == "done"
    assert [one["job"] for one in ask("data", "ls")] == [job["id"]]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_waiting_stops_the_job_CLI(
    home: Path, sounds: Path, number: signal.Signals, code: int
) -> None:
    for name in range(60):
        for path in ("pad-open.wav", "string-low.wav", "bell-large.wav"):
            text = bytearray((sounds / path).read_bytes())
            text[5000:5004] = name.to_bytes(4, "little")
            (sounds / f"{name}-{path}").write_bytes(text)
    waiting = start("data", "add", sounds)
    end = time.monotonic() + 30
    while time.monotonic() < end and not any(job.state == "running" for job in actions.jobs()):
        assert waiting.poll() is None
        time.sleep(0.05)
    os.kill(waiting.pid, number)
    _, said = waiting.communicate(timeout=30)
    assert waiting.returncode == code, said
    assert "jobs resume" in said
    job = ask("jobs", "ls")[-1]
    assert job["state"] == "cancelled"
    assert ask("jobs", "resume", job["id"])["state"] in ("queued", "running", "done")
    assert ask("jobs", "follow", job["id"])["state"] == "done"
    assert len(ask("data", "ls")) == 1


def test_a_file_that_is_no_sound_is_not_offered_to_be_played_elsewhere_CLI(
    home: Path, tmp_path: Path
) -> None:
    words = tmp_path / "voice.wav"
    words.write_text("hello")
    assert "voice.wav" in refused("play", words, "--via", "path", code=4)
    house.tone(tmp_path / "tone.wav")
    assert "scp" in run("play", tmp_path / "tone.wav", "--via", "path").stdout


def test_one_sound_is_one_sound_and_the_next_line_can_be_pasted_CLI(home: Path, tmp_path: Path) -> None:
    house.tone(tmp_path / "tone.wav", 1.0)
    told = run("data", "add", tmp_path / "tone.wav").stdout
    assert ": 1 sound, 1.0 s" in told
    script = Path(sys.executable).parent / "woodshed"
    lines = subprocess.run(
        [script, "data", "add", tmp_path / "tone.wav"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": "/usr/bin:/bin"},
    ).stdout.splitlines()
    assert lines[-1].startswith(f"next: {script} train ")
