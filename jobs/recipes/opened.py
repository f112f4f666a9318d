"""Packages of the field as recipes open them; what is refused there is bad input here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jobs.field.checked import Refused
from jobs.field.directives import Directives
from jobs.field.manifest import Package
from jobs.field.package import directives_of, open_package
from store.errors import BadInput
from store.library import Library


@contextmanager
def refusing() -> Iterator[None]:
    """Raises BadInput for Refused."""
    try:
        yield
    except Refused as error:
        raise BadInput(str(error)) from None


def opened(
    path: Path, key: Ed25519PublicKey, installed_version: int | None = None
) -> tuple[Package, Directives]:
    """A package that ``key`` has signed, and what it tells the runner. Raises Refused."""
    package = open_package(path, key, installed_version)
    return package, directives_of(package, path.name)


def repairer_of(model: str) -> dict[str, Any] | None:
    """The repairer of that id, if this house has it; one in the trash it has not."""
    record = Library().repairers.get(model)
    return None if record is None or record.get("trashed") else record
