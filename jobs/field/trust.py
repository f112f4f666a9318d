"""Whose packages are believed: those of this house, or those of the key that a folder of the field keeps.

The house has one pair of keys. A folder keeps the public key by which its first package was installed, and
takes no package by another one from then on.
"""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jobs.field.checked import Refused
from jobs.field.installed import TRUSTED as TRUSTED
from jobs.field.keys import as_text, make_key, private_key, public_key, write_public
from store import paths

HOUSE = "field.pem"


def place() -> Path:
    """Where this house's private key is kept."""
    return paths.data() / HOUSE


def public_place() -> Path:
    """Where its public key is kept, which the field has to be given."""
    return paths.data() / f"{HOUSE}.pub"


def own_key() -> Ed25519PrivateKey:
    """This house's key, made when it is first needed. Raises Refused when it is damaged, Busy."""
    if not place().exists():
        make_key(place())
    key = private_key(place())
    if not public_place().exists():
        write_public(public_place(), key.public_key())
    return key


def trusted(given: str, folder: Path | None = None) -> Ed25519PublicKey:
    """The key in the file ``given``, else the one that ``folder`` keeps, else this house's own.

    Raises Refused where there is none, or where ``folder`` keeps another one than is given.
    """
    kept = folder / TRUSTED if folder else None
    held = public_key(kept) if kept and kept.exists() else None
    told = public_key(given) if given else None
    if kept and held and told and as_text(held) != as_text(told):
        raise Refused(f"key: {kept} is another key, which this folder trusts; remove it to trust a new one")
    found = told or held or (public_key(public_place()) if public_place().exists() else None)
    if found is None:
        raise Refused(
            "key: no key to check it by; `repair key` in the office that made it shows its public key"
        )
    return found


def keep(key: Ed25519PublicKey, folder: Path) -> Path:
    """Have ``folder`` trust ``key`` from now on. Raises Busy when the disk refuses."""
    path = folder / TRUSTED
    return path if path.exists() else write_public(path, key)


def fingerprint(key: Ed25519PublicKey) -> str:
    """By which people compare keys: SHA-256 of the 32 bytes of a public key, in hex."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()
