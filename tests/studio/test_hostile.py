"""Nothing from outside commands the terminal or tears the picture: every screen, every key, every window."""

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.keys import key_to_character

from jobs import locks
from jobs.queue import lock_path
from store import paths
from store.library import Library
from studio import cli, keymap
from studio.frame import PAGES
from tests.studio import nasty
from tests.studio.terminal import Terminal

NAMED = {"enter": "\r", "escape": "\x1b", "tab": "\t", "delete": "\x1b[3~", "space": " "}
LEFT_OUT = ("app.quit", "app.suspend")


@contextmanager
def nobody_works() -> Iterator[None]:
    """The worker's place is taken: what the keys submit waits, and costs nothing."""
    held = locks.grab(lock_path())
    assert held is not None
    try:
        yield
    finally:
        os.close(held)


def typed(key: str) -> str:
    """The bytes that a terminal sends for a key; empty for what has none."""
    if key in NAMED:
        return NAMED[key]
    if key.startswith("ctrl+") and len(key) == 6:
        return chr(ord(key[-1]) - 96)
    return key if len(key) == 1 else key_to_character(key) or ""


def keys_of(name: str) -> list[str]:
    """Every key of a screen, but those that end it."""
    module, kind = PAGES[name]
    found = []
    for cls in getattr(importlib.import_module(module), kind).__mro__:
        for binding in vars(cls).get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id and binding.id not in LEFT_OUT:
                found.append(typed(binding.key.split(",")[0]))
    return list(dict.fromkeys(filter(None, found)))


def checked(terminal: Terminal, step: str) -> None:
    assert terminal.status is None and terminal.pump(0) >= 0, f"it ended at {step}:\n{terminal.text}"
    assert nasty.torn(terminal) == [], step
    # Of the newest, from where a sequence begins to where the last may be cut off by a slow painter; the
    # whole of it is looked at when it ends.
    newest = bytes(terminal.raw[-20_000:])
    assert nasty.obeyed(newest[newest.find(b"\x1b") : newest.rfind(b"\x1b")]) == [], step


def walk(terminal: Terminal, pause: float, rows: int, every_key: bool) -> None:
    """Every screen, ``rows`` down each list; with ``every_key`` all that a key opens on the way."""
    for digit, (name, _, _) in enumerate(keymap.SCREENS, 1):
        terminal.press("\x1b")
        terminal.quiet(pause)
        terminal.press(str(digit))
        terminal.quiet(pause)
        checked(terminal, name)
        for _ in range(rows):
            terminal.press("\x1b[B")
            terminal.quiet(pause / 3)
        checked(terminal, f"{name}, down")
        terminal.press("\x1b[Z\x1b[Z")
        terminal.quiet(pause)
        checked(terminal, f"{name}, another pane")
        for key in [*keys_of(name), "?", ":"] if every_key else ["?:"[digit % 2]]:
            terminal.press("\x1b")
            terminal.quiet(pause / 2)
            terminal.press(str(digit))
            terminal.quiet(pause / 2)
            terminal.press(key)
            terminal.quiet(pause)
            checked(terminal, f"{name}, {key!r}")
            terminal.press("\x1b[B\x1b[B")
            terminal.quiet(pause / 2)
            checked(terminal, f"{name}, {key!r}, down")
            terminal.press("\x1b")
            terminal.quiet(pause / 2)


def leave(terminal: Terminal) -> None:
    for _ in range(3):
        terminal.press("\x1b")
        terminal.quiet(0.15)
    terminal.press("1")
    terminal.quiet(0.15)
    terminal.press("q")
    assert terminal.end(0) == 0
    assert nasty.obeyed(bytes(terminal.raw)) == [] and terminal.unclean() == []


@pytest.mark.slow
def test_no_name_commands_the_terminal_on_any_screen(home: Path) -> None:
    nasty.furnish(Library())
    with nobody_works(), Terminal(home, (100, 30)) as terminal:
        terminal.wait("datasets")
        terminal.wait("kick␛.52;c")
        walk(terminal, 0.08, 3, every_key=False)
        leave(terminal)


@pytest.mark.slow
def test_no_name_commands_the_terminal_whatever_is_pressed(home: Path) -> None:
    nasty.furnish(Library())
    with nobody_works(), Terminal(home, (80, 24)) as terminal:
        terminal.wait("datasets")
        walk(terminal, 0.08, len(nasty.NAMES), every_key=True)
        terminal.resize(120, 40)
        walk(terminal, 0.06, 2, every_key=False)
        leave(terminal)


