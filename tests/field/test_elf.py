"""Only code that needs nothing from outside is made into one block (GAP-08)."""

import pytest
from llvmlite import binding as llvm
from numba.core import codegen  # noqa: F401  (has LLVM ready)

from jobs.field.checked import Refused
from jobs.field.elf import link


def built(source: str, triple: str = "x86_64-unknown-linux-gnu") -> bytes:
    """An object file of LLVM code."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(triple).create_target_machine(reloc="pic", codemodel="small")
    return target.emit_object(llvm.parse_assembly(source))


def test_code_and_constants_become_one_block_with_entries_GAP_08() -> None:
    code, starts = link(
        built(
            "define i32 @first() nounwind { ret i32 7 }\n"
            "define double @tenth() nounwind { ret double 0x3FB999999999999A }\n"
            "define internal i32 @hidden() nounwind { ret i32 1 }"
        )
    )
    assert set(starts) == {"first", "tenth"} and starts["first"] == 0
    # movsd xmm0, [rip + distance]: from the end of its eight bytes to the constant.
    at = starts["tenth"]
    assert code[at : at + 4] == bytes.fromhex("f20f1005")
    constant = at + 8 + int.from_bytes(code[at + 4 : at + 8], "little", signed=True)
    assert code[constant : constant + 8] == bytes.fromhex("9a9999999999b93f") and constant % 8 == 0


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "declare void @sin()\ndefine void @f() { call void @sin() ret void }",
            "sin is in none of its sections",
        ),
        ("@kept = global i32 5\ndefine void @f() { store i32 1, ptr @kept ret void }", "memory to write to"),
        ("@table = constant [1 x ptr] [ptr @f]\ndefine void @f() { ret void }", "memory to write to"),
    ],
)
def test_what_needs_more_than_itself_is_refused_by_name_GAP_08(source: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        link(built(source))


def test_what_another_machine_asks_for_is_refused_GAP_08() -> None:
    """AArch64 finds constants by page; a file without any is as good as one for x86-64."""
    triple = "aarch64-unknown-linux-gnu"
    assert link(built("define i32 @f() nounwind { ret i32 7 }", triple))[1] == {"f": 0}
    with pytest.raises(Refused, match="relocation 275 of machine 183"):
        link(built("define double @f() nounwind { ret double 0x3FB999999999999A }", triple))


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF", b"MZ" + bytes(100), b"\x7fELF\x01\x01\x01" + bytes(100)]
)
def test_another_kind_of_file_is_refused_GAP_08(content: bytes) -> None:
    with pytest.raises(Refused, match="not ELF of 64 bits"):
        link(content)
