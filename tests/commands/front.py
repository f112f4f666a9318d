"""The command line as a person or a program uses it: a process of its own, its exit code, its two streams."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from tests.commands.nursery import Nursery

COMMAND = [sys.executable, "-m", "studio"]
TIMEOUT = 90


def run(
    *arguments: str | Path, code: int = 0, seconds: float = TIMEOUT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """One command, which must end with ``code``; without a terminal and without stdin."""
    done = _nursery().run([*map(str, arguments)], {**os.environ, **environment}, seconds)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done


@cache
def _nursery() -> Nursery:
    return Nursery()


def ask(*arguments: str | Path) -> Any:
    """The JSON document that a command answers with."""
    return json.loads(run(*arguments, "--json").stdout, parse_constant=not_finite)


def refused(*arguments: str | Path, code: int) -> str:
    """The one line with which a command refuses."""
    done = run(*arguments, code=code)
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    assert done.stdout == ""
    assert lines[0].startswith("woodshed: ")
    return lines[0]


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """A command that is still running."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def not_finite(word: str) -> None:
    raise AssertionError(f"{word} in a JSON document")
