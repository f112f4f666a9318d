"""An update comes whole, from its maker and no older than what is there, or not at all (GAP-09)."""

import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.field.archive import zipped
from jobs.field.checked import Refused
from jobs.field.keys import make_key, private_key, public_key, sign
from jobs.field.manifest import Manifest, Package
from jobs.field.package import open_package, pack
from store.errors import Busy
from tests import hostile

FILES = {"field_directives.json": b'{"format": 1}\n', "net.onnx": bytes(range(256)) * 8, "notes.txt": b""}
MEMBERS = ("manifest.json", "manifest.sig", *FILES)
STRANGER = Ed25519PrivateKey.generate()


class Office(NamedTuple):
    folder: Path
    key: Ed25519PrivateKey
    trusted: Ed25519PublicKey
    update: Path


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Who has packed version 5 for runners from 2 on."""
    home = tmp_path_factory.mktemp("office")
    folder = home / "files"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    trusted = make_key(home / "office.pem")
    key = private_key(home / "office.pem")
    pack(folder, home / "update.zip", key, version=5, model="brass-1", runner=2)
    return Office(folder, key, trusted, home / "update.zip")


def opened(path: Path, office: Office, installed: int | None = None, runner: int = 2) -> Package:
    return open_package(path, office.trusted, installed, runner)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refused(path: Path, office: Office, *words: str, **asked: int) -> None:
    with pytest.raises(Refused) as caught:
        opened(path, office, **asked)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 250
    assert path.name in message and all(word in message for word in words), message


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "changed.zip"
    path.write_bytes(content)
    return path


def signed(office: Office, contents: dict[str, bytes], manifest: str) -> bytes:
    """An archive that the office itself has signed, whatever its manifest says."""
    text = manifest.encode()
    return zipped({"manifest.json": text, "manifest.sig": sign(text, office.key), **contents})


def test_a_package_opens_to_what_was_packed_GAP_09(office: Office) -> None:
    package = opened(office.update, office)
    assert {name: package.contents[name] for name in FILES} == FILES
    told = package.manifest
    assert (told.version, told.runner, told.model) == (5, 2, "brass-1")
    assert [(entry.name, entry.size) for entry in told.files] == [(n, len(c)) for n, c in FILES.items()]
    with zipfile.ZipFile(office.update) as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}, "at any time"
    for trusted in ([STRANGER.public_key(), office.trusted], (key for key in [office.trusted])):
        assert open_package(office.update, trusted, 5, 3) == package


def test_the_same_files_make_the_same_bytes_in_any_order_GAP_09(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "again.zip"
    pack(sorted(office.folder.iterdir(), reverse=True), out, office.key, 5, "brass-1", 2)
    assert out.read_bytes() == office.update.read_bytes()
    pack(office.folder, out, office.key, 6, "brass-1", 2)
    assert out.read_bytes() != office.update.read_bytes()


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_a_byte_changed_anywhere_is_refused_or_changes_nothing_GAP_09(
    office: Office, data: st.DataObject
) -> None:
    """Dates and rights in the zip's headers are nobody's content; all else is covered."""
    content = bytearray(office.update.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path = written(office.update.parent, bytes(content))
    try:
        package = opened(path, office)
    except Refused as error:
        assert "\n" not in str(error)
    else:
        assert package == opened(office.update, office)


@pytest.mark.parametrize("name", [name for name in MEMBERS if FILES.get(name) != b""])
def test_a_byte_changed_in_any_member_is_refused_even_with_its_checksum_made_anew_GAP_09(
    office: Office, name: str
) -> None:
    contents = members(office.update)

    @settings(max_examples=60, deadline=None)
    @given(place=st.integers(0, len(contents[name]) - 1), flip=st.integers(1, 255))
    def check(place: int, flip: int) -> None:
        changed = bytearray(contents[name])
        changed[place] ^= flip
        path = written(office.update.parent, zipped({**contents, name: bytes(changed)}))
        refused(path, office, "manifest.sig" if name.startswith("manifest") else name)

    check()


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_package_that_was_cut_off_is_refused_GAP_09(office: Office, share: float) -> None:
    content = office.update.read_bytes()
    refused(written(office.update.parent, content[: int(len(content) * share)]), office)


@settings(max_examples=80, deadline=None)
@given(content=st.binary(max_size=300), tail=st.booleans())
def test_any_bytes_at_all_are_refused_in_one_line_GAP_09(office: Office, content: bytes, tail: bool) -> None:
    whole = office.update.read_bytes()
    refused(written(office.update.parent, content + whole[-200:] if tail else content), office)


def test_two_files_that_changed_places_are_refused_GAP_09(office: Office, tmp_path: Path) -> None:
    contents = members(office.update)
    one, other = "net.onnx", "field_directives.json"
    contents[one], contents[other] = contents[other], contents[one]
    refused(written(tmp_path, zipped(contents)), office, "its manifest says")


def test_a_file_of_the_same_size_is_refused_by_its_sum_GAP_09(office: Office, tmp_path: Path) -> None:
    contents = members(office.update) | {"net.onnx": bytes(2048)}
    refused(written(tmp_path, zipped(contents)), office, "net.onnx", "not the file that was signed")


def test_a_package_of_another_key_is_refused_GAP_09(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "theirs.zip"
    pack(office.folder, path, STRANGER, 9, "brass-1")
    refused(path, office, "manifest.sig", "trusted key")
    with pytest.raises(Refused, match="trusted key"):
        open_package(office.update, [], None, 2)


def test_a_manifest_that_was_changed_is_refused_before_it_is_believed_GAP_09(
    office: Office, tmp_path: Path
) -> None:
    contents = members(office.update)
    contents["manifest.json"] = contents["manifest.json"].replace(b'"version": 5', b'"version": 4')
    refused(written(tmp_path, zipped(contents)), office, "trusted key", installed=9)
    contents["manifest.json"] = b"[" * 60_000
    refused(written(tmp_path, zipped(contents)), office, "trusted key")


@pytest.mark.parametrize("part", ["manifest.json", "manifest.sig", "net.onnx"])
def test_a_package_without_one_of_its_parts_is_refused_GAP_09(
    office: Office, tmp_path: Path, part: str
) -> None:
    contents = members(office.update)
    del contents[part]
    refused(written(tmp_path, zipped(contents)), office, part, "missing")


def test_a_signature_of_another_length_is_refused_GAP_09(office: Office, tmp_path: Path) -> None:
    contents = members(office.update)
    for size in (0, 63, 65):
        path = written(tmp_path, zipped({**contents, "manifest.sig": b"x" * size}))
        refused(path, office, "manifest.sig")


def test_versions_only_grow_GAP_09(office: Office) -> None:
    for installed in (None, 4, 5):
        assert opened(office.update, office, installed).manifest.version == 5
    refused(office.update, office, "version 5 is older than the installed 6", installed=6)


def test_a_package_for_a_newer_runner_is_refused_GAP_09(office: Office) -> None:
    refused(office.update, office, "needs runner 2, this one is 1", runner=1)


def test_a_manifest_of_a_later_format_is_told_as_such_GAP_09(office: Office, tmp_path: Path) -> None:
    path = written(tmp_path, signed(office, {}, '{"anything": 1, "format": 2}'))
    refused(path, office, "format is 2", "reads 1")


def entry(name: str, size: int = 1) -> str:
    return f'{{"name": "{name}", "size": {size}, "sha256": "{"0" * 64}"}}'


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (entry("../up"), "plain name"),
        (entry("/etc/x"), "plain name"),
        (entry("a/b"), "plain name"),
        (entry("a\\\\b"), "plain name"),
        (entry("C:x"), "plain name"),
        (entry(".hidden"), "plain name"),
        (entry("x."), "plain name"),
        (entry("n\\u0000"), "plain name"),
        (entry("x" * 101), "plain name"),
        (entry("Manifest.SIG"), "taken"),
        (entry("net") + "," + entry("NET"), "taken"),
        (entry("x", -1), "nearest: 0"),
        (entry("x", 2**40), "nearest"),
        (entry("x", 2**24) + "," + entry("y", 2**24) + "," + entry("z"), "larger than 32 MiB"),
        ("", "entries"),
        (",".join(entry(f"f{n}") for n in range(65)), "65 entries"),
    ],
    ids=range(16),
)
def test_even_a_signed_manifest_names_no_file_outside_and_none_twice_GAP_09(
    office: Office, tmp_path: Path, files: str, said: str
) -> None:
    manifest = f'{{"format": 1, "version": 5, "runner": 1, "model": "m", "files": [{files}]}}'
    refused(written(tmp_path, signed(office, {}, manifest)), office, said)


# --- zips of every bad kind ------------------------------------------------------------------------------

Change = Callable[[zipfile.ZipFile], None]


def add(name: str, mode: int = stat.S_IFREG | 0o644, kind: int = zipfile.ZIP_STORED) -> Change:
    info = zipfile.ZipInfo(name)
    info.external_attr, info.compress_type = mode << 16, kind
    return lambda archive: archive.writestr(info, b"x")


def comment(archive: zipfile.ZipFile) -> None:
    archive.comment = b"hello"


def many(archive: zipfile.ZipFile) -> None:
    for number in range(70):
        archive.writestr(f"f{number}", b"")


def long_extra(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("big")
    info.extra = struct.pack("<HH", 0x9999, 60_000) + bytes(60_000)
    archive.writestr(info, b"")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (add("extra.txt"), "extra.txt: is not in the manifest"),
        (add("../evil"), "plain name"),
        (add("/tmp/evil"), "plain name"),
        (add("a/../../evil"), "plain name"),
        (add("sub/"), "plain name"),
        (add("nét.onnx"), "plain name"),
        (add("link", stat.S_IFLNK | 0o777), "no plain file"),
        (add("pipe", stat.S_IFIFO | 0o644), "no plain file"),
        (add("net.onnx"), "net.onnx: is in it twice"),
        (add("NET.onnx"), "NET.onnx: is in it twice"),
        (add("packed", kind=zipfile.ZIP_LZMA), "store or deflate"),
        (comment, "no whole zip"),
        (many, "75 files"),
        (long_extra, "pack it plainly"),
    ],
)
def test_archives_with_more_than_plain_files_are_refused_GAP_09(
    office: Office, tmp_path: Path, change: Change, said: str
) -> None:
    path = written(tmp_path, office.update.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        change(archive)
    refused(path, office, said)


def test_junk_before_the_archive_and_a_64_bit_directory_are_refused_GAP_09(
    office: Office, tmp_path: Path
) -> None:
    content = office.update.read_bytes()
    refused(written(tmp_path, b"#!/bin/sh\n" + content), office, "pack it plainly")
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, 0, 1)
    mark, *rest = struct.unpack("<4s4H2IH", content[-22:])
    rest[4] += len(locator)
    path = written(tmp_path, content[:-22] + locator + struct.pack("<4s4H2IH", mark, *rest))
    refused(path, office, "64-bit")


def test_a_file_under_a_password_is_refused_GAP_09(office: Office, tmp_path: Path) -> None:
    content = bytearray(office.update.read_bytes())
    content[content.find(b"PK\1\2") + 8] |= 1
    refused(written(tmp_path, bytes(content)), office, "store or deflate")


def test_a_package_that_another_program_has_deflated_opens_GAP_09(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "deflated.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members(office.update).items():
            archive.writestr(name, content)
    assert path.stat().st_size < office.update.stat().st_size
    assert opened(path, office) == opened(office.update, office)


def bomb(path: Path, contents: dict[str, bytes], name: str, claimed: int | None = None) -> Path:
    """``contents`` with 16 MiB of zeros as ``name`` in 16 kB, which claim to be ``claimed`` bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for other in MEMBERS:
            archive.writestr(other, b"\0" * (16 << 20) if other == name else contents[other])
    if claimed is not None:
        content = bytearray(path.read_bytes())
        true = struct.pack("<I", 16 << 20)
        while (place := content.find(true)) >= 0:
            content[place : place + 4] = struct.pack("<I", claimed)
        path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "net.onnx"])