def test_names_of_files_are_shown_safely_in_the_path_window(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sounds \x1b[31mred 漢字"
    folder.mkdir()
    nasty.files(folder)
    with nobody_works(), Terminal(home, (100, 30)) as terminal:
        terminal.wait("import a folder")
        terminal.press("n")
        terminal.wait("import sounds")
        terminal.press(f"\x15{tmp_path}/sou")
        terminal.quiet(0.2)
        terminal.press("\t")
        terminal.wait("␛\\[31mred 漢")
        terminal.quiet(0.2)
        checked(terminal, "the folder")
        for letter in ("k", "h", "z"):
            terminal.press(letter)
            terminal.quiet(0.1)
            terminal.press("\t")
            terminal.quiet(0.1)
            checked(terminal, f"completed {letter}")
            terminal.press("\x17")
            terminal.quiet(0.1)
        terminal.press("nothing\x07there\r")
        terminal.quiet(0.2)
        checked(terminal, "no such file")
        leave(terminal)


@pytest.mark.slow
def test_a_folder_of_such_files_is_imported_and_shown_safely(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "of \x1b]52;c;cm0gLXJm\x07 sounds"
    folder.mkdir()
    nasty.files(folder)
    with Terminal(home, (120, 40)) as terminal:
        terminal.wait("import a folder")
        terminal.press("n")
        terminal.wait("import sounds")
        terminal.press(f"\x15{tmp_path}/of")
        terminal.quiet(0.2)
        terminal.press("\t")
        terminal.quiet(0.2)
        terminal.press("\r\r\r\r")
        terminal.wait("imported of", 60)
        terminal.quiet(0.3)
        checked(terminal, "imported")
        terminal.press("\t")
        for _ in range(len(nasty.NAMES)):
            terminal.press("\x1b[B")
            terminal.quiet(0.05)
            checked(terminal, "a sound of it")
        terminal.press("3")
        terminal.wait("✓ done")
        terminal.quiet(0.3)
        checked(terminal, "its job")
        leave(terminal)
    (made,) = Library().datasets.all()
    assert made["count"] == len(nasty.NAMES)


def checked_words(terminal: Terminal) -> str:
    """What is on the screen, in one line."""
    return " ".join(terminal.text.split())


def test_keys_that_a_file_gives_are_shown_safely(home: Path) -> None:
    keys = '"data.new" = "n,\\u001b[31m\\u009b2J\\u202e"\n"app.help" = "question_mark,[bold]x"\n'
    (paths.config() / "keys.toml").write_text("[keys]\n" + keys)
    with nobody_works(), Terminal(home, (100, 30)) as terminal:
        # Neither is a key: it is said, and what is said obeys nobody.
        terminal.wait("no key")
        checked_words(terminal)
        checked(terminal, "keys.toml")
        for window, words in ("?", "everywhere"), (":", "what to do"):
            terminal.press(window)
            terminal.wait(words)
            terminal.quiet(0.2)
            checked(terminal, window)
            terminal.press("\x1b")
            terminal.quiet(0.2)
        leave(terminal)


def test_the_command_line_shows_no_name_raw(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = Library()
    nasty.furnish(library)
    told = [f"{word} show {record['id']}" for word, shelf in (
        ("data", library.datasets), ("models", library.models), ("presets", library.presets),
        ("takes", library.takes)) for record in shelf.all()]  # fmt: skip
    first, last = library.takes.all()[0]["id"], library.takes.all()[-1]["id"]
    from studio import actions

    told += [f"jobs show {job.id}" for job in actions.jobs()] + [f"takes compare {first} {last}"]
    for words in ["data ls", "models ls", "presets ls", "takes ls", "jobs ls", *told]:
        assert cli.main(words.split()) == 0, words
        out, err = capsys.readouterr()
        bad = [hex(ord(c)) for c in out + err if (not c.isprintable() and c != "\n") or c in nasty.UNSEEN]
        assert bad == [], f"{words}: {bad}"
    for name in nasty.NAMES:
        code = cli.main(["takes", "show", f"no {name}"])
        out, err = capsys.readouterr()
        assert code == 3 and err.count("\n") == 1 and err[:-1].isprintable(), repr(err)
