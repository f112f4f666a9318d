"""What folders and names tell of a sound (FP-02)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.sound.labels import EVERY_FLAW, FLAWS, INSTRUMENTS, label


@pytest.mark.parametrize(
    ("path", "subset", "instrument", "flaw"),
    [
        ("drums/kick_deep.wav", "gold", "drums", "none"),
        ("raw/flawed/drums/kick_flawed_muddy_001.wav", "flawed", "drums", "muddy"),
        ("flawed/vocals/lead_flawed_over-compressed_12.flac", "flawed", "vocals", "overcompressed"),
        ("guitar/riff_flawed_Boxed_003.wav", "flawed", "guitar", "boxy"),
        ("x/bass_flawed_boomy+thin_002.wav", "flawed", "bass", "boomy+thin"),
        ("loose/snare_01.wav", "gold", "drums", "none"),
        ("Piano samples/c4.wav", "gold", "keys", "none"),
        ("kick_in_vocals/vocals/take.wav", "gold", "vocals", "none"),
    ],
)
def test_what_a_path_tells_FP_02(path: str, subset: str, instrument: str, flaw: str) -> None:
    told = label(path)
    assert (told.subset, told.instrument, told.flaw, told.problem) == (subset, instrument, flaw, "")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("gutiar/one.wav", "did you mean 'guitar'"),
        ("ambience/wind.wav", "no instrument"),
        ("drums/kick_flawed_nasal_001.wav", "'nasal' is no flaw of drums"),
        ("drums/kick_flawed_mudy_001.wav", "did you mean 'muddy'"),
        ("flawed/drums/kick.wav", "not named"),
        ("gold/drums/kick_flawed_muddy_001.wav", "lies under gold"),
    ],
)
def test_what_does_not_fit_is_told_with_the_nearest_FP_02(path: str, words: str) -> None:
    assert words in label(path).problem


@given(st.text(max_size=80))
def test_any_path_gives_a_label_FP_02(path: str) -> None:
    told = label(path)
    assert told.problem or (told.instrument in INSTRUMENTS and set(told.flaws) <= set(EVERY_FLAW))


def test_every_instrument_has_five_flaws_FP_02() -> None:
    assert all(len(flaws) == 5 for flaws in FLAWS.values()) and len(INSTRUMENTS) == 5
