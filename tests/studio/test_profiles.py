"""Profiles of a training: fields and values of a file, hostile ones refused in one line (GAP-05, CLI)."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.specs import TrainRepairer, make
from store.errors import BadInput, NotFound, Usage
from studio.profiles import MOST, read_profile

YAML = """\
# For calls.
net: mlp
minutes: 20
learning_rate: 1e-3   # YAML itself takes this for a word
sdr_weight: 0.5
name: calls
sounds: [calls, ~/more calls]
"""
TOML = """\
net = "mlp"
minutes = 20
learning_rate = 1e-3
sdr_weight = 0.5
name = "calls"
sounds = ["calls", "~/more calls"]
"""
TOLD = {
    "net": "mlp", "minutes": 20.0, "learning_rate": 0.001, "sdr_weight": 0.5, "name": "calls",
    "sounds": ("calls", "~/more calls"),
}  # fmt: skip


def profile(folder: Path, content: str | bytes, ending: str = ".yaml") -> Path:
    path = folder / f"p{ending}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path) -> str:
    """The one line, of a length that can be read."""
    began = time.monotonic()
    with pytest.raises(BadInput) as caught:
        read_profile(path, TrainRepairer)
    line = str(caught.value)
    assert line.startswith(f"{path.name}: ") and "\n" not in line and len(line) < 700
    assert time.monotonic() - began < 5
    return line


@pytest.mark.parametrize(
    ("content", "ending"), [(YAML, ".yaml"), (YAML, ".yml"), (TOML, ".toml"), (TOML, ".TOML")]
)
def test_a_profile_sets_fields_GAP_05(tmp_path: Path, content: str, ending: str) -> None:
    assert read_profile(profile(tmp_path, content, ending), TrainRepairer) == TOLD
    assert read_profile(profile(tmp_path, "﻿" + content.replace("\n", "\r\n"), ending), TrainRepairer) == TOLD


@pytest.mark.parametrize("ending", [".yaml", ".toml"])
def test_an_empty_profile_is_an_accident_and_one_sound_is_enough_GAP_05(tmp_path: Path, ending: str) -> None:
    for content in ("", "\n", "# nothing yet\n", *(("{}\n",) if ending == ".yaml" else ())):
        example = "gaps: 3000" if ending == ".yaml" else "gaps = 3000"
        line = refusal(profile(tmp_path, content, ending))
        assert f"sets no field; write for instance {example}, or leave the profile out" in line
    one = "sounds: calls\n" if ending == ".yaml" else 'sounds = "calls"\n'
    assert read_profile(profile(tmp_path, one, ending), TrainRepairer) == {"sounds": ("calls",)}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("gapz: 3", "unknown field 'gapz' (did you mean 'gaps'?)"),
        ("gaps: 10", "gaps: 10 is below 60; nearest: 60"),
        ("net: gate", "net: 'gate' is not one of gates, mlp, conv1d, hybrid, transformer (did you mean"),
        ("gaps: yes", "gaps: 'yes' is not a whole number; default"),
        ("minutes: .inf", "minutes: '.inf' is not a number"),
        ("minutes: 2026-01-01", "minutes: '2026-01-01' is not a number"),
        ("gaps:", "line 1: a value is missing"),
        ("gaps: 100\ngaps: 200", "line 2: gaps is given twice"),
        ("gaps: [1, 2]", "gaps: is a list; give one value"),
        ("gaps: {a: 1}", "line 1: nested too deep"),
        ("sounds: [[a]]", "line 1: nested too deep"),
        ("- gaps", "line 1: is no field: value"),
        ("gaps", "line 1: is no field: value"),
        ("[a]: 1", "line 1: ['a'] is no name of a field"),
        ("gaps: 1\n---\ngaps: 2", "expected a single document"),
        ("gaps: &a 100\nbatch: *a", "line 1: anchors and aliases"),
        ("<<: *a", "line 1: anchors and aliases"),
        ("gaps: !!python/object/apply:os.system [ls]", "line 1: tags (!) are not taken"),
        ("gaps: !!int 100", "line 1: tags (!) are not taken"),
        ("gaps: 100\n\tbatch: 3", "line 2: "),
        ("gaps: 'open", "line 1: "),
        ("\x01: 3", "holds characters that YAML does not have"),
        ("\"\\e[31m\\n\": 3", "unknown field '\\x1b[31m\\n'"),
        (f"{'x' * 900}: 3", "unknown field 'xxx"),
        (f"gaps: {'9' * 400}", "gaps: '9999"),
        (f"gaps: 100\n# {'x' * 5000}", "line 2: longer than 1000 characters"),
    ],
    ids=lambda word: word[:20],
)  # fmt: skip
def test_yaml_that_is_no_profile_is_refused_GAP_05(tmp_path: Path, content: str, says: str) -> None:
    assert says in refusal(profile(tmp_path, content))


@pytest.mark.parametrize(("content", "ending"), [("sounds: []", ".yaml"), ("sounds = []", ".toml")])
def test_a_profile_without_any_sound_is_refused_GAP_05(tmp_path: Path, content: str, ending: str) -> None:
    assert "sounds is missing: files, folders" in refusal(profile(tmp_path, content, ending))
    with pytest.raises(Usage, match="sounds is missing"):
        make(TrainRepairer, sounds=[])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("gapz = 3", "unknown field 'gapz' (did you mean 'gaps'?)"),
        ("gaps = 10", "gaps: 10 is below 60; nearest: 60"),
        ("gaps = true", "gaps: 'yes' is not a whole number"),
        ("gaps = 99.5", "gaps: '99.5' is not a whole number"),
        ("minutes = nan", "minutes: must be a finite number"),
        ("minutes = 2026-01-01", "minutes: is neither a number nor text"),
        ("[gaps]\na = 1", "gaps: is neither a number nor text"),
        ("sounds = [[1]]", "sounds: is neither a number nor text"),
        ("gaps = 1\ngaps = 2", "line 2"),
        ("gaps", "line 1"),
        (f"gaps = {'9' * 400}", "gaps: '9999"),
        (f"gaps = {'9' * 5000}", "line 1: longer than 1000 characters"),
    ],
    ids=lambda word: word[:20],
)
def test_toml_that_is_no_profile_is_refused_GAP_05(tmp_path: Path, content: str, says: str) -> None:
    assert says in refusal(profile(tmp_path, content, ".toml"))


@pytest.mark.parametrize("ending", [".yaml", ".toml"])
def test_bombs_cost_nothing_GAP_05(tmp_path: Path, ending: str) -> None:
    layers = "\n".join(
        f"{name}: &{name} [{','.join(['*' + before] * 9)}]"
        for before, name in zip("abcdef", "bcdefg", strict=True)
    )
    for content in (
        f"a: &a [x,x,x]\n{layers}\n",
        "[" * (MOST - 10),
        "a = " + "[" * (MOST - 10),
        "{a: " * (MOST // 5),
        "? " * (MOST // 3),
        "- " * (MOST // 3),
        "a.b." * (MOST // 5) + "c = 1",
        ": " * (MOST // 3),
        "a" * (MOST + 1),
    ):  # fmt: skip
        refusal(profile(tmp_path, content, ending))


def test_what_is_no_text_file_is_refused_GAP_05(tmp_path: Path) -> None:
    assert "byte 6 is not UTF-8" in refusal(profile(tmp_path, b"name: \xff\xfe"))
    assert "ends in none of .yaml, .yml, .toml" in refusal(profile(tmp_path, "gaps: 100", ".json"))
    (tmp_path / "folder.yaml").mkdir()
    assert refusal(tmp_path / "folder.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "is no file" in refusal(tmp_path / "pipe.yaml")
    profile(tmp_path, "", ".toml")
    with pytest.raises(NotFound, match=r"profile: .*q\.toml: no such file \(did you mean 'p\.toml'"):
        read_profile(tmp_path / "q.toml", TrainRepairer)


SCALARS = st.one_of(st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.none())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(max_size=200), st.text(max_size=200), st.dictionaries(SCALARS, SCALARS, max_size=3)
    )
)
def test_anything_is_read_or_refused_GAP_05(tmp_path: Path, content: Any) -> None:
    if isinstance(content, dict):
        import yaml

        content = yaml.safe_dump(content, allow_unicode=True)
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    for ending in (".yaml", ".toml"):
        try:
            found = read_profile(profile(tmp_path, data, ending), TrainRepairer)
        except BadInput as error:
            assert "\n" not in str(error)
        else:
            assert set(found) <= set(TrainRepairer.__dataclass_fields__)
