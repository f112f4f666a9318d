"""A net for gaps where it repairs: ONNX on one thread. How far it is trusted says `jobs.field.repaired`."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from jobs.field.checked import Refused
from jobs.field.manifest import RECORDING
from jobs.field.repaired import Repaired
from jobs.sound.filling import Filling
from jobs.sound.forecast import Forecaster
from jobs.sound.guesses import NAMES, RECORDED, moment

PAST, GUESSES, RECORD, GAP = "past", "guesses", "record", "gap"
GUESSED = len(NAMES)
LARGEST = 64 * 2**20


class Net:
    """An exported net; one gap at a time. Raises Refused for a file that is not one."""

    def __init__(self, path: Path | str, rate: int = 48_000):
        path = Path(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what goes wrong is raised
        try:
            if path.stat().st_size > LARGEST:
                raise Refused(f"{path.name}: larger than {LARGEST >> 20} MiB; it is no net for gaps")
            self._session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            self._given = {one.name: one.shape for one in self._session.get_inputs()}
            (gap,) = self._session.get_outputs()
        except OSError as error:
            raise Refused(f"{path.name}: {(error.strerror or str(error)).lower()}") from None
        except Refused:
            raise
        except Exception as error:  # the runtime has no common class for what it refuses
            raise Refused(f"{path.name}: no net that can be run ({type(error).__name__})") from None
        known = self._given.keys() <= {PAST, GUESSES, RECORD}
        if PAST not in self._given or not known or gap.name != GAP or not self._whole(gap.shape):
            raise Refused(
                f"{path.name}: must hear no more than {PAST} (1, C), {GUESSES} (1, {GUESSED}, T) and "
                f"{RECORD} {1, *RECORDED}, and give {GAP} (1, T)"
            )
        self.rate, self.past, self.horizon = rate, int(self._given[PAST][1]), int(gap.shape[1])
        self._bound = _Bound(self._session, self._given, gap.shape)

    def _whole(self, gap: Any) -> bool:
        past, guesses = self._given[PAST], self._given.get(GUESSES, [1, GUESSED, *gap[1:]])
        record = self._given.get(RECORD, [1, *RECORDED])
        return (
            len(past) == len(gap) == 2
            and all(isinstance(one, int) and 0 < one <= 192_000 for one in (*past, *gap))
            and past[0] == gap[0] == 1
            and list(guesses) == [1, GUESSED, gap[1]]
            and list(record) == [1, *RECORDED]
        )

    @property
    def runner(self) -> int:
        """The lowest version of a runner that can tell it all it hears."""
        return RECORDING if RECORD in self._given else 1

    def run(self, past: np.ndarray, guesses: np.ndarray, record: np.ndarray) -> np.ndarray:
        """``past (C,)``, ``guesses (K, T)`` and ``record (experts, edges)`` -> ``(T,)`` float32; of an older
        net fewer are heard. Raises ValueError for other shapes, and what the runtime raises, as where an
        answer is shorter than the net says."""
        heard, made = self._bound.heard, self._bound.made
        made.fill(np.nan)  # whatever it does not write is no answer
        for name, one in ((PAST, past), (GUESSES, guesses), (RECORD, record)):
            if name in heard:
                if heard[name].shape[1:] != one.shape:
                    raise ValueError(f"net: {name} is {one.shape}, not {heard[name].shape[1:]}")
                heard[name][0] = one
        self._session.run_with_iobinding(self._bound.binding)
        return made[0].copy()

    def fill(self, forecaster: Forecaster, rate: int, packet: int) -> Filling:
        """As `jobs.sound.conceal.Fill`."""
        now = moment(forecaster, rate, self.past, self.horizon)
        return Repaired(self.run(now.past, now.guesses, now.record), now, forecaster.limit(), rate)


class _Bound(threading.local):
    """Where a net hears and answers, for each thread that runs it.

    The runtime then has nothing to look up and nothing to allocate, which took 0.03 ms with cold caches.
    """

    def __init__(self, session: Any, given: Mapping[str, Any], gap: Any):
        self.heard = {name: np.zeros(shape, np.float32) for name, shape in given.items()}
        self.made = np.zeros(gap, np.float32)
        self.binding = session.io_binding()
        for name, one in self.heard.items():
            self.binding.bind_input(name, "cpu", 0, np.float32, one.shape, one.ctypes.data)
        self.binding.bind_output(GAP, "cpu", 0, np.float32, self.made.shape, self.made.ctypes.data)
