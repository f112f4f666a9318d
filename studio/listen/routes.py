"""Which ways sound can take from here, why, and the lines to copy for each."""

import getpass
import os
import shlex
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Route:
    """``open``: whether it could be taken now; ``why`` says so in words; ``lines`` are to be copied."""

    name: str
    open: bool
    why: str
    lines: tuple[str, ...] = ()


def over_ssh() -> bool:
    return bool(os.environ.get("SSH_CONNECTION"))


def here() -> str:
    """``user@host`` as the person at the other end of SSH reaches this machine."""
    told = os.environ.get("SSH_CONNECTION", "").split()
    host = told[2] if len(told) == 4 and told[2] not in ("127.0.0.1", "::1") else socket.gethostname()
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{host}"


def forward_line(port: int) -> str:
    """Brings the player page to the machine that the person sits at."""
    return f"ssh -N -L {port}:127.0.0.1:{port} {here()}"


def pulse_line() -> str:
    """Brings the PulseAudio or PipeWire of the machine that the person sits at here, by its socket."""
    socket_here = f"/tmp/pulse-{os.getuid()}"
    far = f"ssh -R {socket_here}:$XDG_RUNTIME_DIR/pulse/native {here()}"
    return f"{far}, and then here PULSE_SERVER=unix:{socket_here} woodshed"


def copy_line(path: str | Path) -> str:
    """Fetches a file and plays it."""
    full = str(Path(path).absolute())
    # The far shell of scp reads the name once more.
    source = f"{here()}:{shlex.quote(full)}"
    name = Path(full).name
    target = f"./{name}" if name.startswith("-") else name
    return f"scp {shlex.quote(source)} . && mpv {shlex.quote(target)}"


def devices() -> list[str]:
    """Names of the outputs that PortAudio has. Raises OSError or ImportError where there is no PortAudio."""
    import sounddevice

    try:
        return [one["name"] for one in sounddevice.query_devices() if one["max_output_channels"] > 0]
    except sounddevice.PortAudioError as error:
        raise OSError(str(error)) from None


def device() -> Route:
    """Asks PortAudio, which takes a tenth of a second and more."""
    pulse = os.environ.get("PULSE_SERVER")
    try:
        found = devices()
    except (ImportError, OSError) as error:
        why = f"no PortAudio: {str(error).splitlines()[0]}; on Debian and Ubuntu: apt install libportaudio2"
        return Route("device", False, why)
    by = f" by PULSE_SERVER {pulse}" if pulse else ""
    if not found:
        return Route("device", False, f"PortAudio is here and finds no output{by}", (pulse_line(),))
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
