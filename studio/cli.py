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
from studio import usage
from studio.commands.base import Front, Group, flags


class Commands(Group):
    """The commands by name, each imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(usage.COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in (*usage.COMMANDS, *usage.HIDDEN):
            return None
        return importlib.import_module(f"studio.commands.{cmd_name}").command

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(usage.text())


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        front = ctx.ensure_object(Front)
        found = {"name": "woodshed", "version": usage.VERSION}
        front.give(found, lambda: click.echo(f"woodshed {usage.VERSION}"))
        ctx.exit()


woodshed = Commands(
    "woodshed",
    params=[
        *flags(),
        click.Option(
            ["--version"], is_flag=True, expose_value=False, callback=_version, help="Version, and end."
        ),
    ],
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
