"""A mini linker: an object file as one block of code and constants that runs wherever it lies in memory.

Object files are ELF of 64 bits, little-endian (System V ABI, "Object files"). Of all that a linker can do,
this one lays sections out and fills in distances between them (x86-64 psABI, 4.4: PC32 and PLT32). Whatever
else a file asks for is refused: a symbol of another library, an absolute address, memory to write to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from struct import Struct

from jobs.field.checked import Refused

MAGIC = b"\x7fELF\x02\x01\x01"
"""64 bits, little-endian, version 1."""
HEADER = Struct("<16sHHIQQQIHHHHHH")
SECTION = Struct("<IIQQQQIIQQ")
SYMBOL = Struct("<IBBHQQ")
RELOCATION = Struct("<QQq")
SYMBOLS, RELOCATIONS, EMPTY = 2, 4, 8
"""Kinds of sections."""
WRITTEN, LOADED = 1, 2
"""Flags of sections."""
GLOBAL, FUNCTION = 1, 2
X86_64 = 62
DISTANCES = {X86_64: (2, 4)}
"""Machine -> relocations that are a distance in 32 bits."""
DISTANCE = Struct("<i")


@dataclass(frozen=True)
class Section:
    name: str
    kind: int
    flags: int
    content: bytes
    link: int
    about: int
    align: int


@dataclass(frozen=True)
class Symbol:
    name: str
    section: int
    value: int
    is_entry: bool


class ObjectFile:
    """What is in ``content``. Raises Refused when it is no object file of the kind above."""

    def __init__(self, content: bytes):
        if len(content) < HEADER.size or not content.startswith(MAGIC):
            raise Refused("object file: not ELF of 64 bits, little-endian")
        _, _, self.machine, _, _, _, start, *_, size, count, names = HEADER.unpack_from(content)
        rows = [SECTION.unpack_from(content, start + place * size) for place in range(count)]
        _, _, _, _, at, length, *_ = rows[names]
        titles = content[at : at + length]
        self.sections = [_section(row, titles, content) for row in rows]

    @cached_property
    def symbols(self) -> list[Symbol]:
        tables = [section for section in self.sections if section.kind == SYMBOLS]
        return [_symbol(row, self.sections[table.link].content) for table in tables
                for row in SYMBOL.iter_unpack(table.content)]  # fmt: skip

    @cached_property
    def loaded(self) -> dict[int, Section]:
        """The sections that a program is made of, by their number."""
        found = {place: one for place, one in enumerate(self.sections) if one.flags & LOADED and one.content}
        for section in found.values():
            if section.flags & WRITTEN or section.kind == EMPTY:
                raise Refused(f"object file: {section.name} is memory to write to; code has none here")
        return found

    def relocations(self) -> Iterator[tuple[int, int, int, Symbol, int]]:
        """(section, place in it, kind, symbol, addend) of all that must be filled in."""
        for section in self.sections:
            if section.kind == RELOCATIONS and section.about in self.loaded:
                for place, about, addend in RELOCATION.iter_unpack(section.content):
                    yield section.about, place, about & 0xFFFFFFFF, self.symbols[about >> 32], addend


def _section(row: tuple[int, ...], titles: bytes, content: bytes) -> Section:
    name, kind, flags, _, start, size, link, about, align, _ = row
    inside = b"" if kind == EMPTY else content[start : start + size]
    return Section(_text(titles, name), kind, flags, inside, link, about, align)


def _symbol(row: tuple[int, ...], titles: bytes) -> Symbol:
    name, about, _, section, value, _ = row
    return Symbol(_text(titles, name), section, value, about == GLOBAL << 4 | FUNCTION)


def _text(titles: bytes, start: int) -> str:
    return titles[start : titles.index(b"\0", start)].decode()


def link(content: bytes) -> tuple[bytes, dict[str, int]]:
    """(code, where each global function begins in it) of an object file. Raises Refused."""
    file = ObjectFile(content)
    code, starts = bytearray(), {}
    for place, section in file.loaded.items():
        code += bytes(-len(code) % max(1, section.align))
        starts[place] = len(code)
        code += section.content
    for section, place, kind, symbol, addend in file.relocations():
        if kind not in DISTANCES.get(file.machine, ()):
            raise Refused(
                f"object file: relocation {kind} of machine {file.machine} is not one this program fills in"
            )
        if symbol.section not in starts:
            raise Refused(f"object file: needs {symbol.name or 'a symbol'} from elsewhere")
        here = starts[section] + place
        DISTANCE.pack_into(code, here, starts[symbol.section] + symbol.value + addend - here)
    return bytes(code), {one.name: starts[one.section] + one.value for one in file.symbols if one.is_entry}
