"""Every request a person can make, as a frozen dataclass.

The form in the studio, the options of the command line and the job record all come from here:
a new field needs no new widget. Light: the studio reads this page, so nothing heavy is imported.
"""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from jobs.fields import choice, missing, nearest, number, required, taken, text
from jobs.fields import default as default
from jobs.fieldwork import CompareNets, InspectPackage, InstallPackage, ReadFeedback, RollBack, ShowKey
from jobs.repairs import METHODS as METHODS
from jobs.repairs import NETWORKS as NETWORKS
from jobs.repairs import (
    Degrade,
    ExportRepairer,
    MakeTrace,
    ProfileRepairer,
    Repair,
    ScoreRepair,
    TrainRepairer,
)
from jobs.sound import formats, labels
from jobs.spec import LANES as LANES
from jobs.spec import SOUNDS_HELP, Spec
from store.errors import Usage

SOUND_ENDINGS = formats.READABLE
FORMAT_ENDINGS = formats.ENDINGS
"""Ending of a file to write -> its format."""
MODELS_AT_MOST = 4
"""Played as one."""
USUAL_SECONDS = 4.0
"""Of a take whose length nothing else tells."""

Asked = TypeVar("Asked", bound=Spec)


@dataclass(frozen=True)
class ImportSounds(Spec):
    """Make a dataset from files and folders of sounds; the originals are never changed."""

    recipe: ClassVar[str] = "sounds"
    lane: ClassVar[str] = "short"
    paths: tuple[str, ...] = required("files and folders, absolute")
    name: str = text("", "name of the dataset; empty: the folder's name")
    copy: bool = field(
        default=False, metadata={"help": "copy the sounds into the library", "advanced": False}
    )


@dataclass(frozen=True)
class FeedTakes(Spec):
    """Make a dataset of takes, beside the sounds of another dataset where one is named.

    The takes are copied in and marked as generated; a training draws them half as often and is never
    judged by them.
    """

    recipe: ClassVar[str] = "feed"
    lane: ClassVar[str] = "short"
    takes: tuple[str, ...] = required("takes to learn from", record="takes")
    dataset: str = text("", "dataset whose sounds come along; it is not changed. Empty: takes alone")
    name: str = text("", "name of the new dataset; empty: that of the other, or 'takes'")


@dataclass(frozen=True)
class TrainVae(Spec):
    """Learn a small set of sounds, then play what was learned."""

    recipe: ClassVar[str] = "vae"
    lane: ClassVar[str] = "long"
    dataset: str = required("dataset to learn", record="datasets")
    name: str = text("", "name of the model; empty: the dataset's name")
    preset: str = choice(
        "auto",
        ("auto", "conservative", "balanced", "aggressive"),
        "how hard to learn; auto goes by the number of files (<50, 50-199, >=200)",
    )
    epochs: int = number(0, 0, 100_000, "epochs at most; 0: as the preset says")
    minutes: float = number(5.0, 0.05, 100_000, "minutes at most", unit="min", step=1)
    seed: int = number(0, 0, 2**31 - 1, "same seed, same losses on the same device")
    preview_every: int = number(25, 0, 100_000, "epochs between audible previews; 0: none")
    device: str = choice("auto", ("auto", "cpu", "cuda", "mps"), "where to train")
    precision: str = choice(
        "auto",
        ("auto", "fp32", "bf16"),
        "bits of the net's arithmetic; auto: bf16 where the device has it and it holds",
        advanced=True,
    )
    augment: bool = field(
        default=True,
        metadata={
            "help": "learn also from versions at another pitch, tempo, noise and gain",
            "advanced": False,
        },
    )
    versions: int = number(4, 1, 20, "versions made of each training sound", advanced=True)
    augment_share: float = number(0.5, 0, 0.95, "share of a batch that is versions", step=0.05, advanced=True)
    pitch: float = number(2.0, 0, 12, "furthest a version is moved in pitch", unit="st", advanced=True)
    stretch: float = number(0.1, 0, 0.5, "furthest its tempo is moved, of 1", step=0.05, advanced=True)
    noise_db: float = number(
        15.0, 0, 40, "loudest noise in it: so far below the sound, up to 40", unit="dB", advanced=True
    )
    continue_from: str = text("", "model whose weights to start from", advanced=True)
    add: bool = field(
        default=False,
        metadata={
            "help": "with continue_from: keep that model's own sounds, learn and play them beside the new",
            "advanced": True,
        },
    )
    old_share: float = number(
        0.5, 0.05, 0.95, "with add: share of what is learned that is the old sounds", step=0.05, advanced=True
    )
    latent: int = number(128, 8, 512, "latent channels", step=8, advanced=True)
    batch: int = number(8, 1, 256, "excerpts in a batch", advanced=True)
    learning_rate: float = number(0.0, 0, 0.1, "0: as the preset says", step=0.0005, advanced=True)
    weight_decay: float = number(-1.0, -1, 1, "-1: as the preset says", step=0.01, advanced=True)
    dropout: float = number(-1.0, -1, 0.9, "-1: as the preset says", step=0.05, advanced=True)
    magnitude_weight: float = number(1.0, 0, 100, "weight of the magnitude error", step=0.1, advanced=True)
    frequency_weight: float = number(
        0.3, 0, 100, "weight of the instantaneous-frequency error", step=0.1, advanced=True
    )
    stft_weight: float = number(
        0.02, 0, 100, "weight of the multi-resolution STFT loss", step=0.01, advanced=True
    )
    kl_weight: float = number(2e-4, 0, 10, "weight of the KL term after warm-up", step=1e-4, advanced=True)
    kl_warmup: int = number(10, 0, 10_000, "epochs until the KL term has its full weight", advanced=True)
    kl_floor: float = number(
        0.02, 0, 10, "free nats per latent channel and frame", unit="nat", step=0.01, advanced=True
    )
    patience: int = number(
        40, 1, 100_000, "epochs without a better validation loss before it ends", advanced=True
    )