@pytest.mark.parametrize("honest", [True, False])
def test_a_bomb_is_refused_and_never_unpacked_GAP_09(
    office: Office, tmp_path: Path, name: str, honest: bool
) -> None:
    contents = members(office.update)
    path = bomb(tmp_path / "bomb.zip", contents, name, None if honest else len(contents[name]))
    tracemalloc.start()
    refused(path, office)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_what_is_larger_than_any_package_is_not_even_read_GAP_09(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "huge.zip"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    refused(path, office, "at most")
    refused(tmp_path / "none.zip", office, "no such file")
    refused(hostile.pipe(tmp_path), office, "is no plain file; name a file")


# --- packing and keys ------------------------------------------------------------------------------------


def test_only_plain_files_with_plain_names_can_be_packed_GAP_09(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    folder = tmp_path / "folder"
    folder.mkdir()

    def refuses(said: str) -> None:
        with pytest.raises(Refused, match=said):
            pack(folder, out, office.key, 1, "m")
        assert not out.exists()

    refuses("0 entries")
    (folder / "link").symlink_to(office.update)
    refuses("link: is no plain file")
    (folder / "link").rename(tmp_path / "link")
    (folder / "sub").mkdir()
    refuses("sub: is no plain file")
    (folder / "sub").rmdir()
    (folder / "my net.onnx").touch()
    refuses("my net.onnx.*plain name")
    with pytest.raises(Refused, match="no such folder"):
        pack(tmp_path / "none", out, office.key, 1, "m")
    twice = [office.folder / "net.onnx"] * 2
    with pytest.raises(Refused, match="taken"):
        pack(twice, out, office.key, 1, "m")
    for version in (0, -1, 2**31, True, 1.5):
        with pytest.raises(Refused, match="version"):
            pack(office.folder, out, office.key, version, "m")  # type: ignore[arg-type]


def test_a_package_that_can_t_be_written_leaves_the_old_one_GAP_09(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "kept" / "out.zip"
    out.parent.mkdir()
    out.write_bytes(b"old")
    for part in (tmp_path, *tmp_path.parents[:-2], office.folder, *office.folder.parents[:-2]):
        part.chmod(0o755)
    out.parent.chmod(0o555)
    with hostile.nobody(), pytest.raises(Busy, match=r"no permission|read-only"):
        pack(office.folder, out, office.key, 1, "m")
    assert out.read_bytes() == b"old" and list(out.parent.iterdir()) == [out]


def test_a_key_is_private_and_never_written_over_GAP_09(tmp_path: Path) -> None:
    path, beside = tmp_path / "office.pem", tmp_path / "office.pem.pub"
    made = make_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public_key(beside) == made == private_key(path).public_key()
    before = path.read_bytes()
    with pytest.raises(Refused, match="already"):
        make_key(path)
    path.rename(tmp_path / "moved")
    with pytest.raises(Refused, match=r"office\.pem\.pub"):
        make_key(path)
    assert not path.exists() and (tmp_path / "moved").read_bytes() == before


def test_files_that_are_no_key_are_refused_in_one_line_GAP_09(tmp_path: Path) -> None:
    make_key(tmp_path / "a")
    other = rsa.generate_private_key(65537, 2048)
    rsa_pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    locked = STRANGER.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"word"),
    )
    wrong = [rsa_pem, locked, b"", b"-----BEGIN PUBLIC KEY-----\n", (tmp_path / "a.pub").read_bytes()]
    for content in wrong:
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(Refused, match="x: no private Ed25519 key"):
            private_key(tmp_path / "x")
    with pytest.raises(Refused, match="a: no public Ed25519 key"):
        public_key(tmp_path / "a")
    with pytest.raises(Refused, match="no such file"):
        public_key(tmp_path / "none")


def test_a_manifest_comes_back_from_its_own_record_GAP_09(office: Office) -> None:
    manifest = opened(office.update, office).manifest
    assert Manifest.parse(manifest.record()) == manifest
