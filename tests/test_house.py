"""The house keeps its own rules: imports, the top level, and a README that is true."""

import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest

from studio.cli import woodshed
from studio.usage import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
HEAVY = {"torch", "torchaudio", "librosa", "sklearn", "scipy", "numba", "numpy", "soundfile", "onnxruntime"}
TOP = {
    "pyproject.toml", "studio", "jobs", "store", "themes", "tests", "README.md", "LICENSE", "CHANGELOG.md",
    ".gitignore", ".gitattributes", ".ci", ".github", ".pre-commit-config.yaml",
}  # fmt: skip
KINDS = "DATA|TRAIN|REP|ARCH|LOSS|RECON|GEN|OUT|PRES|MOD|INCR|FEED|FP|GAP"
ID = re.compile(rf"(?<![A-Z])({KINDS})((?:[-_]\d\d)+)")
WORD = re.compile(r"(?<![A-Z])(META|CLI)(?![A-Za-z])")


def loaded(statement: str, home: Path) -> set[str]:
    """Top-level modules that a fresh process has after ``statement``."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    environment = {**os.environ, "WOODSHED_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import studio.app",
        "import studio.actions, studio.parcels, studio.contents",
        "import studio.cli\nfor n in studio.usage.COMMANDS: studio.cli.woodshed.get_command(None, n)",
        "import pkgutil, importlib, studio\n"
        "for m in pkgutil.walk_packages(studio.__path__, 'studio.'):\n"
        "    m.name.endswith('__main__') or importlib.import_module(m.name)",
        "import jobs.specs, jobs.ledger, jobs.queue, store.library",
    ],
)
def test_the_studio_loads_nothing_heavy(statement: str, tmp_path: Path) -> None:
    assert not loaded(statement, tmp_path) & HEAVY


def files_here() -> list[str]:
    """Every file but git's own and those that git is told to ignore, relative; git itself is not needed."""
    ignored = [".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split())]
    found = []
    for folder, folders, names in os.walk(ROOT):
        for inner in (folders, names):
            inner[:] = [name for name in inner if not any(fnmatch(name, pattern) for pattern in ignored)]
        found += [(Path(folder) / name).relative_to(ROOT).as_posix() for name in names]
    return found


def test_the_files_are_found_without_git() -> None:
    found = set(files_here())
    assert {"pyproject.toml", "studio/cli.py", "tests/test_house.py", ".ci/run"} <= found
    assert not [name for name in found if "__pycache__" in name or name.startswith(".git/")]


def test_the_top_level_is_what_was_drawn() -> None:
    extra = {name.split("/")[0] for name in files_here()} - TOP
    assert not extra


def test_every_package_that_is_installed_is_listed() -> None:
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = {
        str(path.parent.relative_to(ROOT)).replace("/", ".")
        for top in ("studio", "jobs", "store", "themes")
        for path in (ROOT / top).rglob("__init__.py")
    }
    assert found == listed


def commands_of_readme() -> list[str]:
    return re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)


def test_the_two_commands_of_the_readme_are_the_ones_that_ci_runs() -> None:
    demo, tests = commands_of_readme()
    assert demo.endswith("woodshed demo") and tests.endswith("-m pytest")
    script = (ROOT / ".ci/run").read_text()
    found = re.search(r"grep -m 1 -E '([^']+)' README\.md", script)
    assert found, "CI takes the line from the README"
    pattern = re.compile(found[1], re.MULTILINE)
    assert pattern.findall(README) == [tests]
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_every_command_is_documented() -> None:
    for name in COMMANDS:
        assert f"`woodshed {name}" in README, name
    context = click.Context(woodshed)
    for name in COMMANDS:
        group = woodshed.get_command(context, name)
        if isinstance(group, click.Group):
            row = next(line for line in README.splitlines() if line.startswith(f"| `woodshed {name}"))
            missing = [word for word in group.commands if not re.search(rf"[ `]{word}[ `]", row)]
            assert not missing, f"{name}: {missing}"


def ids(text: str) -> set[str]:
    """Requirement ids in a text, also from names such as ``test_x_DATA_01_02``."""
    numbered = {
        f"{word}-{number}" for word, numbers in ID.findall(text) for number in re.findall(r"\d\d", numbers)
    }
    return numbered | set(WORD.findall(text))


def test_ids_are_read_from_names_and_prose() -> None:
    text = "def test_x_DATA_01_02(): ...  # as OUT-08\ndef test_y_GEN_01_OUT_02_META(): CLICK"
    assert ids(text) == {"DATA-01", "DATA-02", "OUT-08", "GEN-01", "OUT-02", "META"}


def test_every_feature_of_the_readme_has_a_test_that_names_it() -> None:
    promised = set(re.findall(r"^\| ((?:[A-Z]+-\d\d)|META|CLI) \|", README, re.MULTILINE))
    assert len(promised) > 40
    tested: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        if path.name != "test_house.py":
            tested |= ids(path.read_text())
    assert not promised - tested


def test_nothing_unfinished_is_in_the_tree() -> None:
    marks = re.compile(r"TODO|FIXME|NotImplementedError|xfail|except Exception:\s*$|except:\s*$|pickle\.load")
    for name in files_here():
        if name.endswith(".py") and name != "tests/test_house.py":
            found = [line for line in (ROOT / name).read_text().splitlines() if marks.search(line)]
            assert not found, f"{name}: {found}"


def test_the_key_table_of_the_readme_is_that_of_the_bindings_UX() -> None:
    """Made anew by ``woodshed keys ls --markdown``."""
    from studio.catalog import markdown

    _, _, rest = README.partition("`woodshed keys ls --markdown` -->\n")
    table, _, _ = rest.partition("<!-- end of keys -->")
    assert table.strip() == markdown().strip()
