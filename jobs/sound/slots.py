"""What the 64 numbers of a fingerprint are: names, units, definitions, sources. Text, and no measuring."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

SCHEMA = 1
"""Version of what the slots mean."""
RATE = 44_100
"""Hz at which sounds are measured."""
FRAME, HOP = 2048, 512
"""Samples of a frame, and from one to the next."""
SILENT_LUFS = -70.0
"""What a loudness reads that is below the absolute gate."""
LEVEL_LUFS = -18.0
"""What fingerprints are levelled to before they are compared."""
MOVED = ("integrated_lufs", "reserved_25", "reserved_28")
"""Those that move with the level, dB for dB."""
MFCC_PER_DB = float(np.sqrt(128))
BANDS_HZ = (
    ("20-60 Hz", 20, 60), ("60-120 Hz", 60, 120), ("120-200 Hz", 120, 200), ("mud, 200-500 Hz", 200, 500),
    ("box, 500-800 Hz", 500, 800), ("nasal, 800-2000 Hz", 800, 2000), ("harsh, 2-5 kHz", 2000, 5000),
    ("sibilance, 5-9 kHz", 5000, 9000), ("air, 9-16 kHz", 9000, 16000),
)  # fmt: skip
CONTRAST_HZ = (0, 200, 400, 800, 1600, 3200, 6400, 22050)
CREST_HZ = ((20, 200), (200, 2000), (2000, 16000))
SHAPE = (
    *(
        (slot, "dB", f"level of {name} against the whole", "mean power spectrum")
        for slot, (name, _, _) in enumerate(BANDS_HZ)
    ),
    (9, "dB/octave", "slope of the level per hertz over log frequency, 60 Hz to 16 kHz", "least squares"),
    (10, "Hz", "spread: standard deviation of frequency, weighted by power", "Peeters 2011"),
    (11, "1", "skewness of the same distribution", "Peeters 2011"),
    (12, "1", "kurtosis of the same distribution", "Peeters 2011"),
    (13, "Hz", "frequency below which 85 % of the power lies", "Peeters 2011"),
    (15, "0-1", "entropy of the spectrum, 1 for white noise", "Misra et al. 2004"),
    *(
        (
            16 + n, "dB",
            f"contrast of {low} to {high} Hz: the mean of the highest 2 % of bins above that of the lowest",
            "Jiang et al. 2002",
        )
        for n, (low, high) in enumerate(pairwise(CONTRAST_HZ))
    ),
    (23, "dB", "strongest resonance: of a 24th of an octave above the octave around it", "median"),
    (24, "log2 Hz", "where that resonance is", "median"),
    (38, "dB", "harmonics to noise, from the autocorrelation; -20 to 40", "Boersma 1993"),
    (39, "0-0.5", "inharmonicity: mean distance of partials from multiples of the pitch, in pitches",
     "Peeters 2011"),
)  # fmt: skip
"""Of the mean power spectrum: (slot, unit, meaning, source)."""
ENVELOPE = (
    (14, "0-2", "flux: mean of 1 - correlation of a frame's magnitudes with the last one's", "Peeters 2011"),
    (29, "dB", "95th above 10th percentile of the frames' rms, 80 dB at most", "percentiles"),
    *(
        (30 + n, "dB", f"peak above mean of the frames' power, {low} to {high} Hz", "arithmetic")
        for n, (low, high) in enumerate(CREST_HZ)
    ),
    (34, "log10 s", "attack: from 20 to 90 % of the highest rms of 2.9 ms, 1 ms at least", "Peeters 2011"),
    (35, "dB/s", "decay: slope of the level after its highest frame, down to 40 dB below", "least squares"),
    (36, "1/s", "onsets: peaks of the mean rise of mel bands", "Bello et al. 2005"),
    (37, "ms", "timing jitter: rms distance of gaps from halves of their median", "arithmetic"),
)  # fmt: skip
"""Of how it moves in time: (slot, unit, meaning, source)."""
LEVELS_AND_STEREO = (
    (25, "dBTP", "true peak, 4 times oversampled; silence is -200", "ITU-R BS.1770-5, annex 2"),
    (26, "dB", "true peak above integrated loudness; 0 for silence", "EBU R128"),
    (27, "dB", "true peak above the highest short-term loudness; 0 for silence", "EBU R128"),
    (28, "LUFS", "highest momentary loudness", "EBU Tech 3341"),
    (33, "%", "samples at full scale three or more in a row", "jobs.sound.facts"),
    (40, "-1..1", "correlation of left and right; 1 for mono and silence", "Pearson"),
    (41, "dB", "power of side by power of mid, at least -60", "arithmetic"),
)


@dataclass(frozen=True)
class Slot:
    """One of the 64: its ``name`` (that of its column), ``unit``, ``meaning`` in words and its ``source``."""

    name: str
    unit: str
    meaning: str
    source: str


def _slots() -> tuple[Slot, ...]:
    librosa = "librosa 0.11"
    named = [
        ("spectral_centroid", "Hz", "mean over frames of the magnitude-weighted mean frequency", librosa),
        ("spectral_flatness", "0-1", "mean over frames of geometric by arithmetic mean of power", librosa),
        *(
            (f"mfcc_{n:02d}", "dB", f"mean over frames of mel-frequency cepstral coefficient {n}", librosa)
            for n in range(13)
        ),
        ("crest_factor", "ratio", "peak by mean of the frames' rms", librosa),
        ("rms_energy", "1", "mean over frames of the rms", librosa),
        ("peak_to_avg_ratio", "ratio", "peak by mean absolute value", "arithmetic"),
        ("zero_crossing_rate", "0-1", "mean over frames of the share of samples that change sign", librosa),
        ("onset_strength", "dB", "mean over frames of the mean rise of mel bands", librosa),
        (
            "integrated_lufs",
            "LUFS",
            "integrated loudness; below 0.4 s the highest momentary",
            "ITU-R BS.1770-5",
        ),
        ("loudness_range", "LU", "loudness range; 0 below 3 s", "EBU Tech 3342"),
    ]
    reserved = [*SHAPE, *ENVELOPE]
    by_slot = {slot: (unit, meaning, source) for slot, unit, meaning, source in reserved}
    by_slot |= {slot: (unit, meaning, source) for slot, unit, meaning, source in LEVELS_AND_STEREO}
    told = [(f"reserved_{slot:02d}", *by_slot[slot]) for slot in range(42)]
    return tuple(Slot(*one) for one in (*named, *told))


SLOTS = _slots()
NAMES = tuple(slot.name for slot in SLOTS)


def levelled(values: np.ndarray) -> np.ndarray:
    """A fingerprint (64,) as that of the same sound at -18 LUFS: nothing may be learned from the level."""
    at = {name: index for index, name in enumerate(NAMES)}
    level = values[at["integrated_lufs"]]
    out = np.array(values, float)
    if level <= SILENT_LUFS:
        return out
    gain = LEVEL_LUFS - level
    out[at["mfcc_00"]] += gain * MFCC_PER_DB
    out[at["rms_energy"]] *= 10 ** (gain / 20)
    for name in MOVED:
        out[at[name]] += gain
    return out
