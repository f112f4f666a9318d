"""Models as parcels: what goes out comes in elsewhere unchanged, and nothing hostile comes in at all."""

import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from store import paths
from store.errors import BadInput
from studio import actions, parcels
from tests.commands import shelf
from tests.commands.front import ask, refused, run

Change = Callable[[zipfile.ZipFile, dict[str, bytes]], None]


@pytest.fixture
def parcel(home: Path, tmp_path: Path) -> Path:
    """An exported model that this home does not have any more."""
    record = shelf.model()
    path = tmp_path / "drums.zip"
    ask("models", "export", "drums", path)
    actions.trash("models", "drums")
    actions.purge("models", record["id"])
    assert not Path(record["path"]).exists()
    return path


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as opened:
        return {entry.filename: opened.read(entry) for entry in opened.infolist()}


def repacked(path: Path, parts: dict[str, bytes], change: Change | None = None) -> Path:
    with zipfile.ZipFile(path, "w") as written:
        for name, part in parts.items():
            written.writestr(name, part)
        if change:
            change(written, parts)
    return path


def test_ls_show_rename_rm_MOD_01_03_04(home: Path) -> None:
    record = shelf.model()
    assert [one["id"] for one in ask("models", "ls")] == [record["id"]]
    assert ask("models", "show", "drums")["path"] == record["path"]
    assert "brightness" in run("models", "show", "drums").stdout
    assert ask("models", "rename", "drums", "beat")["name"] == "beat"
    ask("models", "rm", "beat")
    ask("undo")
    assert ask("models", "show", "beat")["id"] == record["id"]
    assert "nearest" in refused("models", "show", "baet", code=3)


def test_export_and_import_keep_every_byte_MOD_01(parcel: Path) -> None:
    record = json.loads(contents(parcel)["model.json"])
    assert record["path"] == "", "no path of this machine travels"
    made = ask("models", "import", parcel)
    assert made["id"] == record["id"] and made["name"] == "drums"
    assert Path(made["path"]) == paths.model(made["id"])
    theirs, ours = contents(parcel), shelf.unpacked(made)
    assert {name: theirs[name] for name in theirs if name != "model.json"} == {
        name: ours[name] for name in ours if name != "model.json"
    }
    assert ask("models", "import", parcel)["id"] == made["id"], "a second time changes nothing"
    assert len(ask("models", "ls")) == 1
    actions.trash("models", "drums")
    assert ask("models", "import", parcel)["name"] == "drums", "from the trash it comes back"


def test_a_name_that_is_taken_gets_a_number_MOD_01(parcel: Path) -> None:
    shelf.model("drums")
    assert ask("models", "import", parcel)["name"] == "drums-2"


def test_export_writes_over_nothing_unasked_MOD_01(home: Path, tmp_path: Path) -> None:
    shelf.model()
    path = tmp_path / "x.zip"
    path.write_text("mine")
    refused("models", "export", "drums", path, code=2)
    assert path.read_text() == "mine"
    ask("models", "export", "drums", path, "--force")
    refused("models", "export", "drums", tmp_path / "no" / "x.zip", code=3)


def entry(name: str, mode: int = stat.S_IFREG | 0o600) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    return made


def add(name: str, part: bytes = b"x", mode: int = stat.S_IFREG | 0o600) -> Change:
    return lambda written, parts: written.writestr(entry(name, mode), part)


def altered(**changes: object) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def change(parts: dict[str, bytes]) -> dict[str, bytes]:
        record = {**json.loads(parts["model.json"]), **changes}
        return {**parts, "model.json": json.dumps(record).encode()}

    return change


HOSTILE_ENTRIES = {
    "a way up": add("../evil.json"),
    "a way up inside": add("extra/../../evil.json"),
    "an absolute path": add("/tmp/evil.json"),
    "a drive": add("C:evil.json"),
    "a backslash": add("..\\evil.json"),
    "a link": add("link.json", b"/etc/passwd", stat.S_IFLNK | 0o777),
    "a device": add("device.json", b"", stat.S_IFCHR | 0o600),
    "a pickle": add("weights.pkl"),
    "a script": add("setup.py"),
    "a hidden file": add(".bashrc.json"),
    "an escape sequence": add("\x1b[31m.json"),
    "not in the manifest": add("more.json"),
    "another case": add("MANIFEST.json"),
}


