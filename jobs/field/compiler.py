"""`jobs.sound.kernels` through numba and LLVM into machine code that needs no library.

``python -m jobs.field.compiler FILE`` writes what `jobs.field.machine` loads. It is a process of its own, as
numba and LLVM take 180 MB. From numba comes the LLVM code of each loop for arrays in C order. An entry in
front of it takes its arguments out of memory; what numba has put around it for Python goes.
"""

import inspect
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numba
import numpy as np
from llvmlite import binding as llvm

from jobs.field.checked import Refused
from jobs.field.elf import link
from jobs.field.machine import save
from jobs.field.native import Native
from jobs.sound.kernels import LOOPS, Loops, numbas
from jobs.sound.marks import Marks, Wholes
from store.errors import Refusal

ARRAYS = {numba.float64[::1]: 8, numba.int32[::1]: 4, numba.boolean[::1]: 1}
"""And bytes of one number."""
KINDS = dict(zip((np.ndarray, Wholes, Marks), ARRAYS, strict=True)) | {float: numba.float64, int: numba.int64}
WORDS = dict.fromkeys(ARRAYS, ("ptr", "i64")) | {numba.float64: ("double",), numba.int64: ("i64",)}
OWNERLESS = "define void @NRT_MemInfo_call_dtor(ptr %memory) nounwind { ret void }"
"""What numba calls when no view of an array's memory is left; here that memory is always the caller's."""
SAME = 1e-9
"""Relative difference allowed between two forms of a loop, which may add up in another order."""


def compiled() -> tuple[bytes, dict[str, int]]:
    """(code, where each loop begins in it), for the processor at hand. Raises Refused."""
    by_numba = numbas()
    loops = {name: _alone(getattr(by_numba, name)) for name in LOOPS}
    module = llvm.parse_assembly(OWNERLESS)
    for name, loop in loops.items():
        module.link_in(llvm.parse_assembly(_llvm(name, loop)))
    code, starts = link(_object(module))
    _compare(Native(code, starts), SimpleNamespace(**loops))
    return code, starts


def _alone(loop: Any) -> Any:
    """A loop of numba's, compiled anew for one kind of arguments: what it keeps on disk is no LLVM code."""
    options = {name: value for name, value in loop.targetoptions.items() if name != "nopython"}
    kinds = tuple(KINDS[one.annotation] for one in inspect.signature(loop.py_func).parameters.values())
    return numba.njit(kinds, **options)(loop.py_func)


def _llvm(name: str, loop: Any) -> str:
    """LLVM code of ``loop`` and of an entry ``name``, which takes the address of its arguments.

    To numba's function an array is seven values: owner and parent of its memory, numbers, bytes of one, their
    address, length and stride. Before them come places for a result and an exception; there is neither here.
    """
    (kinds,) = loop.signatures
    lines, given, place = [], ["ptr %result, ptr %raised"], 0
    for kind in kinds:
        taken = []
        for word in WORDS[kind]:
            lines.append(f"%at{place} = getelementptr i64, ptr %words, i64 {place}")
            lines.append(f"%word{place} = load {word}, ptr %at{place}")
            taken.append(f"{word} %word{place}")
            place += 1
        if kind in ARRAYS:
            kept, length = taken
            each = f"i64 {ARRAYS[kind]}"
            lines.append(f"%numbers{place} = load ptr, {kept}")
            taken = ["ptr null, ptr null", length, each, f"ptr %numbers{place}", length, each]
        given += taken
    return "\n".join([
        loop.inspect_llvm(kinds),
        f"define void @{name}(ptr %words) nounwind {{",
        "%result = alloca ptr",
        "%raised = alloca ptr",
        *lines,
        f"call i32 @{loop.overloads[kinds].fndesc.llvm_func_name}({', '.join(given)})",
        "ret void",
        "}",
    ])  # fmt: skip


