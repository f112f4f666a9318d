"""Requests about lost packets. Light, as ``jobs.specs``."""

from dataclasses import dataclass, field
from typing import ClassVar

from jobs.fields import choice, number, required, text
from jobs.sound import amounts
from jobs.spec import SOUNDS_HELP, Spec

METHODS = ("ar", "ar-512", "levinson-512", "ar-128", "pitch", "repeat", "zero", "janssen")
"""Ways to fill gaps without a model: ``ar`` is the best from what came before, ``janssen`` sees both
sides."""
NETWORKS = ("low", "typical", "stress", "jitter", "burst")
"""Networks that a trace can be made of."""
USUAL = "typical"
"""The one that is meant where nothing is said."""
LOSS = "loss"
DEGRADATIONS = {
    LOSS: "packets lost, as a trace says",
    **{kind: one.what for kind, one in amounts.KINDS.items()},
}
"""Kind -> what it does."""
AMOUNTS = {kind: str(one) for kind, one in amounts.KINDS.items()}
"""Kind -> the parameters it has, with the bounds of each."""
NAMES = "; ".join(f"{kind}: {' '.join(one.ranges)}" for kind, one in amounts.KINDS.items())
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


@dataclass(frozen=True)
class MakeTrace(Spec):
    """Make a packet trace as a network would: what is lost, and when the rest comes."""

    recipe: ClassVar[str] = "trace"
    lane: ClassVar[str] = "short"
    out: str = required("file to write, a line per packet; its figures are written beside it", path="new")
    network: str = choice(USUAL, NETWORKS, "what loses the packets")
    seconds: float = number(10.0, 0.001, 86_400, "sound that the packets are of", unit="s")
    packet_ms: float = PACKET_MS
    seed: int = number(0, 0, 2**31 - 1, "same seed, same trace")


@dataclass(frozen=True)
class Degrade(Spec):
    """Do to a sound what a connection or a cheap converter does, with what was done beside it."""

    recipe: ClassVar[str] = "degrade"
    lane: ClassVar[str] = "short"
    input: str = required("sound, which stays as it is", path="sound")
    out: str = required("file to write: .wav, .flac, .aiff, .caf, .w64 or .rf64, 24 bits", path="new")
    kind: str = choice(LOSS, DEGRADATIONS, "what is done to it")
    amount: str = text("", f"as level_db=-12; others are drawn by the seed. {NAMES}")
    trace: str = text("", f"of loss alone: {TRACE_HELP}; empty: {USUAL}", path="trace")
    packet_ms: float = PACKET_MS
    seed: int = number(0, 0, 2**31 - 1, "same seed, same damage")


@dataclass(frozen=True)
class TrainRepairer(Spec):
    """Learn to repair gaps better than linear prediction does, until mastered or no better any more."""

    recipe: ClassVar[str] = "repairer"
    lane: ClassVar[str] = "long"
    sounds: tuple[str, ...] = required(SOUNDS_HELP, words="sounds")
    name: str = text("", "name of the repairer; empty: the folder's name")
    net: str = choice(
        "gates",
        ("gates", "mlp", "conv1d", "hybrid", "transformer"),
        "gates: trusts and corrects linear prediction; the others make the samples themselves",
    )
    minutes: float = number(5.0, 0.05, 100_000, "minutes at most", unit="min", step=1)
    seed: int = number(0, 0, 2**31 - 1, "same seed, same losses on the same device")
    gaps: int = number(12_000, 60, 100_000, "gaps to learn from and to be judged on", step=1000)
    feedback: str = field(
        default="",
        metadata={
            "help": "repairer whose feedback from the field says how long the gaps are; empty: all lengths "
            "alike",
            "record": "repairers",
            "advanced": True,
        },
    )
    augment: bool = field(
        default=True, metadata={"help": "learn half of the gaps upside down, drawn anew", "advanced": True}
    )
    patience: int = number(24, 1, 100_000, "judgements without a better one before it ends", advanced=True)
    batch: int = number(128, 1, 1024, "gaps in a batch", advanced=True)
    learning_rate: float = number(1e-3, 1e-6, 0.1, "at the top of each cosine", step=0.0005, advanced=True)
    restart: int = number(500, 10, 100_000, "steps of the first cosine; each is twice as long", advanced=True)
    sdr_weight: float = number(
        1.0, 0, 100, "weight of the SDR loss; each of the others costs SDR in gaps", step=0.1, advanced=True
    )
    spectral_weight: float = number(0.0, 0, 100, "of the multi-scale spectral loss", step=0.1, advanced=True)
    perceptual_weight: float = number(0.0, 0, 100, "of the loss as heard", step=0.1, advanced=True)
    coherence_weight: float = number(0.0, 0, 100, "of the coherence in time", step=0.1, advanced=True)
    dynamics_weight: float = number(0.0, 0, 100, "of the dynamic range", step=0.01, advanced=True)
    envelope_weight: float = number(0.0, 0, 100, "of the envelope", step=0.1, advanced=True)


@dataclass(frozen=True)
class ExportRepairer(Spec):
    """Make an update package of a repairer for the field: signed, with its directives."""

    recipe: ClassVar[str] = "handover"
    lane: ClassVar[str] = "short"
    model: str = required("repairer", record="repairers")
    out: str = required("package to write, .zip", path="new")
    version: int = number(1, 1, 1_000_000_000, "version of the package; the field takes none that is older")
    coreml: bool = field(
        default=False,
        metadata={"help": "its net for Core ML too; needs pip install 'woodshed[coreml]'", "advanced": False},
    )


@dataclass(frozen=True)
class ProfileRepairer(Spec):
    """Measure what each size of a repairer costs and keeps: bytes, memory, time per gap, parity."""

    recipe: ClassVar[str] = "profiler"
    lane: ClassVar[str] = "short"
    model: str = required("repairer", record="repairers")
