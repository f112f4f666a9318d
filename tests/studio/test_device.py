# ruff: noqa: E501 - command lines are read as they stand
"""The device route for real: a sound server without a sound card, and what it recorded of what was played."""

import math
import os
import signal
import subprocess
import sys
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.library import Library
from studio.player import Player
from tests.studio.browser import program
from tests.studio.conftest import studio
from tests.studio.house import tone

RATE = 48_000
PLUGINS = ("/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so",)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A PulseAudio with a sink that goes nowhere, where PortAudio finds it by ALSA; its socket."""
    pulse = program("pulseaudio")
    if not list(Path("/").glob(PLUGINS[0].lstrip("/"))):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "ALSA's plugin for PulseAudio is missing"
        )
    socket = tmp_path / "pulse.sock"
    for name in ("XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    modules = (
        f"module-native-protocol-unix socket={socket} auth-anonymous=1",
        f"module-null-sink sink_name=nowhere rate={RATE}",
    )
    loads = [word for module in modules for word in ("-L", module)]
    flags = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
    process = subprocess.Popen(
        [pulse, *flags, *loads],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (tmp_path / "asound.conf").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", f"/usr/share/alsa/alsa.conf:{tmp_path}/asound.conf")
    monkeypatch.setenv("PULSE_SERVER", f"unix:{socket}")
    for _ in range(100):
        if socket.exists():
            break
        time.sleep(0.05)
    yield socket
    process.kill()
    process.wait()


PLAY = """
import sys, time
from studio.player import Player
player = Player()
assert player.route == "device", player.route

def until(what):
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end and not player.why, (player.position, player.why)
        time.sleep(0.01)

