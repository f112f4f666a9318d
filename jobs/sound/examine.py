"""A process of its own that reads the sounds of strangers: ``python -m jobs.sound.examine [TASK]``.

Paths come in as lines of JSON, findings go out as lines of JSON. Memory, processor time and the right
to write are taken from it first, so a hostile file costs this process and nothing else. What a task compiles
is compiled before, since nothing can be written to a cache afterwards.
"""

import base64
import hashlib
import importlib
import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

from jobs.sound.facts import Meter
from jobs.sound.io import beginning
from jobs.sound.reader import Reader, Unreadable, reading

MEMORY = 2 * 2**30
CPU_SECONDS = 180
"""For one file; two hours of stereo take a tenth of it."""
COLUMNS = 256
FINGERPRINT_SECONDS = 600.0
_parent = os.getppid()


def examine(path: str, task: str = "facts") -> dict[str, Any]:
    """What the task finds of a file, or ``{"code", "why"}`` when it can't be used."""
    try:
        return TASKS[task](path)
    except Unreadable as error:
        return {"code": error.code, "why": error.why}
    except MemoryError:
        return {"code": "unreadable", "why": f"needs more than {MEMORY >> 20} MiB to decode"}
    except OSError as error:
        return {"code": "unreadable", "why": (error.strerror or str(error)).lower()}


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

    sound = beginning(path, FINGERPRINT_SECONDS, _die_with_parent)
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
        _die_with_parent()
        meter.add(block)


def _die_with_parent() -> None:
    if os.getppid() != _parent:
        os._exit(1)


def _sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _limit(kind: int, value: int) -> None:
    """Lower a limit of this process; systems without it go on without it."""
    try:
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
    except (OSError, ValueError):
        pass


def _allow_one_file() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + CPU_SECONDS)


def main() -> None:
    """Answer until stdin ends."""
    task = sys.argv[1] if len(sys.argv) > 1 else "facts"
    _prepare(task)
    answers = os.fdopen(os.dup(1), "w")
    # A decoder that prints must not be taken for an answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    for line in sys.stdin:
        _allow_one_file()
        answers.write(json.dumps(examine(json.loads(line), task)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