@pytest.mark.parametrize("name", HOSTILE_ENTRIES)
def test_a_hostile_entry_is_refused_and_nothing_kept_MOD_01(parcel: Path, name: str, home: Path) -> None:
    path = repacked(parcel.with_name("bad.zip"), contents(parcel), HOSTILE_ENTRIES[name])
    before = {one for one in home.rglob("*") if "import" not in one.name}
    with pytest.raises(BadInput) as caught:
        parcels.import_model(str(path))
    assert "\n" not in str(caught.value) and "\x1b" not in str(caught.value)
    assert set(home.rglob("*")) <= before
    assert actions.models() == []
    assert not (home.parent / "evil.json").exists()


HOSTILE_PARTS: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "weights changed": lambda parts: {**parts, "weights.safetensors": b"other"},
    "a file missing": lambda parts: {name: parts[name] for name in parts if name != "weights.safetensors"},
    "no manifest": lambda parts: {name: parts[name] for name in parts if name != "manifest.json"},
    "no record": lambda parts: {name: parts[name] for name in parts if name != "model.json"},
    "a manifest of lists": lambda parts: {**parts, "manifest.json": b"[]"},
    "a manifest that leads out": lambda parts: {**parts, "manifest.json": b'{"../../x": "00"}'},
    "a record that is a list": lambda parts: {**parts, "model.json": b"[]"},
    "numbers that are not finite": lambda parts: {
        **parts, "model.json": parts["model.json"].replace(b"1.1", b"NaN")
    },
    "an id that leads out": altered(id="../../evil"),
    "a name with an escape": altered(name="\x1b[31mred"),
    "an empty name": altered(name=""),
    "axes without names": altered(axes=[{}]),
    "axes without numbers": altered(axes=[{"name": "x", "safe": ["a", "b"]}]),
    "another manifest's sum": altered(sha256="0" * 64),
    "deep nesting": lambda parts: {**parts, "model.json": b"[" * 100_000},
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_PARTS)
def test_a_tampered_model_is_refused_and_nothing_kept_MOD_01(parcel: Path, name: str, home: Path) -> None:
    path = repacked(parcel.with_name("bad.zip"), HOSTILE_PARTS[name](contents(parcel)))
    with pytest.raises(BadInput) as caught:
        parcels.import_model(str(path))
    assert "\n" not in str(caught.value) and "\x1b" not in str(caught.value)
    assert actions.models() == [] and not list((home / "data/models").glob("*"))


def test_what_is_no_whole_zip_is_refused_MOD_01(parcel: Path, tmp_path: Path) -> None:
    whole = parcel.read_bytes()
    for broken in (b"", b"PK", b"words" * 99, whole[: len(whole) // 2], whole[:-40]):
        path = tmp_path / "broken.zip"
        path.write_bytes(broken)
        refused("models", "import", path, code=4)


def test_a_bomb_is_refused_while_it_unpacks_MOD_01(
    parcel: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(parcels, "BYTES_AT_MOST", 2**20)
    path = parcel.with_name("bomb.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name, part in contents(parcel).items():
            written.writestr(name, part)
        written.writestr("zeros.bin", bytes(2**26))
    with pytest.raises(BadInput, match="larger"):
        parcels.import_model(str(path))
    monkeypatch.setattr(parcels, "FILES_AT_MOST", 3)
    with pytest.raises(BadInput, match="at most"):
        parcels.import_model(str(path))
    assert actions.models() == []


def test_an_encrypted_entry_is_refused_MOD_01(parcel: Path) -> None:
    text = bytearray(parcel.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(text))) as opened:
        place = opened.infolist()[0].header_offset
    central = text.index(b"PK\x01\x02")
    text[place + 6] |= 1
    text[central + 8] |= 1
    path = parcel.with_name("locked.zip")
    path.write_bytes(bytes(text))
    with pytest.raises(BadInput):
        parcels.import_model(str(path))


def test_show_has_axes_in_their_units_and_the_report_MOD_03_GEN_08(home: Path) -> None:
    record = shelf.model()
    quality = {"verdict": "good", "reason": "clearly these sounds", "kad": 2.1, "kad_noise": 61.0,
               "\x1b[31m": "\x07"}  # fmt: skip
    actions.library().models.amend(record["id"], quality=quality)
    text = run("models", "show", "drums").stdout
    row = next(line for line in text.splitlines() if line.strip().startswith("brightness"))
    assert row.split()[:5] == ["brightness", "Hz", "10", "50", "90"]
    assert "20-60" in next(line for line in text.splitlines() if line.strip().startswith("warmth"))
    assert "not in these sounds" in next(
        line for line in text.splitlines() if line.strip().startswith("density")
    )
    assert "verdict" in text and "2.1 (noise 61)" in text and "\x1b" not in text
    assert ask("models", "show", "drums")["quality"] == quality