player.turn(-6.0)
player.play(sys.argv[1], 0.5)
until(lambda: player.position > 1.0)
player.toggle()
assert not player.playing
player.seek_to(0.0)
player.turn_loop()
player.toggle()
until(lambda: player.position > 1.5)
until(lambda: player.position < 1.0)
until(lambda: player.position > 0.5)
assert player.playing, "over and over"
player.stop()
assert player.route == "device" and not player.why, player.why
heavy = [name for name in ("numpy", "soundfile", "torch") if name in sys.modules]
assert not heavy, heavy
print("played")
"""


def level(samples: array, hertz: float) -> float:
    """Amplitude of a tone in samples of -1 to 1 (Goertzel)."""
    turn = 2 * math.pi * hertz / RATE
    before = last = 0.0
    for sample in samples:
        before, last = last, sample / 32768 + 2 * math.cos(turn) * last - before
    power = before * before + last * last - 2 * math.cos(turn) * before * last
    return 2 * math.sqrt(max(0.0, power)) / len(samples)


def test_a_device_plays_what_the_file_holds_UX(server: Path, tmp_path: Path) -> None:
    """The tone comes out of the sink at its pitch, as much softer as was asked, without numpy."""
    steady = tmp_path / "steady.wav"
    _steady(steady, 2.0, 440.0)
    recording = tmp_path / "heard.raw"
    with open(recording, "wb") as file:
        recorder = subprocess.Popen(
            [program("parec"), "-d", "nowhere.monitor", "--rate=48000", "--channels=1", "--format=s16le", "--latency-msec=20"],
            stdout=file, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    end = time.monotonic() + 10
    while not recording.stat().st_size and time.monotonic() < end:
        time.sleep(0.02)
    done = subprocess.run(
        [sys.executable, "-c", PLAY, str(steady)], capture_output=True, text=True, timeout=60
    )
    assert "played" in done.stdout, done.stdout + done.stderr[-2000:]
    recorder.terminate()
    recorder.wait()
    raw = recording.read_bytes()
    heard = array("h", raw[: len(raw) // 2 * 2])
    loud = [at for at, sample in enumerate(heard) if abs(sample) > 300]
    assert loud, "nothing came out"
    # Not the beginning, which was paused; the tone has no seam where it goes round.
    whole = heard[loud[-1] - RATE : loud[-1] - RATE // 2]
    assert level(whole, 440.0) == pytest.approx(0.5 * 10 ** (-6 / 20), rel=0.05)
    assert level(whole, 660.0) < 0.01
    # Half a second of it, a pause, and then more than its length: it went round.
    assert len(loud) / RATE > 2.5


def _steady(path: Path, seconds: float, hertz: float) -> None:
    import wave

    frames = array(
        "h", (int(16384 * math.sin(2 * math.pi * hertz * i / RATE)) for i in range(int(seconds * RATE)))
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames.tobytes())


def test_doctor_says_which_way_sound_takes_UX(server: Path, home: Path) -> None:
    command = [sys.executable, "-m", "studio", "doctor", "audio"]
    by_pulse = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert by_pulse.returncode == 0 and "-> device" in by_pulse.stdout and "PULSE_SERVER" in by_pulse.stdout


def test_a_flac_is_unpacked_for_the_device(home: Path, tmp_path: Path) -> None:
    """What is no WAV is decoded by a process of its own, within limits, once."""
    import soundfile

    from store.errors import BadInput
    from studio.listen.unpacked import unpacked
    from studio.listen.wav import read_wav

    data, rate = soundfile.read(tone(tmp_path / "a.wav", 0.3))
    soundfile.write(tmp_path / "a.flac", data, rate)
    made = unpacked(str(tmp_path / "a.flac"))
    assert read_wav(made).seconds == pytest.approx(0.3, abs=0.001)
    assert unpacked(str(tmp_path / "a.flac")) == made
    (tmp_path / "b.flac").write_bytes(b"fLaC and nothing more")
    with pytest.raises(BadInput) as error:
        unpacked(str(tmp_path / "b.flac"))
    assert "\n" not in str(error.value) and "b.flac" in str(error.value)
    with pytest.raises(BadInput):
        unpacked(str(tmp_path / "gone.flac"))


def test_the_command_line_plays_from_a_place_on_OUT_01(server: Path, home: Path, tmp_path: Path) -> None:
    long, short = tone(tmp_path / "a.wav", 8.0), tone(tmp_path / "b.wav", 0.3)
    command = [sys.executable, "-m", "studio", "play", "--json"]
    begun = time.monotonic()
    done = subprocess.run([*command, str(long), "--at", "7.8"], capture_output=True, text=True, timeout=30)
    assert '"route": "device"' in done.stdout and time.monotonic() - begun < 7.5, done
    over = subprocess.Popen([*command, str(short), "--loop", "--volume", "-20"], stdout=subprocess.PIPE)
    time.sleep(2.5)
    assert over.poll() is None, "over and over"
    over.send_signal(signal.SIGINT)
    assert over.wait(10) == 130


async def test_a_device_that_fails_is_said_once_and_looked_for_again_UX(
    library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A sound server that does not answer: the next way is taken, and it is said why."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    monkeypatch.setenv("ALSA_CONFIG_PATH", f"{tmp_path}/none")
    app = studio("history")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        app.player.device.look()
        assert app.player.route == "device"
        await pilot.press("space")
        for _ in range(100):
            await pilot.pause(0.05)
            if app.player.device.lost and app.keys.said[0]:
                break
        assert "no audio output" in app.keys.said[0] and ".wav" in app.keys.said[0]
        assert app.player.route == "path" and app.header.route == "path" and not app.player.playing
        await pilot.press("j")
        await pilot.press("enter")
        await pilot.pause(0.6)
        assert "no audio output" not in app.keys.said[0], "once"
        app.take_route("device")
        assert app.player.route == "device", "by hand it is looked for again"


def test_a_sound_library_that_ends_its_process_does_not_end_ours(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where ALSA has no configuration, PortAudio aborts: that is one line, in the doctor too."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    monkeypatch.setenv("ALSA_CONFIG_PATH", f"{tmp_path}/none")
    player = Player()
    player.play(tone(tmp_path / "a.wav", 1.0))
    end = time.monotonic() + 10
    while player.playing and time.monotonic() < end:
        time.sleep(0.02)
    assert player.route == "path" and player.device.lost.startswith("no audio output: ")
    command = [sys.executable, "-m", "studio", "doctor", "audio"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert told.returncode == 0 and "-> path" in told.stdout, told


def test_the_program_that_holds_the_device_ends_with_the_studio(server: Path, tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from studio.player import Player; player = Player(); player.play(sys.argv[1])\n"
        "while not player.position: time.sleep(0.01)\n"
        "print(player.device._speaker.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    argv = [sys.executable, "-c", code, str(tone(tmp_path / "a.wav", 20.0))]
    pid = int(subprocess.run(argv, capture_output=True, text=True, timeout=30).stdout)
    end = time.monotonic() + 5
    while (
        Path(f"/proc/{pid}/stat").exists()
        and Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    ):
        assert time.monotonic() < end, "it plays on"
        time.sleep(0.02)
