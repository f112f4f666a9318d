"""A small flat zip of which nothing is believed: few plain files with plain names, read within limits.

What the format allows beyond that (folders, links, comments, zip64, passwords, names twice) is refused before
any content is read.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from jobs.field.checked import FILE, Refused, content_of
from store.names import shown

FILES_AT_MOST = 64
BYTES_AT_MOST = 32 * 2**20
"""Of all contents together; the archive may have a mebibyte more, for what is about them."""
WHEN = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can tell: the same files make the same bytes at any time."""
PLAIN_FILE = (stat.S_IFREG | 0o644) << 16
END = struct.Struct("<4s4H2IH")
END_MARK, ZIP64_MARK = b"PK\5\6", b"PK\6\7"
ZIP64_BYTES = 20
ENTRY_BYTES = 46 + 100 + 64
"""Of the directory, for one file: its fixed part, its name, and what other programs may add."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError, OSError)
"""What the library raises for a zip that is not whole."""


def zipped(contents: Mapping[str, bytes]) -> bytes:
    """The archive of ``contents`` in their order. Stored: weights hardly become smaller."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, WHEN)
            entry.external_attr, entry.create_system = PLAIN_FILE, 3
            archive.writestr(entry, content)
    return made.getvalue()


class Archive:
    """The files of a zip by name; each is read when it is asked for."""

    def __init__(self, path: Path | str):
        """Raises Refused for anything but a small flat zip."""
        self.name = Path(path).name
        content = content_of(path, BYTES_AT_MOST + 2**20)
        _check_end(content, self.name)
        with self._whole():
            self._zip = zipfile.ZipFile(BytesIO(content))
            self._entries = self._checked(self._zip.infolist())

    def names(self) -> set[str]:
        return set(self._entries)

    def size(self, name: str) -> int:
        """Bytes that the archive claims. Raises Refused when there is no such file."""
        if name not in self._entries:
            raise Refused(f"{self.name}: {name}: missing")
        return self._entries[name].file_size

    def read(self, name: str, most: int) -> bytes:
        """Raises Refused when there is no such file, its checksum is wrong, or it claims more than ``most``
        bytes."""
        size = self.size(name)
        if size > most:
            raise Refused(f"{self.name}: {name}: {size} bytes; {most} at most")
        with self._whole(name), self._zip.open(self._entries[name]) as file:
            # The library gives what the header claims at most, however much a bomb would become.
            return file.read(size + 1)

    def _checked(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        found: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            name = FILE(entry.filename, f"{self.name}: a name")
            where = f"{self.name}: {name}"
            if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
                raise Refused(f"{where}: is no plain file")
            if entry.flag_bits & 1 or entry.compress_type not in METHODS:
                raise Refused(f"{where}: packed in a way that is not read here; store or deflate it")
            if name.casefold() in (one.casefold() for one in found):
                raise Refused(f"{where}: is in it twice")
            found[name] = entry
        return found

    @contextmanager
    def _whole(self, name: str = "") -> Iterator[None]:
        """What the library says of a damaged archive, in one line."""
        try:
            yield
        except Refused:
            raise
        except DAMAGED as error:
            where = f"{self.name}: {name}" if name else self.name
            raise Refused(f"{where}: damaged ({shown(str(error))})") from None


def _check_end(content: bytes, name: str) -> None:
    """Refuses a directory of many entries before it is read: each takes ten times its room in memory."""
    if len(content) < END.size:
        raise Refused(f"{name}: no zip file")
    mark, _, _, _, count, size, offset, comment = END.unpack(content[-END.size :])
    if mark != END_MARK:
        raise Refused(f"{name}: no whole zip file; get it again")
    before = content[-END.size - ZIP64_BYTES : -END.size]
    if comment or before.startswith(ZIP64_MARK):
        raise Refused(f"{name}: a zip with a comment or of the 64-bit kind; pack it plainly")
    if count > FILES_AT_MOST + 2 or size > count * ENTRY_BYTES or offset + size + END.size != len(content):
        raise Refused(f"{name}: damaged, or its directory of {count} files is too large; pack it plainly")
