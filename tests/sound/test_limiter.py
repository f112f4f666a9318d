"""No peak above the ceiling, not even between two samples, and nothing changed where none is (OUT-02)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample

from jobs.sound.limiter import CEILING, Limiter, TruePeak, true_peak
from tests import sounds
from tests.sound.streams import CUTS, noise, streamed


def limited(audio: np.ndarray, rate: int = 48_000, ceiling: float = CEILING, cuts: list | tuple = ()):
    return streamed(Limiter(rate, len(audio), ceiling), audio, cuts)


def between_samples(count: int = 48_000) -> np.ndarray:
    """A sine of a quarter of the rate whose samples all miss its peaks: 0 dBFS, +3 dBTP."""
    tone = np.sin(np.pi / 2 * np.arange(count) + np.pi / 4) * np.sqrt(2)
    return tone.astype(np.float32)[None]


def swelled(audio: np.ndarray) -> np.ndarray:
    """Without an edge, which alone would ring between the samples."""
    ramp = np.minimum(1, np.arange(audio.shape[1]) / 2_000)
    return (audio * ramp * ramp[::-1]).astype(np.float32)


def test_a_tone_that_hides_its_peaks_is_seen_and_limited_OUT_02() -> None:
    tone = swelled(between_samples())
    assert np.abs(tone).max() == pytest.approx(1, abs=1e-6)
    assert true_peak(tone) == pytest.approx(3.01, abs=0.02)
    made = limited(between_samples())
    assert made.shape == tone.shape and -1.5 < true_peak(made) <= -1


@pytest.mark.parametrize("frequency", [55, 997, 5_000, 12_000, 18_000])
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_the_peak_of_a_tone_is_its_amplitude(frequency: float, rate: int) -> None:
    """BS.1770-4 allows +0.2/-0.4 dB for four values a sample; this filter is nearer."""
    tone = swelled(np.sin(2 * np.pi * frequency / rate * np.arange(rate) + 0.3)[None] * 0.5)
    assert true_peak(tone) == pytest.approx(-6.02, abs=0.15)


def test_peaks_are_found_wherever_they_are() -> None:
    for place in (0, 1, 16_287, 16_288, 16_289, 20_000, 29_999):
        audio = np.zeros((2, 30_000), np.float32)
        audio[1, place] = 0.5
        assert true_peak(audio) == pytest.approx(-6.02, abs=0.01)
    assert true_peak(np.zeros(100, np.float32)) == -200 == TruePeak(2).dbtp()


@settings(max_examples=20, deadline=None)
@given(cuts=CUTS, level=st.floats(0.01, 3), channels=st.sampled_from([1, 2]), seed=st.integers(0, 99))
def test_blocks_of_any_length_give_the_same_bits(cuts: list, level: float, channels: int, seed: int) -> None:
    audio = noise(channels, 20_000, seed, level)
    whole = limited(audio)
    np.testing.assert_array_equal(whole, limited(audio, cuts=cuts))
    meter = TruePeak(channels)
    for block in np.split(audio, sorted(cut for cut in cuts if cut < 20_000), axis=1):
        meter.add(block)
    # A reading: the last bit of a product depends on how many slices are multiplied at once.
    assert meter.dbtp() == pytest.approx(true_peak(audio), abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(sorted(sounds.KINDS)), drive=st.floats(0.5, 8),
    rate=st.sampled_from([44_100, 96_000]), seed=st.integers(0, 50),
    ceiling=st.sampled_from([-0.3, -1.0, -2.0, -6.0]),
)  # fmt: skip
def test_the_ceiling_holds_for_any_sound_OUT_02(
    kind: str, drive: float, rate: int, seed: int, ceiling: float
) -> None:
    audio = sounds.stereo(kind, 0.5, seed)
    audio = audio / np.abs(audio).max() * np.float32(drive)
    assert true_peak(limited(audio, rate, ceiling)) <= ceiling


@pytest.mark.parametrize("audio", [
    noise(2, 48_000, level=0.5), np.sign(noise(1, 48_000)) * np.float32(0.99), between_samples(),
    np.repeat(np.sign(noise(1, 4_800)), 10, axis=1), np.eye(1, 48_000, 24_000, dtype=np.float32) * 3,
], ids=["noise", "square noise", "tone", "steps", "click"])  # fmt: skip
def test_the_ceiling_holds_for_what_is_worst(audio: np.ndarray) -> None:
    made = limited(audio)
    assert true_peak(made) <= -1
    # Another meter: sixteen values a sample without any filter's slope.
    assert 20 * np.log10(np.abs(resample(made, 16 * made.shape[1], axis=1)).max()) < -0.2


def test_what_stays_below_is_not_touched_to_the_bit() -> None:
    audio = sounds.stereo("mix", 2.0)
    audio *= 10 ** ((-1.001 - true_peak(audio)) / 20)
    limiter = Limiter(48_000, 2)
    np.testing.assert_array_equal(streamed(limiter, audio), audio)
    assert limiter.deepest == 0


def test_only_the_neighbourhood_of_a_peak_is_touched() -> None:
    audio = noise(1, 48_000, level=0.05)
    audio[0, 24_000] = 1.2
    made = limited(audio)
    same = np.nonzero(made[0] != audio[0])[0]
    assert same[0] > 24_000 - 0.009 * 48_000 and same[-1] < 24_000 + 0.030 * 48_000
    gain = made[0, same] / audio[0, same]
    assert np.abs(np.diff(gain)).max() < 0.01


def test_both_channels_get_one_gain() -> None:
    """Else the picture would lean away from every peak."""
    audio = noise(2, 30_000, level=0.05)
    audio[0, 15_000] = 2
    made = limited(audio)
    moved = np.abs(audio).min(axis=0) > 1e-3
    ratio = (made / audio)[:, moved]
    np.testing.assert_allclose(ratio[0], ratio[1], rtol=1e-5)
    assert ratio.min() < 0.5


def test_a_low_tone_is_turned_down_as_a_whole() -> None:
    """A gain that followed every wave would make overtones."""
    t = np.arange(96_000) / 48_000
    tone = swelled(1.2 * np.sin(2 * np.pi * 50 * t)[None])
    made = limited(tone)[0, 24_000:72_000]
    power = np.abs(np.fft.rfft(made * np.hanning(len(made)))) ** 2
    assert power[100:].sum() < 1e-8 * power.sum()
