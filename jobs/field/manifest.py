"""What a package for the field says of itself, and the package once it was found good."""

from dataclasses import dataclass
from typing import Annotated, Any, Self

from jobs.field.archive import BYTES_AT_MOST, FILES_AT_MOST
from jobs.field.checked import File, Model, Record, Refused, Version, several, text, whole

FORMAT = 1
RUNNER = RECORDING = 2
"""Version of the runner here; it grows when packages may need what an older one has not. From `RECORDING` on
nets may hear how wrong the experts have been."""
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
MANIFEST_AT_MOST = 1 << 16
"""Bytes."""
SUM = text("a SHA-256 of 64 hex digits", "[0-9a-f]{64}", 64)


@dataclass(frozen=True)
class Entry(Record):
    """A file of a package: its size in bytes and the sum of its content."""

    name: File
    size: Annotated[int, whole(0, BYTES_AT_MOST)]
    sha256: Annotated[str, SUM]


@dataclass(frozen=True)
class Manifest(Record):
    """``version`` only grows; ``runner`` is the lowest version of the runner that can use the package."""

    format: Annotated[int, whole(FORMAT, FORMAT)]
    version: Version
    runner: Version
    model: Model
    files: Annotated[tuple[Entry, ...], several(Entry.parse, 1, FILES_AT_MOST)]

    @classmethod
    def parse(cls, record: Any, where: str = MANIFEST) -> Self:
        """Raises Refused, also for a name that is there twice or belongs to the package itself."""
        manifest = super().parse(record, where)
        taken = {MANIFEST, SIGNATURE}
        for entry in manifest.files:
            if entry.name.casefold() in taken:
                raise Refused(f"{where}: the name {entry.name} is taken; choose another")
            taken.add(entry.name.casefold())
        if sum(entry.size for entry in manifest.files) > BYTES_AT_MOST:
            raise Refused(f"{where}: the files are larger than {BYTES_AT_MOST >> 20} MiB together")
        return manifest

    def sums(self) -> dict[str, str]:
        """SHA-256 of every file by its name."""
        return {entry.name: entry.sha256 for entry in self.files}

    def refuse_older(self, installed_version: int | None, where: str) -> None:
        """Raises Refused when a newer version is installed."""
        if installed_version is not None and self.version < installed_version:
            raise Refused(
                f"{where}: version {self.version} is older than the installed {installed_version}; "
                f"a rollback brings the one before back"
            )


@dataclass(frozen=True)
class Package:
    """``contents`` are all files by name, those about the package too."""

    manifest: Manifest
    contents: dict[str, bytes]
