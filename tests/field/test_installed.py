"""A new version is the one in use or it never was, whatever happens half-way (GAP-09)."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jobs.field.checked import Refused
from jobs.field.installed import current, damage, install, installed_version, rollback
from jobs.field.manifest import Package
from jobs.field.package import open_package, pack
from jobs.locks import grab
from store.errors import Busy
from tests import hostile

KEY = Ed25519PrivateKey.generate()


def package(tmp_path: Path, version: int, content: bytes | None = None) -> Package:
    net = tmp_path / f"made-{version}" / "net.onnx"
    net.parent.mkdir(exist_ok=True)
    net.write_bytes(content or b"net %d " % version * 400)
    out = tmp_path / "update.zip"
    pack(net.parent, out, KEY, version, "brass-1")
    return open_package(out, KEY.public_key(), None, 1)


def net_in(folder: Path) -> bytes:
    there = current(folder)
    assert there is not None and not damage(there)
    return (there / "net.onnx").read_bytes()[:6]


def versions(folder: Path) -> list[str]:
    return sorted(path.name.rsplit("-", 1)[0] for path in folder.glob("version-*"))


def test_an_update_replaces_the_version_in_use_and_keeps_the_one_before_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    assert current(folder) is None and installed_version(folder) is None
    for version in (1, 2, 5):
        there = install(package(tmp_path, version), folder)
        assert current(folder) == there and installed_version(folder) == version
        assert net_in(folder) == b"net %d " % version
    assert versions(folder) == ["version-2", "version-5"]
    files = {path.name for path in there.iterdir()}
    assert files == {"manifest.json", "manifest.sig", "net.onnx"}


def test_a_rollback_brings_the_version_before_back_once_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    with pytest.raises(Refused, match="no version to go back to"):
        rollback(folder)
    for version in (1, 2):
        install(package(tmp_path, version), folder)
    assert rollback(folder) == current(folder)
    assert net_in(folder) == b"net 1 " and installed_version(folder) == 1
    with pytest.raises(Refused, match="no version to go back to"):
        rollback(folder)
    install(package(tmp_path, 3), folder)
    assert versions(folder) == ["version-1", "version-3"] and rollback(folder).name.startswith("version-1-")


def test_a_rollback_to_damaged_files_is_refused_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    for version in (1, 2):
        install(package(tmp_path, version), folder)
    (before,) = folder.glob("version-1-*")
    (before / "net.onnx").write_bytes(b"else")
    with pytest.raises(Refused, match=r"net\.onnx.*changed since"):
        rollback(folder)
    (before / "manifest.json").unlink()
    with pytest.raises(Refused, match=r"manifest\.json"):
        rollback(folder)
    assert installed_version(folder) == 2


def test_a_folder_of_other_files_is_left_as_it_is_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "sounds"
    folder.mkdir()
    (folder / "bell.wav").write_bytes(b"sound")
    with pytest.raises(Refused, match=r"other files in it, such as bell\.wav; give a new or empty folder"):
        install(package(tmp_path, 1), folder)
    with pytest.raises(Refused, match="no version to go back to"):
        rollback(folder)
    assert [path.name for path in folder.iterdir()] == ["bell.wav"]
    with pytest.raises(Refused, match="no version to go back to"):
        rollback(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_what_a_first_update_left_that_was_killed_is_no_other_file_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    (folder / "version-1-0123abcd").mkdir(parents=True)
    for name in ("lock", "trusted.pub", ".current.0123abcd.tmp"):
        (folder / name).write_bytes(b"")
    install(package(tmp_path, 1), folder)
    assert net_in(folder) == b"net 1 " and versions(folder) == ["version-1"]


def test_an_older_version_is_not_installed_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    old = package(tmp_path, 3)
    there = install(package(tmp_path, 5), folder)
    with pytest.raises(Refused, match="version 3 is older than the installed 5"):
        install(old, folder)
    assert current(folder) == there and versions(folder) == ["version-5"]


def test_the_same_version_again_changes_nothing_and_another_of_its_number_is_refused_GAP_09(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "field"
    install(package(tmp_path, 4), folder)
    there = install(package(tmp_path, 5), folder)
    assert install(package(tmp_path, 5), folder) == there
    with pytest.raises(Refused, match="installed already"):
        install(package(tmp_path, 5, b"other"), folder)
    assert net_in(folder) == b"net 5 "


def test_damaged_files_are_mended_by_the_same_version_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    install(package(tmp_path, 4), folder)
    there = install(package(tmp_path, 5), folder)
    (there / "net.onnx").unlink()
    assert install(package(tmp_path, 5), folder) != there
    assert net_in(folder) == b"net 5 " and versions(folder) == ["version-4", "version-5"]
    rollback(folder)
    assert net_in(folder) == b"net 4 "


def test_a_folder_that_refuses_leaves_the_old_version_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    there = install(package(tmp_path, 1), folder)
    update = package(tmp_path, 2)
    _open_to_all(folder)
    folder.chmod(0o555)
    with hostile.nobody(), pytest.raises(Busy, match=r"no permission|read-only"):
        install(update, folder)
    folder.chmod(0o755)
    assert current(folder) == there and net_in(folder) == b"net 1 " and versions(folder) == ["version-1"]


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can make a file that its folder's owner can't replace"
)
def test_a_pointer_that_can_t_be_replaced_leaves_the_old_version_GAP_09(tmp_path: Path) -> None:
    """The last step fails: all files of the new version are there, and it is still not in use."""
    folder = tmp_path / "field"
    there = install(package(tmp_path, 1), folder)
    update = package(tmp_path, 2)
    _open_to_all(folder)
    folder.chmod(0o1777)
    with hostile.nobody(), pytest.raises(Busy, match="current: no permission"):
        install(update, folder)
    assert current(folder) == there and net_in(folder) == b"net 1 "
    assert versions(folder) == ["version-1", "version-2"]
    install(package(tmp_path, 3), folder)
    assert versions(folder) == ["version-1", "version-3"], "what was left half-way is gone"


def _open_to_all(folder: Path) -> None:
    for part in (folder, *folder.parents[:-2]):
        part.chmod(0o755)
    (folder / "current").chmod(0o644)
    (folder / "lock").chmod(0o666)


def test_a_full_disk_leaves_the_old_version_and_nothing_besides_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    there = install(package(tmp_path, 1), folder)
    update = package(tmp_path, 2)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500, hard))
    try:
        with pytest.raises(Busy, match="larger than files may be"):
            install(update, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert current(folder) == there and net_in(folder) == b"net 1 "
    assert versions(folder) == ["version-1"]


INSTALLER = """
import sys
from pathlib import Path
from jobs.field.installed import install
from jobs.field.manifest import Entry, Manifest, Package
import hashlib, itertools, json
folder = Path(sys.argv[1])
for version in itertools.count(int(sys.argv[2])):
    net = b"net %d " % version * 400
    manifest = Manifest(1, version, 1, "m", (Entry("net.onnx", len(net), hashlib.sha256(net).hexdigest()),))
    told = json.dumps(manifest.record()).encode()
    install(Package(manifest, {"manifest.json": told, "manifest.sig": b"", "net.onnx": net}), folder)
    print(version, flush=True)