@dataclass(frozen=True)
class Generate(Spec):
    """Make takes from a model."""

    recipe: ClassVar[str] = "take"
    lane: ClassVar[str] = "live"
    model: str = required("model to play", record="models")
    seconds: float | None = number(
        USUAL_SECONDS,
        0.05,
        3600,
        "length of a take",
        unit="s",
        step=0.5,
        otherwise="with resynthesise the sound's own",
    )
    seed: int = number(0, 0, 2**31 - 1, "same seed, same take")
    count: int = number(1, 1, 100, "takes, with successive seeds")
    sliders: Mapping[str, float] = field(
        default_factory=dict,
        metadata={"help": "axis -> percentile of the trained sounds, 0-100", "advanced": False},
    )
    preset: str = text("", "preset the sliders come from")
    render: str = choice(
        "carrier",
        ("carrier", "heap"),
        "carrier: keep the phase of the trained sounds; heap: make all of it from the net",
    )
    wander: float = number(0.3, 0, 2, "noise added to the walk through the latents", step=0.1, advanced=True)
    blend: Mapping[str, float] = field(
        default_factory=dict,
        metadata={
            "help": f"model -> weight, up to {MODELS_AT_MOST} models; MODEL itself weighs 1",
            "advanced": False,
        },
    )
    resynthesise: str = text("", "sound to play through the model instead of a walk: a take or a file")
    between: tuple[str, ...] = field(
        default=(), metadata={"help": "two sounds to walk between: takes or files", "advanced": False}
    )
    vary: str = text("", "take to vary")
    amount: float = number(0.5, 0, 1, "how far a variation goes: 0 nowhere, 1 to another take", step=0.1)
    lineage: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "what a variation goes back to: the seed of its walk, then seed:amount of each "
            "variation before it; empty: looked up",
            "advanced": True,
        },
    )
    space: str = choice(
        "auto",
        ("auto", "mono", "stereo", "haas", "binaural"),
        "auto: stereo where the sounds are, or the width slider is set",
    )
    azimuth: float = number(
        30.0, -180, 180, "where a binaural or Haas take comes from; left is negative", unit="°", step=5
    )
    format: str = choice("wav", ("wav", "flac", "ogg", "mp3", "aiff"), "file format")
    rate: int = choice(48000, (44100, 48000, 88200, 96000), "sample rate in Hz")
    bits: str = choice("24", ("16", "24", "32f"), "sample format; 16 is dithered")
    preview: bool = field(
        default=False,
        metadata={"help": "for a hand on a slider: not kept in the history", "advanced": True},
    )
    out: str = text("", "also write the audio here: a file, or a folder for several takes", advanced=True)

    @property
    def played(self) -> dict[str, float]:
        """Models and their weights, none of which is 0; MODEL itself weighs 1 unless ``blend`` says."""
        told = {self.model: 1.0, **self.blend}
        return {model: weight for model, weight in told.items() if weight > 0}


@dataclass(frozen=True)
class ExportTake(Spec):
    """Write a take to a file of one's own, with its sidecar."""

    recipe: ClassVar[str] = "export"
    lane: ClassVar[str] = "short"
    take: str = required("take to export", record="takes")
    path: str = required("file to write; its ending chooses the format")
    rate: int = choice(48000, (44100, 48000, 88200, 96000), "sample rate in Hz")
    bits: str = choice("24", ("16", "24", "32f"), "sample format; 16 is dithered")
    space: str = choice(
        "auto", ("auto", "mono", "stereo", "haas", "binaural"), "auto: as the take is; haas: aside by delay"
    )
    azimuth: float = number(
        30.0, -180, 180, "where a binaural or Haas file sounds from; left is negative", unit="°", step=5
    )


