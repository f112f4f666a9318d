"""The loops of repair as machine code in memory, called through ctypes.

A loop takes one address, at which its arguments are in words of eight bytes. An array is two of them: where
the address of its numbers is kept, and how many there are. So a call costs no more than 3 us.
"""

import ctypes
import mmap
import os
from struct import Struct

import numpy as np

from jobs.field.checked import Refused
from jobs.sound.kernels import LOOPS

FLOAT64, INT32, BOOL = np.dtype(np.float64), np.dtype(np.int32), np.dtype(np.bool_)
KEPT = object.__basicsize__
"""Bytes into an array's object at which the address of its numbers is kept: the first field of numpy's
PyArrayObject. ``array.ctypes.data`` would cost more than all the rest of a call."""


class Native:
    """`jobs.sound.kernels.Loops` from ``code``, in which ``starts`` says where each of them begins.

    Raises Refused where code can't be run so. The loops raise ValueError for an array that is not float64
    (of whole numbers int32, of marks bool) in C order; that what they write to may be written to, and is
    long enough, they take on trust.
    """

    def __init__(self, code: bytes, starts: dict[str, int]):
        probe = np.zeros(1)
        if _address_at(id(probe) + KEPT).value != probe.ctypes.data:
            raise Refused("machine code: this numpy keeps arrays in another way than the code knows")
        self._memory = mmap.mmap(-1, len(code), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._memory.write(code)
        begin = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        _make_runnable(begin, len(code))
        # Functions of this kind let go of the interpreter's lock, as numba's form of the loops does.
        function = ctypes.CFUNCTYPE(None, ctypes.c_char_p)
        (
            self._levinson, self._windowed, self._burg, self._extrapolate, self._missed, self._judge,
            self._take, self._cross, self._loudest, self._rounded, self._join, self._hold,
            self._outlook,
        ) = (function(begin + starts[name]) for name in LOOPS)  # fmt: skip

    def levinson(
        self, correlation: np.ndarray, backwards: np.ndarray, out: np.ndarray, mirrored: np.ndarray
    ) -> None:
        words = _OF_LEVINSON(*_row(correlation), *_row(backwards), *_row(out), *_row(mirrored))
        self._levinson(words)

    def windowed(
        self, past: np.ndarray, window: np.ndarray, loading: float, floor: float, out: np.ndarray,
        heard: np.ndarray, correlation: np.ndarray, backwards: np.ndarray, mirrored: np.ndarray,
    ) -> None:  # fmt: skip
        words = _OF_WINDOWED(
            *_row(past), *_row(window), loading, floor, *_row(out), *_row(heard), *_row(correlation),
            *_row(backwards), *_row(mirrored),
        )  # fmt: skip
        self._windowed(words)

    def burg(
        self, wave: np.ndarray, backwards: np.ndarray, correlation: np.ndarray, loading: float, first: int,
        last: int, out: np.ndarray, mirrored: np.ndarray, product: np.ndarray, mirrored_product: np.ndarray,
        last_row: np.ndarray, sums: np.ndarray,
    ) -> None:  # fmt: skip
        words = _OF_BURG(
            *_row(wave), *_row(backwards), *_row(correlation), loading, first, last, *_row(out),
            *_row(mirrored), *_row(product), *_row(mirrored_product), *_row(last_row), *_row(sums),
        )  # fmt: skip
        self._burg(words)

    def extrapolate(self, wave: np.ndarray, oldest_first: np.ndarray, count: int, limit: float) -> None:
        self._extrapolate(_OF_EXTRAPOLATE(*_row(wave), *_row(oldest_first), count, limit))

    def missed(self, wave: np.ndarray, oldest_first: np.ndarray, found: np.ndarray) -> None:
        self._missed(_OF_THREE(*_row(wave), *_row(oldest_first), *_row(found)))

    def judge(
        self, expected: np.ndarray, rows: int, start: int, truth: np.ndarray, received: np.ndarray,
        edges: np.ndarray, errors: np.ndarray, seen: np.ndarray,
    ) -> None:  # fmt: skip
        words = _OF_JUDGE(
            *_row(expected), rows, start, *_row(truth), *_row(received, BOOL), *_row(edges), *_row(errors),
            *_row(seen),
        )  # fmt: skip
        self._judge(words)

    def take(
        self, block: np.ndarray, out: np.ndarray, wave: np.ndarray, received: np.ndarray, place: int,
        found: np.ndarray,
    ) -> None:  # fmt: skip
        rows = *_row(block, INT32), *_row(out, INT32), *_row(wave), *_row(received, BOOL)
        self._take(_OF_TAKE(*rows, place, *_row(found)))

    def cross(
        self, going_on: np.ndarray, passed: int, block: np.ndarray, last: float, out: np.ndarray,
        found: np.ndarray,
    ) -> None:  # fmt: skip
        words = _OF_CROSS(*_row(going_on), passed, *_row(block), last, *_row(out), *_row(found))
        self._cross(words)

    def loudest(self, wave: np.ndarray, received: np.ndarray, found: np.ndarray) -> None:
        self._loudest(_OF_THREE(*_row(wave), *_row(received, BOOL), *_row(found)))

    def rounded(self, wave: np.ndarray, block: np.ndarray, found: np.ndarray) -> None:
        self._rounded(_OF_THREE(*_row(wave), *_row(block, INT32), *_row(found)))

    def join(
        self, made: np.ndarray, out: np.ndarray, beside: float, limit: float, steepest: float, most: float,
        harsh: float, fading: int, found: np.ndarray,
    ) -> None:  # fmt: skip
        rows = *_row(made), *_row(out)
        self._join(_OF_JOIN(*rows, beside, limit, steepest, most, harsh, fading, *_row(found)))

    def hold(self, wave: np.ndarray, most: float) -> None:
        self._hold(_OF_HOLD(*_row(wave), most))

    def outlook(
        self, wave: np.ndarray, received: np.ndarray, since: int, known: np.ndarray, lasting: np.ndarray,
        quick: np.ndarray, weights: np.ndarray, of_lasting: np.ndarray, of_quick: np.ndarray,
        made: np.ndarray, given: np.ndarray, fading: int, found: np.ndarray,
    ) -> None:  # fmt: skip
        words = _OF_OUTLOOK(
            *_row(wave), *_row(received, BOOL), since, *_row(known), *_row(lasting), *_row(quick),
            *_row(weights), *_row(of_lasting), *_row(of_quick), *_row(made), *_row(given), fading,
            *_row(found),
        )  # fmt: skip
        self._outlook(words)


_OF_LEVINSON, _OF_BURG, _OF_EXTRAPOLATE = Struct("8Q").pack, Struct("6Qd2q12Q").pack, Struct("4Qqd").pack
_OF_THREE, _OF_JOIN, _OF_HOLD = Struct("6Q").pack, Struct("4Q5dq2Q").pack, Struct("2Qd").pack
_OF_WINDOWED, _OF_JUDGE = Struct("4Q2d10Q").pack, Struct("2Q2q10Q").pack
_OF_TAKE, _OF_CROSS = Struct("8Qq2Q").pack, Struct("2Qq2Qd4Q").pack
_OF_OUTLOOK = Struct("4Qq16Qq2Q").pack
_address_at = ctypes.c_void_p.from_address


def _row(array: np.ndarray, kind: np.dtype = FLOAT64) -> tuple[int, int]:
    if array.dtype != kind or not array.flags.c_contiguous:
        raise ValueError(
            f"{array.dtype} with strides {array.strides}: an array of {kind} in C order is needed"
        )
    return id(array) + KEPT, len(array)


def _make_runnable(begin: int, size: int) -> None:
    """From here on the memory can be run, and no longer be written to."""
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    if protect(begin, size, mmap.PROT_READ | mmap.PROT_EXEC):
        why = os.strerror(ctypes.get_errno())
        raise Refused(f"machine code: this system runs nothing that a program has loaded by itself ({why})")
