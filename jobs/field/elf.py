"""A small linker: an object file as one block of code and constants that runs wherever it lies in memory.

Object files are ELF of 64 bits, little-endian (System V ABI, "Object files"). Of what linkers do, this one
lays the sections out and fills in distances between them (x86-64 psABI, "Relocation": PC32 and PLT32). All
else that a file may ask for is refused: a function of a library, an absolute address, memory to write to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from jobs.field.checked import Refused

MAGIC = b"\x7fELF\x02\x01\x01"
"""64 bits, little-endian, version 1."""
HEADER = Struct("<16sHHIQQQIHHHHHH")
SECTION = Struct("<IIQQQQIIQQ")
SYMBOL = Struct("<IBBHQQ")
RELOCATION = Struct("<QQq")
SYMBOLS, RELOCATIONS = 2, 4
"""Kinds of sections."""
WRITTEN, LOADED = 1, 2
"""Flags of sections."""
GLOBAL_FUNCTION = 1 << 4 | 2
X86_64 = 62
DISTANCES = {(X86_64, 2), (X86_64, 4)}
"""Machines and their relocations that are a distance in 32 bits."""
DISTANCE = Struct("<i")


@dataclass(frozen=True)
class Section:
    """``link`` is the number of a section that belongs to it, ``about`` that of the one it relocates."""

    name: str
    kind: int
    flags: int
    content: bytes
    link: int
    about: int
    align: int


@dataclass(frozen=True)
class Symbol:
    """``value`` bytes into the section of that number; 0: into another file."""

    name: str
    kind: int
    section: int
    value: int


def link(content: bytes) -> tuple[bytes, dict[str, int]]:
    """(code, where each global function begins in it) of an object file. Raises Refused."""
    machine, sections = _sections(content)
    (symbols,) = [_symbols(one, sections) for one in sections if one.kind == SYMBOLS]
    code, starts = bytearray(), {}
    for number, section in enumerate(sections):
        if section.flags & LOADED:
            if section.flags & WRITTEN:
                raise Refused(f"object file: {section.name} is memory to write to; code has none here")
            code += bytes(-len(code) % max(1, section.align))
            starts[number] = len(code)
            code += section.content
    for number, at, kind, symbol, addend in _relocations(sections, symbols):
        if number not in starts:
            continue
        if symbol.section not in starts:
            raise Refused(f"object file: {symbol.name} is in none of its sections; code has no library here")
        if (machine, kind) not in DISTANCES:
            raise Refused(f"object file: relocation {kind} of machine {machine} is not filled in here")
        here = starts[number] + at
        DISTANCE.pack_into(code, here, starts[symbol.section] + symbol.value + addend - here)
    functions = [one for one in symbols if one.kind == GLOBAL_FUNCTION]
    return bytes(code), {one.name: starts[one.section] + one.value for one in functions}


def _sections(content: bytes) -> tuple[int, list[Section]]:
    """(machine, sections) of an object file."""
    if len(content) < HEADER.size or not content.startswith(MAGIC):
        raise Refused("object file: it is not ELF of 64 bits, little-endian, as Linux has it")
    _, _, machine, _, _, _, start, *_, size, count, names = HEADER.unpack_from(content)
    rows = [SECTION.unpack_from(content, start + number * size) for number in range(count)]
    name_table = content[rows[names][4] :]
    return machine, [
        Section(_name(name_table, name), kind, flags, content[at : at + length], linked, about, align)
        for name, kind, flags, _, at, length, linked, about, align, _ in rows
    ]


def _symbols(table: Section, sections: list[Section]) -> list[Symbol]:
    names = sections[table.link].content
    return [
        Symbol(_name(names, name), kind, section, value)
        for name, kind, _, section, value, _ in SYMBOL.iter_unpack(table.content)
    ]


def _name(table: bytes, start: int) -> str:
    return table[start : table.index(b"\0", start)].decode()


def _relocations(
    sections: list[Section], symbols: list[Symbol]
) -> Iterator[tuple[int, int, int, Symbol, int]]:
    """(number of a section, place in it, kind, symbol, addend)."""
    for section in sections:
        if section.kind == RELOCATIONS:
            for at, about, addend in RELOCATION.iter_unpack(section.content):
                yield section.about, at, about & 0xFFFFFFFF, symbols[about >> 32], addend