"""


def test_an_installer_that_is_killed_at_any_moment_leaves_a_whole_version_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    version = 0
    for wait in (1, 2, 3, 5, 8):
        killed = subprocess.Popen(
            [sys.executable, "-c", INSTALLER, str(folder), str(version + 1)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert killed.stdout
        told = [int(killed.stdout.readline()) for _ in range(wait)]
        killed.kill()
        told += [int(line) for line in killed.stdout.read().split()]
        killed.wait()
        killed.stdout.close()
        version = installed_version(folder) or 0
        assert version in (told[-1], told[-1] + 1)
        assert net_in(folder) == (b"net %d " % version)[:6]
    rollback(folder)
    assert installed_version(folder) == version - 1


def test_a_file_where_the_folder_should_be_and_a_damaged_pointer_are_told_GAP_09(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Busy, match=r"a file where a folder should be|not a folder"):
        install(package(tmp_path, 1), tmp_path / "file")
    folder = tmp_path / "field"
    install(package(tmp_path, 1), folder)
    for content in (
        '{"current": "../../etc", "previous": null}',
        "",
        "[]",
        '{"current": null, "previous": 1}',
    ):
        (folder / "current").write_text(content)
        for ask in (current, installed_version, rollback, lambda at: install(package(tmp_path, 2), at)):
            with pytest.raises(Refused, match=r"^current"):
                ask(folder)


def test_two_updates_at_once_are_refused_and_the_folder_s_other_files_stay_GAP_09(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    install(package(tmp_path, 1), folder)
    (folder / "version-notes").mkdir()
    handle = grab(folder / "lock")
    assert handle is not None
    with pytest.raises(Refused, match="another update"):
        install(package(tmp_path, 2), folder)
    os.close(handle)
    install(package(tmp_path, 2), folder)
    assert (folder / "version-notes").is_dir()
