"""Measures of speech: they agree with their libraries, follow what happens to it, and say when they can't."""

import importlib
import json
import os

import numpy as np
import pytest

from jobs.sound import speech
from jobs.sound.fidelity import Unmeasurable
from jobs.sound.io import resample
from tests import sounds
from tests.sound.test_fidelity import noise, noisy

RATE = 48_000
OPTIONAL = ("pesq", "speechmos")
"""The extra ``speech``: one compiles C, the other brings models."""


INTRUSIVE = ("pesq_wb", "pesq_nb", "stoi", "estoi")


def library(name: str):
    """Skips where an optional library is not there; a required one must be there in CI."""
    if name.partition(".")[0] not in OPTIONAL and os.environ.get("CI") == "true":
        return importlib.import_module(name)
    return pytest.importorskip(name, reason=f"{name} is not installed: pip install 'woodshed[speech]'")


def spoken(seconds: float = 3.0, seed: int = 0) -> np.ndarray:
    """Vowels in four syllables a second with pauses between words."""
    voice = sounds.make("vowels", seconds, seed).astype(float)
    t = np.arange(len(voice)) / RATE
    return voice * (0.5 - 0.5 * np.cos(2 * np.pi * 4 * t)) * (np.sin(2 * np.pi * 0.7 * t) > -0.8)


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    return spoken()


def limit(found: dict, name: str) -> str:
    """The one line that says why it is not there."""
    lines = [line for line in found["limits"] if line.startswith(f"{name}: ")]
    assert name not in found and len(lines) == 1
    return lines[0]


def test_pesq_and_stoi_of_a_copy_are_the_best_there_is_GAP_07(voice):
    library("pesq"), library("pystoi")
    found = speech.evaluate(voice, voice, RATE, INTRUSIVE)
    assert found["pesq_wb"] == pytest.approx(4.644, abs=0.001)
    assert found["pesq_nb"] == pytest.approx(4.549, abs=0.001)
    assert found["stoi"] == pytest.approx(1, abs=1e-6) and found["estoi"] == pytest.approx(1, abs=1e-6)


def test_more_noise_is_worse_speech_GAP_07(voice):
    library("pesq"), library("pystoi")
    rows = [speech.evaluate(noisy(voice, sdr_db), voice, RATE, INTRUSIVE) for sdr_db in (50, 30, 10, -10)]
    for name in INTRUSIVE:
        values = [row[name] for row in rows]
        assert values == sorted(values, reverse=True) and values[0] > values[-1] + 0.1, name


def test_pesq_is_that_of_its_library_at_its_rates_GAP_07(voice):
    pesq = library("pesq")
    output = noisy(voice, 25)
    found = speech.evaluate(output, voice, RATE, ["pesq_wb", "pesq_nb"])
    assert set(found) == {"pesq_wb", "pesq_nb", "limits"}
    for name, rate, band in (("pesq_wb", 16_000, "wb"), ("pesq_nb", 8_000, "nb")):
        ours, theirs = (resample(wave[None], RATE, rate)[0] for wave in (output, voice))
        assert found[name] == pytest.approx(pesq.pesq(rate, theirs, ours, band), abs=1e-6)


def test_stoi_is_that_of_its_library_which_resamples_by_itself_GAP_07(voice):
    pystoi = library("pystoi")
    output = noisy(voice, 5)
    found = speech.evaluate(output, voice, RATE, ["stoi", "estoi"])
    assert found["stoi"] == pytest.approx(pystoi.stoi(voice, output, RATE), abs=1e-3)
    assert found["estoi"] == pytest.approx(pystoi.stoi(voice, output, RATE, extended=True), abs=1e-3)


def test_plcmos_is_the_same_each_time_and_near_that_of_its_library_GAP_07(voice):
    plcmos = library("speechmos.plcmos")
    found, again = (speech.evaluate(voice, voice, RATE, ["plcmos"])["plcmos"] for _ in range(2))
    assert found == again
    theirs = plcmos.run(np.clip(resample(voice[None], RATE, 16_000)[0], -1, 1), 16_000)["plcmos"]
    assert found == pytest.approx(theirs, abs=0.2)


def test_a_silent_output_is_the_worst_GAP_07(voice):
    library("pesq"), library("pystoi"), library("speechmos.plcmos")
    found = speech.evaluate(np.zeros_like(voice), voice, RATE)
    assert found["pesq_wb"] == found["pesq_nb"] == found["plcmos"] == 1
    assert found["stoi"] == pytest.approx(0, abs=0.02) == pytest.approx(found["estoi"], abs=0.02)


