"""After a training: bank, sliders and how far they reach, measured on audio."""

from dataclasses import replace

import numpy as np

from jobs.nets.bank import of_tape
from jobs.nets.instrument import Instrument
from jobs.nets.losses import Statistics
from jobs.nets.scales import Scale, explored, in_rows, scales
from jobs.nets.vae import Vae
from jobs.nets.voice import Part, Voice
from jobs.sound.tape import Tape

SECONDS = 2.0


def analyse(net: Vae, statistics: Statistics, tape: Tape) -> Instrument:
    """The trained net as an instrument: every sound is listened to, then one take is moved as far as each
    slider goes."""
    voice = Voice((Part(net, statistics),))
    bank, heard = of_tape(voice, tape)
    found = scales(in_rows(bank, heard), bank.side is not None)
    instrument = Instrument(voice, bank, found, explored(bank))
    return instrument.with_scales(_reached(instrument, found))


def _reached(instrument: Instrument, found: dict[str, Scale]) -> dict[str, Scale]:
    """Each scale with the percentiles that a take comes to with its own move at either end."""
    result = dict(found)
    for name, (low, high) in instrument.reach(SECONDS).items():
        # The middle is always there to go back to, whatever this one take says.
        edges = float(np.clip(low, 0, 45)), float(np.clip(high, 55, 100))
        result[name] = replace(found[name], reach=(round(edges[0], 1), round(edges[1], 1)))
    return result
