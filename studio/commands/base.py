"""What every command has: the three flags, one way to answer, one way to complain, an example in its help."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click


class Front:
    """How this call wants its answer. stdout has the answer alone, stderr everything else."""

    def __init__(self, debug: bool = False) -> None:
        self.json = False
        self.quiet = False
        self.debug = debug

    def give(self, document: Any, human: Callable[[], Any]) -> None:
        """The answer: one JSON document with ``--json``, else whatever ``human`` prints."""
        if not self.json:
            human()
            return
        import json  # what --help and --version need not pay for

        # Escaped to ASCII: a name from outside can't speak to the terminal through JSON either.
        sys.stdout.write(json.dumps(plain(document), allow_nan=False, indent=1) + "\n")

    def say(self, line: str) -> None:
        """A message beside the answer."""
        if not self.quiet:
            _to_stderr(line)

    def complain(self, line: str) -> None:
        """An error: one line, said even when quiet."""
        _to_stderr(f"woodshed: {' '.join(line.split())}")


def _to_stderr(line: str) -> None:
    from studio.text import safe_text

    sys.stderr.write(safe_text(line) + "\n")
    sys.stderr.flush()


def plain(value: Any) -> Any:
    """As JSON knows it: finite numbers, paths as text, jobs and specs as objects."""
    import math
    from dataclasses import asdict, is_dataclass
    from pathlib import Path

    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _set(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and param.name:
        setattr(ctx.ensure_object(Front), param.name, True)


def flags() -> list[click.Parameter]:
    """``--json --quiet --debug``, accepted before and after a subcommand."""
    texts = {
        "json": "Answer with one JSON document on stdout.",
        "quiet": "No progress, no messages.",
        "debug": "Show the traceback of an error.",
    }
    return [
        click.Option([f"--{name}"], is_flag=True, expose_value=False, is_eager=True, callback=_set, help=text)
        for name, text in texts.items()
    ]


class Command(click.Command):
    """A command whose help ends with an example."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = "\n".join(f"  {line}" for line in example.splitlines())
        self.epilog = f"\b\nExample:\n{lines}" if example else None
        self.params.extend(flags())


class Group(click.Group):
    """Commands under one word; a wrong one is answered with the nearest."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.params:
            self.params.extend(flags())

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from jobs.specs import nearest

            known = self.list_commands(ctx)
            raise click.UsageError(
                f"no command '{name}'{nearest(name, known)}; commands: {', '.join(known)}", ctx
            )
        return super().resolve_command(ctx, args)


def verb(example: str, **kwargs: Any) -> Callable[[Callable[..., Any]], Command]:
    """A command outside any group, with its example."""
    return click.command(cls=Command, example=example, **kwargs)


with_front = click.make_pass_decorator(Front, ensure=True)
"""Gives a command its Front as first argument."""


# --- human output ----------------------------------------------------------------------------------


def console(stderr: bool = False) -> Any:
    """A rich console that draws outside names as they are: no markup, no emoji codes, no guessing."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    # A file or a pipe has no width; folding would cut the names that a person greps for.
    width = None if stream.isatty() else 200
    return Console(file=stream, markup=False, highlight=False, emoji=False, width=width)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], empty: str) -> None:
    """Rows under headings; numbers to the right; ``empty`` when there are none."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    rows = list(rows)
    if not rows:
        print(empty)
        return
    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        numeric = all(isinstance(row[index], int | float) for row in rows)
        grid.add_column(name, justify="right" if numeric else "left", overflow="fold", no_wrap=not index)
    for row in rows:
        grid.add_row(*(Text(shown(cell)) for cell in row))
    console().print(grid)


def fields(record: Mapping[str, Any], names: Sequence[str]) -> None:
    """One field per line, those of ``names`` that the record has."""
    width = max(len(name) for name in names)
    for name in names:
        if record.get(name) not in (None, "", [], {}):
            print(f"{name.replace('_', ' '):{width}}  {shown(record[name])}")


def report(quality: Any, none: str = "") -> None:
    """A quality report below what it is of: the verdict, then a figure per line."""
    from studio.report import quality_rows

    rows = quality_rows(quality)
    if rows or none:
        print()
    if not rows and none:
        print(none)
    width = max((len(shown(name)) for name, _ in rows), default=0)
    for name, value in rows:
        print(f"{shown(name):{width}}  {shown(value)}")


def called() -> str:
    """This program as it was called, for lines to copy: ``.venv/bin/woodshed`` where it is on no path."""
    import shlex
    import shutil
    from pathlib import Path

    typed = sys.argv[0]
    found = shutil.which("woodshed")
    if Path(typed).name != "woodshed" or (found and Path(found).absolute() == Path(typed).absolute()):
        return "woodshed"
    return shlex.quote(shown(typed))


def level(value: float | None) -> str:
    """dB, LU or LUFS to the hundredth; a dash for what is not defined."""
    return "-" if value is None else f"{value:.2f}"


def shown(value: Any) -> str:
    """A value for a person: safe to print, short."""
    from studio.text import safe_text

    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{safe_text(str(key))}={shown(item)}" for key, item in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value) or "-"
    return safe_text(str(value)) if value not in (None, "") else "-"