@pytest.mark.parametrize(("name", "module", "seconds"), [
    ("pesq_wb", "pesq", 0.25), ("pesq_nb", "pesq", 0.25), ("stoi", "pystoi", 0.45), ("estoi", "pystoi", 0.45),
    ("plcmos", "speechmos.plcmos", 1.0),
])  # fmt: skip
def test_what_is_too_short_is_said_and_not_measured_GAP_07(voice, name, module, seconds):
    library(module)
    enough = voice[9_600 : 9_600 + round(seconds * RATE)]
    assert name in speech.evaluate(enough, enough, RATE, [name])
    short = enough[:-480]
    line = limit(speech.evaluate(short, short, RATE, [name]), name)
    assert line == f"{name}: needs {seconds:g} s at least; this is {seconds - 0.01:.2f} s"


def test_stoi_of_too_little_speech_is_said_where_the_library_gives_next_to_nothing_GAP_07(voice):
    """One syllable in two seconds: after silence is removed, too few frames are left."""
    pystoi = library("pystoi")
    lonely = np.where(np.arange(2 * RATE) < 0.2 * RATE, voice[9_600 : 9_600 + 2 * RATE], 0)
    with pytest.warns(RuntimeWarning, match="Not enough STFT frames"):
        assert pystoi.stoi(lonely, lonely, RATE) == 1e-5
    found = speech.evaluate(lonely, lonely, RATE, ["stoi", "estoi"])
    for name in ("stoi", "estoi"):
        assert limit(found, name) == f"{name}: too little speech: 30 frames of 25.6 ms are needed"


def test_a_telephone_line_has_no_wideband_GAP_07(voice):
    library("pesq"), library("pystoi")
    low = resample(voice[None], RATE, 8_000)
    found = speech.evaluate(low, low, 8_000)
    assert found["pesq_nb"] > 4.5 and found["stoi"] > 0.99
    for name in ("pesq_wb", "plcmos"):
        assert limit(found, name) == f"{name}: needs a rate of 16000 Hz at least; this is 8000 Hz"


def test_long_speech_is_measured_in_stretches_and_silent_ones_are_told_GAP_07(voice):
    """The code of PESQ alone would crash here: it has room for fifty utterances."""
    library("pesq")
    long = np.tile(voice[: 2 * RATE], 45)
    low = resample(long[None], RATE, 8_000)
    found = speech.evaluate(low, low, 8_000, ["pesq_nb"])
    assert found == {"pesq_nb": pytest.approx(4.549, abs=0.001), "limits": [speech.FOR_SPEECH]}
    low[:, low.shape[1] // 3 :] = 0
    found = speech.evaluate(low, low, 8_000, ["pesq_nb"])
    assert found["pesq_nb"] == pytest.approx(4.549, abs=0.001)
    assert found["limits"] == [
        "pesq_nb: 6 of 9 stretches left out: no speech was found", speech.FOR_SPEECH
    ]  # fmt: skip


def test_a_library_that_is_not_there_is_said_with_what_to_install_GAP_07(voice, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(speech.importlib, "import_module", missing)
    found = speech.evaluate(voice, voice, RATE)
    assert list(found) == ["limits"] and len(found["limits"]) == len(speech.NAMES) == len(speech.MEASURES)
    assert limit(found, "pesq_wb") == "pesq_wb: No module named 'pesq'; pip install 'woodshed[speech]'"


def test_whatever_is_rated_is_rated_as_speech_and_that_is_said_GAP_07():
    """None of the measures can tell music from speech, so the caveat goes with every value."""
    library("pesq")
    music = sounds.make("bell", 1.0)
    (line,) = speech.evaluate(music, music, RATE, ["pesq_wb"])["limits"]
    assert "PESQ is validated for narrow- and wideband speech alone (ITU-T P.862); of music" in line


def test_channels_are_averaged_and_the_result_is_json_GAP_07(voice):
    library("pesq")
    stereo = np.stack([voice, voice])
    found = speech.evaluate(noisy(stereo, 20), stereo, RATE, ["pesq_wb"])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    # Two noises that have nothing to do with each other: half their power is left.
    assert found["pesq_wb"] > speech.evaluate(noisy(voice, 20), voice, RATE, ["pesq_wb"])["pesq_wb"]


def test_what_can_not_be_compared_is_refused_GAP_07():
    with pytest.raises(Unmeasurable, match="output has 999 samples, truth 1000"):
        speech.evaluate(noise(0, 999), noise(0, 1_000), RATE)
    with pytest.raises(Unmeasurable, match="truth: silent"):
        speech.evaluate(noise(), np.zeros(RATE), RATE)
