"""After a training: bank, sliders and how far they reach, measured on audio."""

from dataclasses import replace

import numpy as np

from jobs.nets.bank import of_tape
from jobs.nets.instrument import Instrument, Request
from jobs.nets.losses import Statistics
from jobs.nets.scales import Scale, explored, scales
from jobs.nets.vae import Vae
from jobs.nets.voice import Part, Voice
from jobs.sound.descriptors import NAMES
from jobs.sound.tape import Tape

SECONDS = 6.0


def analyse(net: Vae, statistics: Statistics, tape: Tape) -> Instrument:
    """The trained net as an instrument: every sound is listened to, then one take is moved as far as each
    slider goes."""
    voice = Voice((Part(net, statistics),))
    bank, heard = of_tape(voice, tape)
    found = scales(heard, bank.side is not None)
    instrument = Instrument(voice, bank, found, explored(bank))
    instrument.scales = _reached(instrument, found)
    return instrument


def _reached(instrument: Instrument, found: dict[str, Scale]) -> dict[str, Scale]:
    """Each scale with the percentiles that one take comes to with its own move at either end."""
    result = dict(found)
    for name in NAMES:
        scale = found[name]
        if not scale.available:
            continue
        ends = [
            instrument.plan(Request(SECONDS, sliders=((name, end),), stereo=True, quick=True)).reached[name]
            for end in (0.0, 100.0)
        ]
        low, high = float(np.clip(min(ends), 0, 45)), float(np.clip(max(ends), 55, 100))
        result[name] = replace(scale, reach=(round(low, 1), round(high, 1)))
    return result