@dataclass(frozen=True)
class Look(Spec):
    """Look closely at a sound: pictures, spectrum, descriptors. Kept in no list, like a preview."""

    recipe: ClassVar[str] = "look"
    lane: ClassVar[str] = "live"
    path: str = required("file of the sound")
    dataset: str = text("", "dataset to hold it against; empty: none")
    preview: bool = field(
        default=True, metadata={"help": "whether the job is forgotten after a while", "advanced": True}
    )


@dataclass(frozen=True)
class MeasureLoudness(Spec):
    """Measure how loud sounds are: integrated, momentary and short-term maximum, range, true peak."""

    recipe: ClassVar[str] = "loudness"
    lane: ClassVar[str] = "short"
    sounds: tuple[str, ...] = required(SOUNDS_HELP, words="sounds")


@dataclass(frozen=True)
class Organise(Spec):
    """Copy a folder of sounds into a set for diagnosis: gold and flawed, by instrument."""

    recipe: ClassVar[str] = "organise"
    lane: ClassVar[str] = "short"
    folder: str = required("folder with the sounds, which stay as they are", path="folder")
    out: str = required("folder of the set", path="new")
    dry_run: bool = field(
        default=False, metadata={"help": "only say what would be copied where", "advanced": False}
    )


@dataclass(frozen=True)
class Normalise(Spec):
    """Bring sounds to one loudness, as 24-bit WAV; measured again afterwards."""

    recipe: ClassVar[str] = "normalise"
    lane: ClassVar[str] = "short"
    sounds: tuple[str, ...] = required(SOUNDS_HELP, words="sounds")
    out: str = required("folder to write to", path="new")
    target: float = number(-18.0, -60, 0, "integrated loudness to reach", unit="LUFS")
    peak: float = number(
        -1.0, -20, 0, "true peak that no sound passes: it is turned up less", unit="dBTP", step=0.5
    )


@dataclass(frozen=True)
class Verify(Spec):
    """Measure sounds that were normalised once more: each at its target, or with a reason."""

    recipe: ClassVar[str] = "verify"
    lane: ClassVar[str] = "short"
    folder: str = required("folder that normalise wrote", path="folder")


@dataclass(frozen=True)
class MakeFlaws(Spec):
    """Make flawed versions of clean sounds, with all their parameters kept."""

    recipe: ClassVar[str] = "flaws"
    lane: ClassVar[str] = "short"
    sounds: tuple[str, ...] = required(SOUNDS_HELP, words="sounds")
    out: str = required("folder of the set", path="new")
    per_flaw: int = number(20, 1, 1000, "versions of each flaw of each instrument")
    several: int = number(1, 1, 3, "flaws of one sound, made in a known order")
    instrument: str = choice(
        "auto", ("auto", *labels.INSTRUMENTS), "what the sounds are; auto: as their folders and names tell"
    )
    seed: int = number(0, 0, 2**31 - 1, "same seed, same flaws")


@dataclass(frozen=True)
class Fingerprint(Spec):
    """Reduce sounds to 64 numbers each, as a table with what its columns mean."""

    recipe: ClassVar[str] = "fingerprint"
    lane: ClassVar[str] = "short"
    sounds: tuple[str, ...] = required(SOUNDS_HELP, words="sounds")
    out: str = text("", "table to write: .csv or .parquet, the other one beside it; empty: none", path="new")


@dataclass(frozen=True)
class Analyse(Spec):
    """Show how the numbers of sounds are distributed: by feature and instrument, gold against flawed."""

    recipe: ClassVar[str] = "analyse"
    lane: ClassVar[str] = "short"
    sounds: tuple[str, ...] = required(SOUNDS_HELP, words="sounds")
    out: str = text("", "picture to draw: .png; empty: none", path="new")


@dataclass(frozen=True)
class TrainDiagnosis(Spec):
    """Learn from gold and flawed sounds which flaw a sound has and what would correct it."""

    recipe: ClassVar[str] = "diagnosis"
    lane: ClassVar[str] = "long"
    sounds: tuple[str, ...] = required(
        "sets of gold and flawed sounds: folders that organise and flaws wrote", words="sounds"
    )
    name: str = text("", "name of the model; empty: the folder's name")
    seed: int = number(0, 0, 2**31 - 1, "same seed, same model")
    tried: int = number(8, 1, 100, "flawed sounds of each kind that are corrected to see what it is worth")


