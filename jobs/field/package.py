"""An update for the field: a zip of plain files, a manifest of their sums, and a signature over it.

``manifest.sig`` is the Ed25519 signature of exactly the bytes of ``manifest.json``. Nothing that a package
says is believed before that signature holds.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jobs.field.archive import BYTES_AT_MOST, Archive, zipped
from jobs.field.checked import Refused, content_of, plain
from jobs.field.directives import NAME, Directives
from jobs.field.keys import SIGNATURE_BYTES, sign, signed_by
from jobs.field.manifest import (
    FORMAT,
    MANIFEST,
    MANIFEST_AT_MOST,
    RUNNER,
    SIGNATURE,
    Entry,
    Manifest,
    Package,
)
from store.files import atomic


def pack(
    source: Path | Iterable[Path],
    out: Path | str,
    key: Ed25519PrivateKey,
    version: int,
    model: str,
    runner: int = 1,
) -> Manifest:
    """Write a package of the files of a flat folder, or of some files, to ``out``: whole or not at all.
    ``runner`` is the lowest version that has all they need.

    The same files, key and numbers make the same bytes. Raises Refused for what can't be in a package, Busy
    when the disk refuses.
    """
    out = Path(out)
    if isinstance(source, Path) and not source.is_dir():
        raise Refused(f"{source}: no such folder")
    paths = sorted(source.iterdir() if isinstance(source, Path) else source, key=lambda path: path.name)
    for path in paths:
        if path.is_symlink() or not path.is_file():
            raise Refused(f"{path.name}: is no plain file; a package has neither folders nor links")
    contents = [(path.name, content_of(path, BYTES_AT_MOST)) for path in paths]
    entries = tuple(Entry(name, len(content), _sum(content)) for name, content in contents)
    manifest = Manifest.parse(Manifest(FORMAT, version, runner, model, entries).record(), out.name)
    signed = (json.dumps(manifest.record(), indent=1) + "\n").encode()
    atomic(out, zipped({MANIFEST: signed, SIGNATURE: sign(signed, key), **dict(contents)}))
    return manifest


def open_package(
    path: Path | str,
    trusted: Ed25519PublicKey | Iterable[Ed25519PublicKey],
    installed_version: int | None,
    runner_version: int = RUNNER,
) -> Package:
    """The package in the file ``path``, which a key of ``trusted`` has signed.

    The signature is looked at first, then the versions, then every file. Raises Refused when it is not whole,
    not from whom it should be, older than what is installed, or for a newer runner.
    """
    archive = Archive(path)
    signed, signature = archive.read(MANIFEST, MANIFEST_AT_MOST), archive.read(SIGNATURE, SIGNATURE_BYTES)
    if not signed_by(signed, signature, trusted if isinstance(trusted, Iterable) else [trusted]):
        raise Refused(
            f"{archive.name}: {SIGNATURE}: not by the trusted key; get the package or key from its maker"
        )
    where = f"{archive.name}: {MANIFEST}"
    manifest = Manifest.parse(plain(signed, where), where)
    if manifest.runner > runner_version:
        raise Refused(
            f"{archive.name}: needs runner {manifest.runner}, this one is {runner_version}; update it first"
        )
    manifest.refuse_older(installed_version, archive.name)
    extra = archive.names() - set(manifest.sums()) - {MANIFEST, SIGNATURE}
    if extra:
        raise Refused(f"{archive.name}: {min(extra)}: is not in the manifest")
    contents = {entry.name: _content(archive, entry) for entry in manifest.files}
    return Package(manifest, {MANIFEST: signed, SIGNATURE: signature, **contents})


def directives_of(package: Package, where: str) -> Directives:
    """What a package tells the runner.

    Raises Refused where it tells nothing, or speaks of another repairer or of a net that is not in it.
    """
    if NAME not in package.contents:
        raise Refused(f"{where}: {NAME}: missing; without it nothing can be run")
    told = Directives.parse(plain(package.contents[NAME], f"{where}: {NAME}"), f"{where}: {NAME}")
    if told.model != package.manifest.model:
        raise Refused(f"{where}: {NAME}: model is {told.model}, the manifest's {package.manifest.model}")
    if told.net is not None and told.net not in package.contents:
        raise Refused(f"{where}: {NAME}: net is {told.net}, which is not in the package")
    return told


def _content(archive: Archive, entry: Entry) -> bytes:
    where = f"{archive.name}: {entry.name}"
    if archive.size(entry.name) != entry.size:
        raise Refused(f"{where}: {archive.size(entry.name)} bytes; its manifest says {entry.size}")
    content = archive.read(entry.name, entry.size)
    if _sum(content) != entry.sha256:
        raise Refused(f"{where}: is not the file that was signed; get the package again")
    return content


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
