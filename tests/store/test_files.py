"""Files are whole or not there, and a manifest knows what changed."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from store import files
from store.errors import Busy


def test_atomic_replaces_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "name.json"
    files.atomic(path, "old")
    files.atomic(path, "nëw".encode())
    assert path.read_text() == "nëw"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["name.json"]


def test_a_full_disk_is_one_line_and_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.bin"
    files.atomic(path, b"old")
    code = f"""
import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
from store import files, errors
try:
    files.atomic({str(path)!r}, b"x" * 5000)
except errors.Busy as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith(str(path)) and said.count("\n") == 1
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_what_a_disk_refuses_is_busy(number: int) -> None:
    with pytest.raises(Busy, match=r"take\.wav: "), files.disk("take.wav"):
        raise OSError(number, os.strerror(number))


def test_other_errors_pass_through_as_they_are() -> None:
    with pytest.raises(FileNotFoundError), files.disk("take.wav"):
        raise FileNotFoundError(errno.ENOENT, "gone")


def test_writing_into_a_file_as_a_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Busy):
        files.atomic(tmp_path / "file" / "x.json", "")


def test_manifest_sees_every_change(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.bin", "sub/b.bin", "model.json", "manifest.json"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("a.bin")
    sums = files.manifest(tmp_path)
    assert list(sums) == ["a.bin", "sub/b.bin"]
    assert sums["a.bin"] == files.sha256(tmp_path / "a.bin")
    assert files.verify(tmp_path, sums) == []
    (tmp_path / "a.bin").write_text("other")
    (tmp_path / "sub/b.bin").unlink()
    assert files.verify(tmp_path, sums) == ["'a.bin': changed since it was written", "'sub/b.bin': missing"]


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "nul\0l", "."])
def test_a_manifest_never_leads_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").write_text("secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    assert files.verify(folder, {name: "0" * 64}) == [f"{name!r}: lies outside the folder"]


def test_free_bytes_of_what_is_not_there_yet(tmp_path: Path) -> None:
    assert files.free_bytes(tmp_path / "not" / "yet") > 0
