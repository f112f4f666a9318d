"""The event engine: what goes on adds up to itself, and timing moves times only (GEN-02, GEN-05)."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.nets.bank import LEAST, of_sounds
from jobs.nets.clock import PART, WHOLE, excerpt
from jobs.nets.lay import ACCENT_DB, ATTACK, LONGEST, SILENT, SUDDEN, Piece, Timing, enough, lay, pace, steps
from jobs.nets.phrase import power_of
from jobs.nets.walk import Event, Walk, in_order
from jobs.sound.spectrum import HOP
from tests import sounds


def mixed_sources(bank, pieces: list[Piece], frames: int) -> np.ndarray:
    out = np.zeros(frames * HOP, np.float32)
    for piece in pieces:
        start = bank.places[piece.place].start + piece.start
        wave = bank.wave[start * HOP : (start + piece.frames) * HOP] * piece.fade()
        out[piece.at * HOP : piece.at * HOP + len(wave)] += wave[: len(out) - piece.at * HOP]
    return out


def gains(pieces: list[Piece], frames: int) -> np.ndarray:
    """How loud the pieces are together, sample by sample."""
    out = np.zeros(frames * HOP)
    for piece in pieces:
        fade = piece.fade()
        start = piece.at * HOP
        out[start : start + len(fade)] += fade[: len(out) - start]
    return out


def walked(bank, seconds: float = 30.0, seed: int = 3) -> list[Event]:
    walk = Walk(bank, seed)
    return enough(walk.events(), round(seconds * 187.5), Timing(), seed)


def gaps(events: list[Event], timing: Timing, seed: int = 0) -> np.ndarray:
    return np.array([gap for _, gap in steps(events, timing, seed)])


def test_slices_in_order_are_the_sounds_again_GEN_02(instrument):
    """Each goes on into its next: fades add up to one, and nothing is heard of the cuts."""
    bank = instrument.bank
    frames = sum(s.frames for s in bank.slices if s.onset)
    pieces = lay(bank, list(islice(in_order(bank), 200)), frames, Timing(), 0)
    made, at = mixed_sources(bank, pieces, frames), 0
    for number, place in enumerate(bank.places):
        own = [s for s in bank.slices if s.place == number and s.onset]
        length = sum(s.frames for s in own)
        inside = slice((at + 1) * HOP, (at + length) * HOP)
        start = (place.start + own[0].start + 1) * HOP
        source = bank.wave[start : start + (length - 1) * HOP]
        head = 12 * HOP  # what rang on from the sound before
        assert np.abs(made[inside][head:] - source[head:]).max() < 1e-6, place.name
        at += length


def test_gains_of_what_goes_on_add_up_to_one_GEN_02(instrument):
    bank = instrument.bank
    own = [k for k, s in enumerate(bank.slices) if s.place == 2 and s.onset]
    events = [Event(k, bank.slices[k].frames) for k in own]
    frames = sum(event.hold for event in events)
    pieces = lay(bank, events, frames, Timing(), 0)
    total = gains(pieces, frames)
    assert len(pieces) > 5
    assert np.abs(total[ATTACK:] - 1).max() < 1e-6


PIECES = st.builds(
    Piece,
    place=st.just(0),
    start=st.integers(0, 5000),
    frames=st.integers(LEAST, 5 * LONGEST),
    at=st.integers(0, 3000),
    fade_in=st.sampled_from([ATTACK, 4096]),
    body=st.integers(LEAST * HOP, 5 * LONGEST * HOP),
    fade_out=st.sampled_from([ATTACK, 65 * HOP]),
    decay_db=st.sampled_from([0.0, 0.01]),
)


@settings(max_examples=40, deadline=None)
@given(piece=PIECES)
def test_a_long_piece_is_laid_in_short_parts_that_add_up_to_it(piece):
    """So that ten minutes of one drone need no more memory than a note."""
    piece = Piece(**{**vars(piece), "body": min(piece.body, piece.frames * HOP)})
    parts = list(piece.parts())
    longest = LONGEST + 1 + piece.fade_out // HOP
    assert all(part.frames <= max(longest, piece.frames - piece.body // HOP + LONGEST) for part in parts)
    assert all(part.start - piece.start == part.at - piece.at for part in parts)
    end = piece.at + piece.frames
    assert np.allclose(gains(parts, end), gains([piece], end), atol=1e-5)


def test_an_excerpt_of_a_long_take_is_what_is_heard_there(instrument):
    bank = instrument.bank
    frames = 2 * WHOLE
    pieces = lay(bank, walked(bank, 30), frames, Timing(), 0)
    kept, length = excerpt(pieces, frames)
    whole, part = mixed_sources(bank, pieces, frames), mixed_sources(bank, kept, length)
    for number, start in enumerate((0, (frames - PART) // 2, frames - PART)):
        # Away from the start, where what the last part leaves rings on.
        inside = np.s_[80 * HOP : (PART - 2) * HOP]
        heard = part[number * PART * HOP :][inside]
        assert np.abs(heard - whole[start * HOP :][inside]).max() < 1e-6
    short = lay(bank, walked(bank, 5), 900, Timing(), 0)
    assert excerpt(short, 900) == (short, 900)


def test_an_octave_of_density_doubles_the_events_GEN_02(instrument):
    bank = instrument.bank
    events = walked(bank, 240)
    counts = [len(lay(bank, events, 15_000, Timing(density), 0)) for density in (-1.0, 0.0, 1.0)]
    assert counts[1] / counts[0] == pytest.approx(2, rel=0.25)
    assert counts[2] / counts[1] == pytest.approx(2, rel=0.25)


def test_density_keeps_what_is_heard_and_in_which_order_GEN_02(instrument):
    bank = instrument.bank
    events = walked(bank, 60)

    def order(density: float) -> list[tuple[int, int]]:
        pieces = lay(bank, events, 2000, Timing(density), 0)
        # Played faster, a slice is let in where it rises suddenly.
        slow = np.maximum(bank.attacks[0] - SUDDEN, 0)
        skipped = slow if density > 0 else np.zeros(len(bank.slices), int)
        return [(p.place, p.start - skipped[e.slice]) for p, e in zip(pieces, events, strict=False)]

    plain, dense = order(0.0), order(1.0)
    assert dense[: len(plain)] == plain


def test_pulse_evens_the_gaps_and_keeps_their_mean_GEN_05():
    random = np.random.default_rng(4)
    events = [Event(0, int(hold)) for hold in random.integers(20, 150, 12)] * 4
    plain = gaps(events, Timing())
    for pulse in (0.5, 1.0):
        even = gaps(events, Timing(pulse=pulse))
        assert even.mean() == pytest.approx(plain.mean(), rel=0.02)
        assert even.std() == pytest.approx((1 - pulse) ** 3 * plain.std(), abs=1)


def test_a_beat_is_never_too_slow_or_fast_to_be_felt_GEN_05():
    for hold in (2, 900):
        even = gaps([Event(0, hold)] * 30, Timing(pulse=1.0)) / 187.5
        assert 0.24 < even.min() == even.max() < 0.61


def test_a_pace_is_that_of_the_walk_by_that_of_the_take_GEN_02():
    events = [Event(0, 300)] * 24
    assert pace(events, Timing(), 1) == 1
    assert pace(events, Timing(density=1.0), 1) == pytest.approx(2, rel=0.01)
    assert pace(events, Timing(density=1.0, metred=True), 1) == pytest.approx(
        2 * 300 / (0.6 * 187.5), rel=0.02
    )


@pytest.mark.parametrize("pulse", [-1.0, -0.4, 0.0, 0.5, 1.0])
def test_steps_that_are_metred_are_as_long_on_the_mean_as_a_beat_may_be_GEN_05(pulse):
    random = np.random.default_rng(4)
    for least, most, mean in ((10, 30, 0.25), (60, 100, 80 / 187.5), (300, 900, 0.6)):
        holds = random.permuted(np.resize(np.linspace(least, most, 12), 12 * 64))
        found = gaps([Event(0, int(hold)) for hold in holds], Timing(pulse=pulse, metred=True))
        assert found.mean() / 187.5 == pytest.approx(mean, rel=0.15)


def test_a_beat_starts_where_a_slow_sound_has_risen_GEN_05(instrument):
    swell = (np.minimum(np.arange(96_000) / 19_000, 1) * sounds.make("pad", 2.0, 3)).astype(np.float32)
    bank = of_sounds(instrument.voice, [("swell", swell[None])])
    number = int(bank.attacks[0].argmax())
    assert bank.attacks[0][number] > 20
    events = [Event(number, 150)] * 3
    soft, firm = (lay(bank, events, 400, Timing(pulse=pulse), 0)[0] for pulse in (0.0, 1.0))
    assert firm.start - soft.start == bank.attacks[0][number] - SUDDEN
    assert firm.fade_in < 1000 and firm.decay_db > soft.decay_db


def test_less_pulse_scatters_the_gaps_around_their_mean_GEN_05():
    events = [Event(0, 150)] * 3000
    loose = gaps(events, Timing(pulse=-0.5))
    assert loose.mean() == pytest.approx(150, rel=0.05)
    assert loose.std() > 50
    assert np.array_equal(loose, gaps(events, Timing(pulse=-0.5)))
    assert not np.array_equal(loose, gaps(events, Timing(pulse=-0.5), seed=1))
    free = gaps(events, Timing(pulse=-1.0))
    eights = free[: len(free) // 8 * 8].reshape(-1, 8)
    assert len(np.unique(np.sort(eights, axis=1), axis=0)) == 1, (
        "every eight gaps are of the same eight lengths"
    )
    assert eights.sum(axis=1) == pytest.approx(8 * 150, rel=0.01), (
        "so that no stretch is emptier than another"
    )


@settings(max_examples=25, deadline=None)
@given(
    density=st.floats(-3, 3),
    pulse=st.floats(-1, 1),
    holds=st.lists(st.integers(1, 3000), min_size=1, max_size=40),
)
def test_gaps_are_never_shorter_than_what_the_ear_tells_apart_GEN_02(density, pulse, holds):
    events = [Event(0, hold) for hold in holds]
    assert gaps(events, Timing(density, pulse)).min() >= LEAST


@pytest.mark.parametrize(
    "timing",
    [
        Timing(),
        Timing(2.0),
        Timing(-2.0),
        Timing(0.5, -1.0),
        Timing(1.0, 1.0),
        Timing(0.5, 0.5, 0.1, parted=True),
    ],
)
def test_pieces_stay_inside_their_sounds_and_begin_inside_the_take_GEN_01(instrument, timing):
    bank = instrument.bank
    pieces = lay(bank, walked(bank, 60), 1500, timing, 2)
    assert pieces[0].at == 0
    for piece in pieces:
        assert 0 <= piece.at < 1500
        assert piece.frames > 0 and piece.start + piece.frames <= bank.places[piece.place].slots * 16
        fade = piece.fade()
        accent = 10 ** (piece.gain_db / 20)
        assert len(fade) == piece.frames * HOP and fade.min() >= 0 and fade.max() <= 1.001 * accent
        assert accent <= 10 ** (ACCENT_DB / 20) + 1e-6 and (piece.gain_db == 0 or timing.pulse > 0)
        assert fade[0] < 0.01 * max(1, accent) and fade[-1] < 0.05 * max(1, accent), "neither end clicks"


def test_a_beat_has_even_accents_GEN_05(instrument):
    """Loud slices softer and soft ones louder, in all parts that a piece is cut into; none without a beat."""
    bank = instrument.bank
    events = walked(bank, 60)
    even, free = (lay(bank, events, 1500, Timing(pulse=pulse), 2) for pulse in (1.0, 0.0))
    peaks = {(s.place, s.end): peak for s, peak in zip(bank.slices, bank.attacks[1], strict=True)}
    assert all(piece.gain_db == 0 for piece in free)
    gains_ = np.array([piece.gain_db for piece in even])
    assert gains_.min() < 0 < gains_.max()
    loudest = max(even, key=lambda piece: max(p for (place, _), p in peaks.items() if place == piece.place))
    assert loudest.gain_db <= 0
    for part in (loudest.since(2), loudest.until(3), loudest.within(loudest.at + 1, loudest.at + 3)):
        assert part is None or part.gain_db == loudest.gain_db


def test_power_of_pieces_is_that_of_their_mix_GEN_05(instrument):
    bank = instrument.bank
    pieces = lay(bank, walked(bank, 20), 1200, Timing(), 0)
    power = power_of(bank, pieces, 1200)
    made = mixed_sources(bank, pieces, 1200).reshape(-1, HOP)
    smooth = np.convolve(power, np.ones(64) / 64, "same")
    heard = np.convolve((made**2).mean(axis=1), np.ones(64) / 64, "same")
    loud = smooth > smooth.max() * 1e-3
    ratio = 10 * np.log10(heard[loud] / smooth[loud])
    assert ratio.std() < 1.5, "dB, up to the scale of a spectrum"


@pytest.mark.parametrize("staccato", [-1.0, 0.0, 0.08, 0.5])
def test_what_is_counted_is_struck_and_let_out_before_the_next_GEN_02(instrument, staccato):
    """Each event starts where its sound does, out of silence: a sustained sound that runs into another
    starts nothing, however long it is let ring on or cut short."""
    bank = instrument.bank
    soft = [number for number, one in enumerate(bank.slices) if not one.onset]
    assert soft, "some slices begin in the middle of a sound"
    events = [Event(number, 150) for number in soft[:8]]
    pieces = lay(bank, events, 1200, Timing(staccato=staccato, parted=True), 2)
    loud = gains(pieces, 1200)
    for event, piece in zip(events, pieces, strict=True):
        own = bank.slices[bank.struck[event.slice]]
        assert own.onset and own.place == piece.place == bank.slices[event.slice].place
        assert 0 <= piece.start - own.start < own.frames
        assert piece.fade_in == ATTACK
        if piece.at:
            assert loud[(piece.at - SILENT + 1) * HOP : piece.at * HOP].max() < 1e-6
