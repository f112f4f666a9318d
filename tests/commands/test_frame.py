"""What holds for every command: help, flags, exit codes, start-up."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from studio.cli import woodshed
from studio.usage import COMMANDS, text
from tests.commands import shelf
from tests.commands.front import COMMAND, ask, refused, run

Found = tuple[tuple[str, ...], click.Command]


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[Found]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(every_command(woodshed))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help_an_example_and_the_three_flags_CLI(path: tuple[str, ...]) -> None:
    command = ALL[path]
    assert command.help
    assert f"woodshed {' '.join(path)}" in (command.epilog or ""), "the example shows the command itself"
    options = {name for parameter in command.params for name in parameter.opts}
    assert {"--json", "--quiet", "--debug"} <= options


def test_all_that_the_contract_names_is_there_CLI() -> None:
    named = """demo; data add; data ls; data show; data check; data rm; train; generate; models ls;
    models show;
    models rm; models rename; models export; models import; presets ls; presets show; presets save;
    presets rename; presets rm; presets export; presets import; takes ls; takes show; takes compare;
    takes export; takes rm; takes rename; jobs ls; jobs show; jobs cancel; jobs resume; jobs follow; play;
    worker; doctor; locate; undo; completion"""
    missing = {tuple(words.split()) for words in named.split(";")} - set(ALL)
    assert not missing


def test_the_table_of_commands_is_the_list_of_modules_CLI() -> None:
    assert set(COMMANDS) == {path[0] for path in ALL}
    assert max(map(len, text().splitlines())) <= 80


def test_the_cheap_help_is_the_whole_help_CLI(home: Path) -> None:
    assert run("--help").stdout == run("--quiet", "--help").stdout


@pytest.mark.parametrize(
    "arguments",
    [("locate", "--json"), ("generate", "nobody"), ("data", "show", "ü", "--debug"), ("jobs", "ls", "--jsn")],
)
def test_how_tests_begin_a_command_is_how_anybody_does_CLI(home: Path, arguments: tuple[str, ...]) -> None:
    anew = subprocess.run([*COMMAND, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    begun = run(*arguments, code=anew.returncode)
    assert begun.stdout == anew.stdout
    # A traceback names where it began.
    assert begun.stderr.splitlines()[-1:] == anew.stderr.splitlines()[-1:]
    assert len(begun.stderr.splitlines()) == len(anew.stderr.splitlines()) or "--debug" in arguments


def test_help_and_version_import_nothing_heavy_CLI(home: Path) -> None:
    code = (
        "import sys\nfrom studio.__main__ import main\n"
        "sys.argv[1:] = [{!r}]\nmain()\n"
        "print(*sorted({{name.split('.')[0] for name in sys.modules}}), file=sys.stderr)"
    )
    for flag in ("--help", "--version"):
        done = subprocess.run([sys.executable, "-c", code.format(flag)], capture_output=True, text=True)
        loaded = set(done.stderr.split())
        assert done.stdout and loaded
        assert not loaded & {"torch", "textual", "huey", "tinydb", "numpy", "rich", "sqlite3", "scipy"}


def test_help_costs_little_CLI(home: Path) -> None:
    def cpu_ms() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*COMMAND, "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000

    # The cheapest of some: what a busy machine adds is not ours.
    assert min(cpu_ms() for _ in range(7)) <= 90


def test_without_a_terminal_the_studio_says_so_in_one_line_CLI(home: Path) -> None:
    assert "needs a terminal" in refused(code=2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tran"], "did you mean 'train'?"),
        (["data", "shw"], "did you mean 'show'?"),
        (["train", "x", "--epohcs", "3"], "--epohcs"),
        (["train"], "DATASET"),
        (["generate", "x", "--slider", "brightness"], "--slider brightness=80"),
        (["generate", "x", "--slider", "brightness=loud"], "not a number"),
        (["jobs", "ls", "--state", "lost"], "lost"),
        (["models", "purge", "x"], "--yes"),
        (["completion", "tcsh"], "tcsh"),
    ],
)
def test_a_malformed_request_is_one_line_and_2_CLI(home: Path, arguments: list[str], said: str) -> None:
    assert said in refused(*arguments, code=2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["data", "show", "drums"],
        ["data", "add", "/nowhere/at/all"],
        ["train", "drums"],
        ["generate", "drums"],
        ["models", "export", "drums", "x.zip"],
        ["models", "import", "nowhere.zip"],
        ["presets", "show", "night"],
        ["takes", "compare", "a", "b"],
        ["jobs", "cancel", "abc"],
        ["play", "nothing"],
        ["undo"],
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_one_line_and_3_CLI(home: Path, arguments: list[str]) -> None:
    refused(*arguments, code=3)


def test_an_empty_house_lists_nothing_CLI(home: Path) -> None:
    for group in ("data", "models", "presets", "takes", "jobs"):
        assert ask(group, "ls") == []
        assert "no " in run(group, "ls").stdout


def test_json_is_accepted_before_and_after_the_command_CLI(home: Path) -> None:
    answers = [run(*line.split()).stdout for line in ("--json data ls", "data --json ls", "data ls --json")]
    assert answers == ["[]\n"] * 3


def test_debug_shows_the_traceback_and_keeps_the_code_CLI(home: Path) -> None:
    assert "Traceback" in run("data", "show", "x", "--debug", code=3).stderr


def test_locate_names_folders_under_the_home_CLI(home: Path) -> None:
    found = ask("locate")
    assert set(found) == {"data", "state", "config", "cache"}
    assert all(Path(path).is_absolute() and Path(path).is_relative_to(home) for path in found.values())
    assert run("locate", "data").stdout.strip() == found["data"]
    assert ask("locate", "state") == {"state": found["state"]}


def test_completion_in_three_shells_CLI(home: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_WOODSHED_COMPLETE" in run("completion", shell).stdout
    words = {"_WOODSHED_COMPLETE": "bash_complete", "COMP_WORDS": "woodshed tak", "COMP_CWORD": "1"}
    assert "takes" in run("tak", **words).stdout


def test_a_reader_that_leaves_early_is_no_error_CLI(home: Path) -> None:
    line = f"{' '.join(COMMAND)} --help | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert done.stderr == ""


def test_version_is_that_of_the_distribution_CLI(home: Path) -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert run("--version").stdout == f"woodshed {project['version']}\n"
    assert json.loads(run("--version", "--json").stdout)["version"] == project["version"]


def test_a_screen_is_drawn_as_a_picture_CLI(home: Path, tmp_path: Path) -> None:
    shelf.model("deep drums")
    found = ask("screenshot", "models", tmp_path / "models.svg", "--size", "100x30")
    picture = Path(found["path"]).read_text()
    assert picture.startswith("<svg") and "deep&#160;drums" in picture
    refused("screenshot", "models", tmp_path / "models.svg", code=2)
    assert "did you mean 'models'?" in refused("screenshot", "model", tmp_path / "x.svg", code=2)
    assert "SCREEN" in run("screenshot", "--help").stdout
    assert "screenshot" not in run("--help").stdout
