"""Requests about what goes to the field and what comes back from there. Light, as ``jobs.specs``."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from jobs.fields import required, text
from jobs.spec import Spec

NET_HELP = "repairer, package (.zip), .onnx or .safetensors"


def _maker(otherwise: str) -> Any:
    return text("", f"public key of the package's maker, .pub; empty: {otherwise}", path="there")


def _seen() -> Any:
    return field(
        default=True, metadata={"help": "whether the job is forgotten after a while", "advanced": True}
    )


@dataclass(frozen=True)
class InspectPackage(Spec):
    """Say what an update package holds, if it is whole and from whom it should be."""

    recipe: ClassVar[str] = "inspection"
    lane: ClassVar[str] = "short"
    package: str = required("update package, .zip", path="there")
    key: str = _maker("this house's own")
    preview: bool = _seen()


@dataclass(frozen=True)
class InstallPackage(Spec):
    """Make an update package the version in use in a folder of the field."""

    recipe: ClassVar[str] = "install"
    lane: ClassVar[str] = "short"
    package: str = required("update package, .zip", path="there")
    folder: str = required("folder of the field; made where there is none", path="new")
    key: str = _maker("the one that the folder trusts, else this house's own")


@dataclass(frozen=True)
class RollBack(Spec):
    """Go back to the version that was in use before the last update."""

    recipe: ClassVar[str] = "rollback"
    lane: ClassVar[str] = "short"
    folder: str = required("folder of the field", path="folder")


@dataclass(frozen=True)
class CompareNets(Spec):
    """Say what changed between the weights of two nets, tensor by tensor."""

    recipe: ClassVar[str] = "difference"
    lane: ClassVar[str] = "short"
    old: str = required(NET_HELP, path="net")
    new: str = required(NET_HELP, path="net")
    key: str = _maker("this house's own")
    preview: bool = _seen()


@dataclass(frozen=True)
class ReadFeedback(Spec):
    """Add up what the field counted, keep it with its repairer, and say what it asks for."""

    recipe: ClassVar[str] = "feedback"
    lane: ClassVar[str] = "short"
    feedback: str = required("feedback file of the field, or a folder of such files", path="there")
    model: str = field(
        default="",
        metadata={"help": "only of this repairer; empty: of all", "record": "repairers", "advanced": False},
    )


@dataclass(frozen=True)
class ShowKey(Spec):
    """Show this house's public key, by which the field knows its packages; made where there is none."""

    recipe: ClassVar[str] = "key"
    lane: ClassVar[str] = "short"
    preview: bool = _seen()
