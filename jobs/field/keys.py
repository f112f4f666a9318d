"""Keys that say who made a package: Ed25519 (Bernstein et al. 2011; RFC 8032) as PEM files.

The private key stays in the office, mode 0600; the public one, ``NAME.pub`` beside it, goes to the field.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jobs.field.checked import Refused, content_of
from store.files import disk, sync_folder

BYTES_AT_MOST = 1 << 14
SIGNATURE_BYTES = 64
PRIVATE_MODE, PUBLIC_MODE = 0o600, 0o644


def make_key(path: Path | str) -> Ed25519PublicKey:
    """Write a new private key to ``path`` and its public key to ``path`` + ``.pub``.

    Raises Refused when one of them is there already, Busy when the disk refuses.
    """
    path = Path(path)
    beside = path.with_name(f"{path.name}.pub")
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    for there in (path, beside):
        if os.path.lexists(there):
            raise Refused(f"{there}: is there already and is not written over; choose another name")
    private_text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_new(path, private_text, PRIVATE_MODE)
    try:
        write_public(beside, public)
    except BaseException:
        path.unlink()
        raise
    return public


def as_text(key: Ed25519PublicKey) -> bytes:
    """A public key as the PEM that `public_key` reads."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def write_public(path: Path | str, key: Ed25519PublicKey) -> Path:
    """Write a public key to a file that is not there yet. Raises Busy when the disk refuses."""
    _write_new(Path(path), as_text(key), PUBLIC_MODE)
    return Path(path)


def _write_new(path: Path, text: bytes, mode: int) -> None:
    with disk(path):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)


def private_key(path: Path | str) -> Ed25519PrivateKey:
    """Raises Refused."""
    key = _loaded(path, lambda content: serialization.load_pem_private_key(content, None))
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(f"{Path(path).name}: no private Ed25519 key in PEM without a password; make one anew")
    return key


def public_key(path: Path | str) -> Ed25519PublicKey:
    """Raises Refused."""
    key = _loaded(path, serialization.load_pem_public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise Refused(f"{Path(path).name}: no public Ed25519 key in PEM; the office has it as NAME.pub")
    return key


def _loaded(path: Path | str, load: Callable[[bytes], Any]) -> Any:
    """A key of any kind, or None."""
    content = content_of(path, BYTES_AT_MOST)
    try:
        return load(content)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def sign(content: bytes, key: Ed25519PrivateKey) -> bytes:
    """64 bytes, the same each time."""
    return key.sign(content)


def signed_by(content: bytes, signature: bytes, trusted: Iterable[Ed25519PublicKey]) -> bool:
    """Whether one of ``trusted`` has signed exactly ``content``."""
    for key in trusted:
        try:
            key.verify(signature, content)
            return True
        except InvalidSignature:
            continue
    return False
