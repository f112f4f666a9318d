"""Requests about lost packets. Light, as ``jobs.specs``."""

from dataclasses import dataclass, field
from typing import ClassVar

from jobs.fields import choice, number, required, text
from jobs.spec import Spec

METHODS = ("ar", "ar-512", "levinson-512", "ar-128", "pitch", "repeat", "zero", "janssen")
"""Ways to fill gaps without a model: ``ar`` is the best from what came before, ``janssen`` sees both
sides."""
NETWORKS = ("low", "typical", "stress", "jitter", "burst")
"""Networks that a trace can be made of."""
PROFILES = ("default", "voice", "music", "transient")
TRACE_HELP = "file with a line per packet, 1 = lost, 0 = received; or a network to make one of: " + ", ".join(
    NETWORKS
)
PACKET_MS = number(10.0, 0.1, 1000, "length of a packet", unit="ms", step=2.5)
SEED = number(0, 0, 2**31 - 1, "of a trace that is made: same seed, same losses")


@dataclass(frozen=True)
class Repair(Spec):
    """Fill what a packet trace says is lost; what was received stays as it is, to the bit."""

    recipe: ClassVar[str] = "repair"
    lane: ClassVar[str] = "short"
    input: str = required("sound; what it holds in lost packets is not looked at", path="sound")
    trace: str = required(TRACE_HELP, path="trace")
    out: str = required("file to write: .wav, .flac, .aiff, .caf, .w64 or .rf64, 24 bits", path="new")
    packet_ms: float = PACKET_MS
    model: str = text("ar", "repairer, or one of " + ", ".join(METHODS))
    seed: int = SEED


@dataclass(frozen=True)
class ScoreRepair(Spec):
    """Say how near a repaired sound is to what was really there, over the file and in the gaps."""

    recipe: ClassVar[str] = "score"
    lane: ClassVar[str] = "short"
    truth: str = required("sound as it really was", path="sound")
    output: str = required("sound as it was repaired", path="sound")
    trace: str = text(
        "", "its packet trace, as repair takes it; empty: only the file is scored", path="trace"
    )
    packet_ms: float = PACKET_MS
    profile: str = choice("default", PROFILES, "what the measures weigh")
    legacy: bool = field(
        default=False,
        metadata={"help": "score as the earlier program did, for comparison", "advanced": False},
    )
    seed: int = SEED
    report: str = text("", "folder to write a report to: report.json and report.png", path="new")
    preview: bool = field(
        default=False, metadata={"help": "for a look in the studio: kept in no list", "advanced": True}
    )
