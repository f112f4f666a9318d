"""What a score says, in lines: the four targets over the file and in the gaps, and what else could stand there."""

from collections.abc import Mapping, Sequence
from typing import Any

from studio.report import part
from studio.text import pad
from studio.widgets.lines import Line, Part, wrap

TARGETS = {"sdr_db": ("SDR dB", 1), "delta_fft_percent": ("ΔFFT %", 1), "envelope_percent": ("envelope %", 1),
           "phase_degrees": ("phase °", 1)}  # fmt: skip
"""What mastery asks for: its words, and its sign where more is better."""
MORE_IS_BETTER = ("sdr_db",)
MADE, NEAREST = "made", ("ar-512", "oracle")
WAYS = ("zero", "repeat", "ar-512", "oracle")
"""What a score is held against; ``oracle`` is the best of all ways, gap by gap."""
LABEL, NUMBER = 11, 8
SPOKEN = {"pesq_wb": "PESQ", "pesq_nb": "PESQ narrow", "stoi": "STOI", "estoi": "ESTOI", "plcmos": "PLCMOS"}
ALIKE = 0.1
"""dB that nobody hears: as good as."""
