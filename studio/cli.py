"""The command line: which commands there are, and how each of them may end.

A command's module is imported when that command runs, so that ``--help`` and ``--version`` stay light.
"""

import errno
import importlib
import os
import signal
import sys
from types import TracebackType

import click

from store.errors import Refusal
from studio.__main__ import __version__
from studio.commands.base import Front, Group, flags

COMMANDS = {
    "demo": "Make a dozen sounds, train on them, generate takes.",
    "data": "Datasets: add, ls, show, check, rename, rm, restore.",
    "train": "Learn a dataset.",
    "generate": "Make takes from a model.",
    "models": "Trained models: ls, show, rename, rm, restore, export, import.",
    "presets": "Slider positions: ls, show, save, rename, rm, restore, export, import.",
    "takes": "What was made: ls, show, compare, export, rename, rm, restore.",
    "jobs": "The queue: ls, show, cancel, resume, follow.",
    "play": "Play a take or a file.",
    "undo": "Take back the last rm, rename or change.",
    "worker": "Run jobs in this terminal.",
    "doctor": "Find out whether jobs can run here.",
    "locate": "Where everything lies.",
    "library": "All tables as one file: export, import, rebuild.",
    "completion": "Shell completion.",
}
"""Name -> one line; the module ``studio.commands.NAME`` has the command as ``command``."""

CLOSING = """\b
Example:
  woodshed data add ~/sounds/drums
  woodshed train drums --minutes 5
  woodshed generate drums --slider brightness=80 --out bright.wav

\b
Names and ids are interchangeable; the first letters of an id are enough.
WOODSHED_HOME moves everything under one folder.
Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 bad input,
5 busy or locked, 6 no worker, 130 interrupted, 143 terminated."""


class Commands(Group):
    """The commands by name, each imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"studio.commands.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        front = ctx.ensure_object(Front)
        front.give(
            {"name": "woodshed", "version": __version__}, lambda: click.echo(f"woodshed {__version__}")
        )
        ctx.exit()


woodshed = Commands(
    "woodshed",
    params=[
        *flags(),
        click.Option(
            ["--version"], is_flag=True, expose_value=False, callback=_version, help="Version, and end."
        ),
    ],
    help="A terminal studio for training on your own sounds. Without a command it opens the studio.",
    epilog=CLOSING,
)


def main(arguments: list[str]) -> int:
    """Run one command; the exit code. A refusal is one line on stderr, never a traceback."""
    front = Front(debug="--debug" in arguments)
    _prepare_streams(front)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        result = woodshed.main(arguments, prog_name="woodshed", standalone_mode=False, obj=front)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        front.complain(error.format_message())
        return error.exit_code
    except Refusal as error:
        if front.debug:
            raise
        front.complain(str(error))
        return error.code
    except (KeyboardInterrupt, click.Abort):
        front.complain("interrupted")
        return 130
    except BrokenPipeError:
        # Whoever read us (head, less) has gone; Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


def _terminated(number: int, frame: object) -> None:
    sys.exit(128 + number)


def _prepare_streams(front: Front) -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")

    def unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if front.debug:
            sys.__excepthook__(kind, error, trace)
            code = getattr(error, "code", 1)
        elif isinstance(error, OSError):
            front.complain(f"{error.filename or 'system'}: {error.strerror or error}")
            code = 5 if error.errno in (errno.ENOSPC, errno.EROFS, errno.EDQUOT) else 1
        else:
            front.complain(f"{kind.__name__}: {error}; run it again with --debug to see where")
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)

    sys.excepthook = unexpected
