"""Which ways sound can take from here, why, and the lines to copy for each."""

import getpass
import os
import re
import shlex
import socket
from dataclasses import dataclass
from pathlib import Path

from store import paths
from studio.listen.device import NoPortAudio, outputs


@dataclass(frozen=True)
class Route:
    """``open``: whether it could be taken now; ``why`` says so in words; ``lines`` are to be copied."""

    name: str
    open: bool
    why: str
    lines: tuple[str, ...] = ()


def over_ssh() -> bool:
    return bool(os.environ.get("SSH_CONNECTION"))


def _far() -> tuple[str, int]:
    """``user@host`` as the person at the other end of SSH reaches this machine, and the port of its sshd."""
    told = os.environ.get("SSH_CONNECTION", "").split()
    known = len(told) == 4 and told[2] not in ("127.0.0.1", "::1")
    port = int(told[3]) if len(told) == 4 and told[3].isdecimal() else 22
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{told[2] if known else socket.gethostname()}", port


def here() -> str:
    """The end of an ``ssh`` line: where to, and by which port where that is not the usual one."""
    where, port = _far()
    return where if port == 22 else f"-p {port} {where}"


def forward_line(port: int) -> str:
    """Brings the player page to the machine that the person sits at."""
    return f"ssh -N -L {port}:127.0.0.1:{port} {here()}"


def pulse_lines() -> tuple[str, str]:
    """Bring the PulseAudio or PipeWire of the machine that the person sits at here, by its socket.

    The socket lies in a folder of the person's own: in a shared one anybody could be there first and hear.
    """
    ours = shlex.quote(str(paths.state() / "pulse"))
    return f"ssh -R {ours}:$XDG_RUNTIME_DIR/pulse/native {here()}", f"PULSE_SERVER=unix:{ours} woodshed"


def copy_line(path: str | Path) -> str:
    """Fetches a file and plays it, whatever its name is."""
    full = str(Path(path).absolute())
    if re.fullmatch(r"[A-Za-z0-9_.,+@%/-]+", full):
        where, port = _far()
        user, _, host = where.partition("@")
        source = f"{user}@[{host}]" if ":" in host else where
        by = f"-P {port} " if port != 22 else ""
        name = Path(full).name
        return f"scp {by}{source}:{full} . && mpv ./{name}"
    # Old and new scp do not agree on who reads the quotes of a name; the shell over there does.
    name = re.sub(r"[^A-Za-z0-9_.]+", "_", Path(full).name).lstrip(".") or "sound"
    return f"ssh {here()} {shlex.quote(f'cat {_quoted(full)}')} > {name} && mpv {name}"


def _quoted(path: str) -> str:
    """As any POSIX shell reads it, in characters that a terminal shows: others become octal digits."""
    if path.isascii() and path.isprintable():
        return shlex.quote(path)
    plain = "".join(
        chr(byte) if 32 < byte < 127 and chr(byte) not in "%\\'" else f"\\{byte:03o}"
        for byte in os.fsencode(path)
    )
    return f"\"$(printf '{plain}')\""


def device() -> Route:
    """Asks PortAudio, which takes a tenth of a second and more."""
    pulse = os.environ.get("PULSE_SERVER")
    try:
        found = outputs()
    except NoPortAudio as error:
        return Route(
            "device", False, f"no PortAudio: {error}; on Debian and Ubuntu: apt install libportaudio2"
        )
    except OSError as error:
        return Route("device", False, str(error), pulse_lines())
    by = f" by PULSE_SERVER {pulse}" if pulse else ""
    if not found:
        return Route("device", False, f"PortAudio is here and finds no output{by}", pulse_lines())
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return Route("device", True, f"{found[0]}{more}{by}")


def browser(port: int = 0, url: str = "", connected: bool = False) -> Route:
    lines = ((forward_line(port),) if over_ssh() else ()) + ((url,) if url else ())
    if connected:
        return Route("browser", True, "a browser has the player page open", lines)
    if url:
        return Route("browser", False, "served, but no browser has it open yet", lines)
    return Route("browser", False, "O in the studio or `woodshed play TAKE --via browser` serves a page")


def path(file: str | Path = "take.wav") -> Route:
    return Route("path", True, "always: the file is copied and played where you are", (copy_line(file),))
