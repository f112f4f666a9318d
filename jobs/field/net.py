"""A net for gaps where it repairs: ONNX on one thread. How far it is trusted says `jobs.field.repaired`."""

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
        """``past (C,)``, ``guesses (K, T)`` and ``record (experts, edges)`` float32 -> ``(T,)``; of an older
        net fewer are heard. Raises ValueError for another shape."""
        given = {PAST: past[None], GUESSES: guesses[None], RECORD: record[None]}
        (made,) = self._session.run([GAP], {name: given[name] for name in self._given})
        if made.shape != (1, self.horizon):
            raise ValueError(f"net: gave {made.shape}, not {(1, self.horizon)}")
        return made[0]

    def fill(self, forecaster: Forecaster, rate: int, packet: int) -> Filling:
        """As `jobs.sound.conceal.Fill`."""
        now = moment(forecaster, rate, self.past, self.horizon)
        return Repaired(self.run(now.past, now.guesses, now.record), now, forecaster.limit(), rate)
