"""The loops of repair as machine code in a file, for processes that numba is too large for.

`build` has numba make the code once, in a process of its own (`jobs.field.compiler`); `load` gives it as
functions. The file is a line with the SHA-256 of all that follows, a line of JSON (`Header`), and the code.
What is in it is run. So it is believed only when nobody but this person can have written it, and used only
where it was made for this processor from the source that is here. It never travels.
"""

import hashlib
import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import jobs.sound
from jobs.field.checked import Record, Refused, plain, table, text, whole
from jobs.field.manifest import SUM
from jobs.field.native import Native
from jobs.sound import kernels
from jobs.sound.kernels import LOOPS, PAGES
from store import paths
from store.errors import BadInput
from store.files import atomic, sha256

FORMAT = 3
"""Of the file, and of how a loop takes its arguments."""
BYTES_AT_MOST = 1 << 20
PATIENCE = 300
"""Seconds that a build may take; 5 are usual."""
ABOUT = Path("/proc/cpuinfo")
MODEL = ("vendor_id", "cpu family", "model", "model name", "stepping",
         "CPU implementer", "CPU variant", "CPU part", "CPU revision")  # fmt: skip
FEATURES = ("flags", "Features")
LINE = text("a line of text", ".*", 1 << 13)


@dataclass(frozen=True)
class Processor(Record):
    """What code is made for; one without these features may not be able to run it."""

    architecture: Annotated[str, LINE]
    model: Annotated[str, LINE]
    features: Annotated[str, LINE]


@dataclass(frozen=True)
class Header(Record):
    """``source`` is the sum of the pages that the loops are on, ``starts`` where in the code each begins."""

    format: Annotated[int, whole(FORMAT, FORMAT)]
    source: Annotated[str, SUM]
    processor: Processor
    starts: Annotated[dict[str, int], table(LINE, whole(0, BYTES_AT_MOST), len(LOOPS))]


def place() -> Path:
    """Where this person's machine code is kept."""
    return paths.cache() / "loops.machine"


def use(path: Path, say: Callable[[str], None]) -> bool:
    """Have `jobs.sound.kernels` run the machine code in ``path``, made first where there is none to be used.

    Where it can't be made either, numba stays and ``say`` gets one line that tells why: False.
    """
    try:
        kernels.use(_loaded_or_built(path))
    except Refused as error:
        say(f"{error}; numba is used instead, which takes 130 MB more")
        return False
    return True


def _loaded_or_built(path: Path) -> Native:
    try:
        return load(path)
    except Refused:
        build(path)
        return load(path)


def build(path: Path) -> None:
    """Make the machine code and write it to ``path``: a second process that takes 5 s and 180 MB.

    Raises Refused where it can't be made.
    """
    import subprocess
    import sys

    command = [sys.executable, "-P", "-m", "jobs.field.compiler", str(path)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=PATIENCE)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Refused(f"{path.name}: it took more than {PATIENCE} s to make") from None
    if done.returncode == BadInput.code:
        raise Refused(done.stderr.strip().splitlines()[-1])
    if done.returncode:
        told = f"python -m jobs.field.compiler {path.name} tells why"
        raise Refused(f"{path.name}: making it ended with code {done.returncode}; {told}")


def save(path: Path, code: bytes, starts: dict[str, int]) -> None:
    """Write what `load` reads. Raises Busy when the disk refuses."""
    header = Header(FORMAT, _source(), processor(), starts)
    summed = json.dumps(header.record()).encode() + b"\n" + code
    atomic(path, _sum(summed) + b"\n" + summed)


def load(path: Path) -> Native:
    """Raises Refused when it is not whole, not from this person alone, or made for something else."""
    told_sum, _, summed = _own(path).partition(b"\n")
    if _sum(summed) != told_sum:
        raise Refused(f"{path.name}: is not what was written; it must be made anew")
    told, _, code = summed.partition(b"\n")
    header = Header.parse(plain(told, path.name), path.name)
    if header.source != _source():
        raise Refused(f"{path.name}: was made from other loops; it must be made anew")
    if header.processor != processor():
        raise Refused(f"{path.name}: was made for another processor; it must be made anew")
    for name in LOOPS:
        if header.starts.get(name, len(code)) >= len(code):
            raise Refused(f"{path.name}: does not hold {name}; it must be made anew")
    return Native(code, header.starts)


def _own(path: Path) -> bytes:
    """The content of a file that nobody but this person can have written."""
    try:
        with open(path, "rb", opener=_no_link) as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid() or about.st_mode & 0o022:
                raise Refused(f"{path.name}: others may have written it; it is not run and must be made anew")
            if about.st_size > BYTES_AT_MOST:
                raise Refused(f"{path.name}: {about.st_size} bytes; {BYTES_AT_MOST} at most")
            return file.read(BYTES_AT_MOST)
    except OSError as error:
        raise Refused(f"{path.name}: can't be read ({error.strerror})") from None


def _no_link(path: str, flags: int) -> int:
    """Opens without waiting for who writes into a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _sum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _source() -> str:
    """The sum of the pages that the code is made from, which are not imported for it."""
    here = Path(jobs.sound.__file__)
    return _sum("".join(sha256(here.with_name(f"{page}.py")) for page in PAGES).encode()).decode()


def processor() -> Processor:
    """The one of this machine. Raises Refused where the system doesn't tell."""
    try:
        first = ABOUT.read_text(errors="replace").split("\n\n")[0]
    except OSError:
        raise Refused("machine code: only Linux tells what a processor can do") from None
    lines = (line.partition(":") for line in first.splitlines())
    told = {key.strip(): value.strip() for key, _, value in lines}
    model, features = ("; ".join(told[key] for key in keys if key in told) for keys in (MODEL, FEATURES))
    return Processor(os.uname().machine, model, features)