def _object(module: llvm.ModuleRef) -> bytes:
    """The object file of ``module`` for this processor: the entries and what they need."""
    for one in [*module.functions, *module.global_variables]:
        if not one.is_declaration and one.name not in LOOPS:
            one.linkage = "internal"
    target = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="small",
    )
    # Numba has optimised it: once more changes how numbers are rounded, and is not quicker.
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options()))
    return target.emit_object(module)


def _compare(native: Loops, known: Loops) -> None:
    """Raises Refused when ``native`` doesn't do what numba's form of the loops does."""
    wave = np.random.default_rng(1).standard_normal(400)
    for tried in (_predicted, _joined):
        for made, right in zip(tried(native, wave), tried(known, wave), strict=True):
            if not np.allclose(made, right, rtol=SAME, atol=SAME):
                raise Refused("machine code: it doesn't do what it was made from does; report this")


def _predicted(loops: Loops, wave: np.ndarray, order: int = 37) -> list[np.ndarray]:
    """What the loops of `jobs.sound.recursions` and `jobs.sound.outlook` make of ``wave`` (samples,)."""
    correlation = np.correlate(wave, wave, "full")[len(wave) - 1 :].copy()
    by_levinson, by_window, by_burg = np.zeros((3, order + 1))
    rows, scratch, found = np.zeros((3, order + 1)), np.zeros((4, order + 2)), np.zeros((3, 5))
    loops.levinson(correlation, correlation[::-1].copy(), by_levinson, np.zeros(order + 1))
    loops.windowed(wave, wave[::-1] ** 2, 1e-9, 1e-12, by_window, np.zeros(len(wave)), *rows)
    loops.burg(wave, wave[::-1].copy(), correlation, 1e-6, 1, order, by_burg, *scratch, np.zeros(2))
    lasting, quick = (one[:0:-1].copy() for one in (by_burg, by_levinson))
    extended = np.concatenate([wave[-order:], np.zeros(61)])
    loops.extrapolate(extended, lasting, 61, 0.1)
    loops.missed(wave, lasting, found[0])
    errors, edges, expected = np.zeros(6), np.array([0.0, 20, 90]), np.concatenate([wave, wave / 2])
    loops.judge(expected, 2, 10, wave[:200], wave[:200] > 0, edges, errors, found[1])
    of_lasting, of_quick = np.zeros((2, order + 40))
    made, given, known = np.zeros(40), np.zeros(41), np.array([0.1, 0.0, 1.5, 0.0, 0.001, 1.5])
    loops.outlook(
        wave, wave > 0, 90, known, lasting, quick, np.full(20, 0.4), of_lasting, of_quick, made, given, 50,
        found[2],
    )  # fmt: skip
    return [by_levinson, by_window, by_burg, extended, errors, made, given, found]


def _joined(loops: Loops, wave: np.ndarray) -> list[np.ndarray]:
    """What the loops of `jobs.sound.blocks` make of ``wave`` (samples,)."""
    whole, found = (2.0**23 * np.clip(wave / 2, -1, 0.99)).astype(np.int32), np.zeros((5, 3))
    same, again = np.zeros((2, len(wave)), np.int32)
    floats, received, faded, joined = np.zeros(500), np.zeros(500, bool), np.zeros(200), np.zeros(401)
    loops.take(whole, same, floats, received, 50, found[0])
    loops.cross(wave[:90].copy(), 20, wave[:200].copy(), 0.1, faded, found[1])
    loops.rounded(wave, again, found[2])
    loops.join(floats[50:450].copy(), joined, 0.1, 0.6, 0.01, 0.005, 0.015, 50, found[3])
    loops.loudest(wave, whole > 0, found[4])
    held = np.append(0.0, wave)
    loops.hold(held, 0.2)
    return [floats, received, faded, joined, same, again, held, found]


def main(arguments: list[str]) -> int:
    try:
        save(Path(*arguments), *compiled())
    except (Refused, Refusal) as error:
        print(str(error), file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