@dataclass(frozen=True)
class Diagnose(Spec):
    """Say what is wrong with a sound, against a reference, the gold of its instrument or by itself."""

    recipe: ClassVar[str] = "diagnose"
    lane: ClassVar[str] = "short"
    sounds: tuple[str, ...] = required(SOUNDS_HELP, words="sounds")
    reference: str = text("", "sound to come near to: its own clean take, or another one", path="sound")
    gold: str = choice(
        "auto",
        ("auto", "none", *labels.INSTRUMENTS),
        "instrument whose gold sounds to come near to; auto: as its folders and name tell",
    )
    model: str = text(
        "", "diagnosis model: a name, an id or an .onnx file; empty: the newest, if there is one"
    )
    correction: str = text("", "saved correction to apply instead of a diagnosis")
    apply: str = text("", "file to write the corrected sound to; of several sounds a folder", path="new")
    strength: float = number(100, 0, 100, "how much of the correction is applied", unit="%", step=5)
    only: str = choice("both", ("both", "eq", "dynamics"), "part of the correction that is applied")
    save: str = text("", "name under which the correction is kept, for other sounds")
    preview: bool = field(
        default=False, metadata={"help": "for a look in the studio: kept in no list", "advanced": True}
    )


@dataclass(frozen=True)
class ExportDiagnosis(Spec):
    """Write a diagnosis model as one ONNX file."""

    recipe: ClassVar[str] = "ship"
    lane: ClassVar[str] = "short"
    model: str = required("diagnosis model", record="diagnosers")
    path: str = required("file to write, .onnx", path="new")
    instrument: str = choice(
        "auto", ("auto", "all", *labels.INSTRUMENTS), "which sounds it is for; auto: all, or the only one"
    )
    mode: str = choice(
        "reference",
        ("reference", "blind"),
        "reference: of the difference to a reference; blind: of a sound alone",
    )


@dataclass(frozen=True)
class Rehearse(Spec):
    """Count to ``steps`` with checkpoints: proves that jobs run on this machine."""

    recipe: ClassVar[str] = "rehearsal"
    lane: ClassVar[str] = "short"
    steps: int = number(20, 1, 1_000_000, "steps to count")
    pause: float = number(0.01, 0, 10, "seconds a step takes", unit="s")
    every: int = number(5, 1, 1_000_000, "steps between checkpoints")


SPECS: dict[str, type[Spec]] = {
    kind.recipe: kind
    for kind in (
        ImportSounds,
        FeedTakes,
        TrainVae,
        Generate,
        ExportTake,
        Look,
        MeasureLoudness,
        Organise,
        Normalise,
        Verify,
        MakeFlaws,
        Fingerprint,
        Analyse,
        TrainDiagnosis,
        Diagnose,
        ExportDiagnosis,
        Repair,
        ScoreRepair,
        MakeTrace,
        Degrade,
        TrainRepairer,
        ExportRepairer,
        ProfileRepairer,
        InspectPackage,
        InstallPackage,
        RollBack,
        CompareNets,
        ReadFeedback,
        ShowKey,
        Rehearse,
    )
}


def parse(kind: type[Spec], name: str, value: Any) -> Any:
    """``value`` (a string from a form or ``--set``, or already typed) as the field's type, in range.

    Raises Usage with one line that names the field and the nearest valid value.
    """
    known = {f.name: f for f in fields(kind)}
    if name not in known:
        raise Usage(f"unknown field '{name}'{nearest(name, known)}; fields: {', '.join(known)}")
    return taken(known[name], value)


def make(kind: type[Asked], /, **values: Any) -> Asked:
    """A spec with every value parsed and checked. Raises Usage."""
    for f in fields(kind):
        if f.name not in values and f.default is MISSING and f.default_factory is MISSING:
            raise missing(f)
    return kind(**{name: parse(kind, name, value) for name, value in values.items()})


def check_format(format: str, rate: int, bits: str) -> None:
    """Raises Usage, with what to choose instead, when a file of that format can't hold this."""
    try:
        formats.check(rate, 1, format, bits)
    except formats.Unwritable as error:
        raise Usage(f"format: {error}") from None


def pack(spec: Spec) -> dict:
    """As JSON: ``{"recipe": ..., field: value, ...}``."""
    return {"recipe": spec.recipe, **asdict(spec)}


def unpack(packed: Mapping) -> Spec:
    """The spec of a job record. Raises Usage when it is not one of ours."""
    values = dict(packed)
    recipe = values.pop("recipe", None)
    if recipe not in SPECS:
        raise Usage(f"unknown recipe {recipe!r}{nearest(recipe, SPECS)}")
    return make(SPECS[recipe], **values)
