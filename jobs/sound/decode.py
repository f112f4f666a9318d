"""A process of its own that gives a stranger's sound as whole numbers: ``python -m jobs.sound.decode PATH``.

The file is read twice. First all of it is checked and counted: lines of JSON say how far that is
(``{"done", "promised"}`` in seconds), and the last one what it holds (``{"info", "beyond"}``) or why it can't
be used (``{"code", "why"}``). Then its samples follow, as many as were counted: int32 of 24 bits in the order
of this machine, channel by channel for each moment.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from jobs.sound.confined import allow, answered, answers, confine, end_with_starter
from jobs.sound.pcm import to_pcm
from jobs.sound.reader import Reader, reading

CPU_SECONDS = 60
"""For one block: what takes longer does not come to an end."""
TOLD = 0.2
"""Seconds between two words of how far it is."""


def main(path: str) -> None:
    """Check, tell, send."""
    confine()
    out = os.fdopen(answers(), "wb")
    found = answered(lambda: _checked(path, out))
    _tell(out, found)
    if "info" in found:
        answered(lambda: _sent(path, found["info"]["frames"], out))


def _checked(path: str, out: Any) -> dict[str, Any]:
    """``{"info", "beyond"}``: the latter are samples above full scale, which 24 bits can't hold."""
    with reading(path) as reader:
        done, beyond, rate = 0, 0, reader.info.rate
        said = time.monotonic()
        for block in _blocks(reader):
            done += block.shape[1]
            beyond += int(np.count_nonzero(np.abs(block) > 1))
            if time.monotonic() - said > TOLD:
                said = time.monotonic()
                _tell(out, {"done": done / rate, "promised": max(done, reader.info.frames) / rate})
        return {"info": asdict(reader.info), "beyond": beyond}


def _sent(path: str, frames: int, out: Any) -> dict[str, Any]:
    """No more than ``frames``: the file may be another one by now. Fewer tell whoever reads them."""
    with reading(path) as reader:
        for block in _blocks(reader):
            out.write(np.ascontiguousarray(to_pcm(block[:, :frames]).T).data)
            frames -= block.shape[1]
            if frames <= 0:
                break
        out.flush()
    return {}


def _blocks(reader: Reader) -> Iterator[np.ndarray]:
    allow(CPU_SECONDS)
    for block in reader:
        end_with_starter()
        yield block
        allow(CPU_SECONDS)


def _tell(out: Any, word: dict[str, Any]) -> None:
    out.write(json.dumps(word).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1])
