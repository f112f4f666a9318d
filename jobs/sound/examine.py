"""A process of its own that reads the sounds of strangers: ``python -m jobs.sound.examine``.

Paths come in as lines of JSON, findings go out as lines of JSON. Memory, processor time and the right
to write are taken from it first, so a hostile file costs this process and nothing else.
"""

import base64
import hashlib
import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

from jobs.sound.facts import Meter
from jobs.sound.reader import Unreadable, reading

MEMORY = 2 * 2**30
CPU_SECONDS = 180
"""For one file; two hours of stereo take a tenth of it."""
COLUMNS = 256


def examine(path: str) -> dict[str, Any]:
    """``{"facts", "info", "sha256", "picture"}`` of a file, or ``{"code", "why"}`` when it can't be used."""
    parent = os.getppid()
    try:
        with reading(path) as reader:
            meter = Meter(reader.info.rate, reader.info.channels)
            for block in reader:
                if os.getppid() != parent:
                    os._exit(1)
                meter.add(block)
            info = reader.info
            return {
                "facts": asdict(meter.facts(info.truncated)),
                "info": asdict(info),
                "sha256": _sha256(path),
                "picture": base64.b64encode(meter.picture(COLUMNS)).decode(),
            }
    except Unreadable as error:
        return {"code": error.code, "why": error.why}
    except MemoryError:
        return {"code": "unreadable", "why": f"needs more than {MEMORY >> 20} MiB to decode"}
    except OSError as error:
        return {"code": "unreadable", "why": (error.strerror or str(error)).lower()}


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
    answers = os.fdopen(os.dup(1), "w")
    # A decoder that prints must not be taken for an answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    for line in sys.stdin:
        _allow_one_file()
        answers.write(json.dumps(examine(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
