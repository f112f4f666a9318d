"""A process of its own that reads the sounds of strangers: ``python -m jobs.sound.examine [TASK]``.

Paths come in as lines of JSON, findings go out as lines of JSON. What a task compiles is compiled before it
is confined, since nothing can be written to a cache afterwards.
"""

import base64
import hashlib
import importlib
import json
import os
import sys
from dataclasses import asdict
from typing import Any

from jobs.sound.confined import allow, answered, answers, confine, end_with_starter
from jobs.sound.facts import Meter
from jobs.sound.io import beginning
from jobs.sound.reader import Reader, reading

CPU_SECONDS = 180
"""For one file; two hours of stereo take a tenth of it."""
COLUMNS = 256
FINGERPRINT_SECONDS = 600.0


def examine(path: str, task: str = "facts") -> dict[str, Any]:
    """What the task finds of a file, or ``{"code", "why"}`` when it can't be used."""
    return answered(lambda: TASKS[task](path))


def _facts(path: str) -> dict[str, Any]:
    """``{"facts", "info", "sha256", "picture"}``."""
    with reading(path) as reader:
        meter = Meter(reader.info.rate, reader.info.channels)
        _feed(reader, meter)
        info = reader.info
        return {
            "facts": asdict(meter.facts(info.truncated)),
            "info": asdict(info),
            "sha256": _sha256(path),
            "picture": base64.b64encode(meter.picture(COLUMNS)).decode(),
        }


def _loudness(path: str) -> dict[str, Any]:
    """``{"levels", "info"}``."""
    from jobs.sound.loudness import Meter  # compiled code, which the other tasks need not load

    with reading(path) as reader:
        meter = Meter(reader.info.rate, reader.info.channels)
        _feed(reader, meter)
        return {"levels": meter.loudness().record(), "info": asdict(reader.info)}


def _fingerprint(path: str) -> dict[str, Any]:
    """``{"fingerprint", "info", "sha256"}``; of a long sound the first ten minutes."""
    from jobs.sound.fingerprint import fingerprint

    sound = beginning(path, FINGERPRINT_SECONDS, end_with_starter)
    values = fingerprint(sound.audio, sound.rate)
    told = {"info": asdict(sound.info), "sha256": _sha256(path)}
    return {"fingerprint": [float(value) for value in values], **told}


TASKS = {"facts": _facts, "loudness": _loudness, "fingerprint": _fingerprint}


def _prepare(task: str) -> None:
    """Compile what a task runs, or load it from the cache."""
    if task != "facts":
        importlib.import_module(f"jobs.sound.{task}").prepare()


def _feed(reader: Reader, meter: Any) -> None:
    for block in reader:
        end_with_starter()
        meter.add(block)


def _sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    """Answer until stdin ends."""
    task = sys.argv[1] if len(sys.argv) > 1 else "facts"
    _prepare(task)
    confine()
    out = os.fdopen(answers(), "w")
    for line in sys.stdin:
        allow(CPU_SECONDS)
        out.write(json.dumps(examine(json.loads(line), task)) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
