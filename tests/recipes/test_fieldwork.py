"""Packages that must not be installed, whose key is believed, nets compared, feedback added up (GAP-09)."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from jobs.desk import Desk
from jobs.field import feedback as page
from jobs.field import gathered, installed
from jobs.field.histogram import GAP_MS
from jobs.field.keys import make_key, private_key
from jobs.field.manifest import RUNNER
from jobs.field.trust import TRUSTED, own_key, public_place
from jobs.locks import grab
from jobs.recipes import difference, feedback, inspection, install, rollback
from jobs.specs import CompareNets, InspectPackage, InstallPackage, ReadFeedback, RollBack, make
from store import paths
from store.errors import BadInput, Busy, NotFound
from store.library import Library
from studio.fieldwork import installed as installed_words
from tests.field import updates
from tests.field.test_feedback import counts, session


@pytest.fixture
def desk(home: Path) -> Desk:
    own_key()
    return Desk("0a" * 6, paths.run("0a" * 6))


@pytest.fixture
def field(tmp_path: Path) -> Path:
    return tmp_path / "field"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """The private key of another house; its public key lies beside it."""
    make_key(tmp_path / "other.pem")
    return tmp_path / "other.pem"


def installing(desk: Desk, package: Path, folder: Path, key: Path | str = "") -> dict[str, Any]:
    spec = make(InstallPackage, package=str(package), folder=str(folder), key=str(key))
    return install.run(spec, desk)["summary"]


def refused(desk: Desk, package: Path, folder: Path, words: str, key: Path | str = "") -> None:
    with pytest.raises(BadInput) as caught:
        installing(desk, package, folder, key)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


# --- what is not installed -------------------------------------------------------------------------------


def test_tampered_and_foreign_packages_change_nothing_GAP_09(
    desk: Desk, field: Path, theirs: Path, tmp_path: Path
):
    good = updates.package(tmp_path / "good.zip", 1)
    installing(desk, good, field)
    before = {path: path.stat().st_mtime_ns for path in field.rglob("*")}
    newer = bytearray(updates.package(tmp_path / "newer.zip", 2).read_bytes())
    newer[newer.index(b"first.weight")] ^= 1
    cases = {
        "tampered.zip: net.onnx: ": written(tmp_path / "tampered.zip", bytes(newer)),
        f"runner {RUNNER + 1}": updates.package(tmp_path / "later.zip", 3, runner=RUNNER + 1),
        "model is other": updates.package(tmp_path / "mixed.zip", 3, told_model="other"),
        "get the package or key from its maker": updates.package(
            tmp_path / "theirs.zip", 3, private_key(theirs)
        ),
        "no whole zip file": written(tmp_path / "cut.zip", good.read_bytes()[:-9]),
        "no zip file": written(tmp_path / "empty.zip", b""),
        "is a folder; name a file": tmp_path,
    }
    for words, path in cases.items():
        refused(desk, path, field, words)
    assert {path: path.stat().st_mtime_ns for path in field.rglob("*")} == before


def test_packages_that_tell_the_runner_nothing_are_refused_GAP_09(desk: Desk, field: Path, tmp_path: Path):
    told = json.loads(
        (updates.package(tmp_path / "it.zip").parent / "it-files" / "field_directives.json").read_text()
    )
    for name, content, words in (
        ("none", {"net.onnx": b"x"}, "field_directives.json: missing"),
        ("lost", {"field_directives.json": json.dumps(told).encode()}, "which is not in the package"),
        ("odd", {"field_directives.json": b"[]", "net.onnx": b"x"}, "an object is needed"),
    ):
        refused(desk, updates.packed(tmp_path / f"{name}.zip", content), field, words)
    assert not field.exists()


def test_archives_that_reach_out_or_blow_up_are_refused_GAP_09(desk: Desk, field: Path, tmp_path: Path):
    escape, bomb, link = (tmp_path / f"{name}.zip" for name in ("escape", "bomb", "link"))
    with zipfile.ZipFile(escape, "w") as archive:
        archive.writestr("../../escaped", "x")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(50_000_000))
    with zipfile.ZipFile(link, "w") as archive:
        entry = zipfile.ZipInfo("manifest.json")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    for path, words in ((escape, "plain name of a file"), (bomb, "at most"), (link, "no plain file")):
        refused(desk, path, field, words)
        with pytest.raises(BadInput, match=words):
            inspection.run(make(InspectPackage, package=str(path)), desk)
    assert not (tmp_path.parent / "escaped").exists() and not field.exists()


def test_a_folder_is_only_made_where_it_can_be_GAP_09(desk: Desk, tmp_path: Path):
    package = updates.package(tmp_path / "it.zip")
    with pytest.raises(NotFound, match="make it first"):
        installing(desk, package, tmp_path / "no" / "field")
    refused(desk, package, package, "is a file; a folder is needed")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "current").write_text("mine")
    refused(desk, package, tmp_path / "odd", "current: not JSON")
    assert (tmp_path / "odd" / "current").read_text() == "mine"


def test_the_package_of_another_repairer_says_whose_place_it_takes_GAP_09(
    desk: Desk, field: Path, tmp_path: Path
):
    first, second, other = (
        updates.package(tmp_path / f"{model}{version}.zip", version, model=model)
        for model, version in (("brass-1", 1), ("brass-1", 2), ("bells-9", 3))
    )
    assert installing(desk, first, field)["replaces"] is None
    assert installing(desk, second, field)["replaces"] is None
    found = installing(desk, other, field)
    assert found["replaces"] == {"model": "brass-1", "name": "Brass"}
    words = f"{field}, where Brass (brass-1) was in use; version 2 can come back"
    assert installed_words(found).endswith(words)


def test_sounds_are_no_folder_of_the_field_GAP_09(desk: Desk, tmp_path: Path):
    package = updates.package(tmp_path / "it.zip")
    folder = tmp_path / "sounds"
    folder.mkdir()
    written(folder / "bell.wav", b"sound")
    refused(desk, package, folder, "has other files in it, such as bell.wav; give a new or empty folder")
    with pytest.raises(BadInput, match="no version to go back to"):
        rollback.run(make(RollBack, folder=str(folder)), desk)
    assert [path.name for path in folder.iterdir()] == ["bell.wav"]


# --- whose key -------------------------------------------------------------------------------------------


def test_a_folder_keeps_the_key_that_it_was_given_once_GAP_09(
    desk: Desk, field: Path, theirs: Path, tmp_path: Path
):
    first, second = (updates.package(tmp_path / f"{one}.zip", one, private_key(theirs)) for one in (1, 2))
    public = theirs.with_name("other.pem.pub")
    assert installing(desk, first, field, public)["key"] == str(field / TRUSTED)
    assert installing(desk, second, field)["version"] == 2
    refused(desk, second, field, f"{TRUSTED} is another key", public_place())
    for wrong in (theirs, second):
        refused(desk, second, field, "no public Ed25519 key", wrong)
    public_place().unlink()
    (field / TRUSTED).unlink()
    refused(desk, second, field, "`repair key` in the office")
    (field / TRUSTED).write_text("mine")
    refused(desk, second, field, "no public Ed25519 key")


def test_a_house_that_lost_its_public_key_makes_it_of_the_private_one_GAP_09(desk: Desk):
    kept = public_place().read_bytes()
    public_place().unlink()
    own_key()
    assert public_place().read_bytes() == kept


# --- what changed ----------------------------------------------------------------------------------------


def test_nets_of_repairers_packages_and_files_are_compared_GAP_09(desk: Desk, tmp_path: Path):
    mine = updates.repairer("mine")
    updates.repairer("yours", "brass-2", scale=1.1)
    shipped = updates.package(tmp_path / "it.zip", scale=1.1)
    file = updates.weights(tmp_path / "alone.onnx", 1.1)

    def found(old: str, new: str | Path) -> dict[str, Any]:
        difference.run(make(CompareNets, old=old, new=str(new)), desk)
        return json.loads((desk.folder / difference.LEFT).read_text())

    for new in (shipped, file, "brass-2"):
        changes = {one["name"]: one for one in found(updates.MODEL, new)["changes"]}
        assert changes["first.bias"]["what"] == "same"
        assert changes["first.weight"]["rms_relative"] == pytest.approx(0.1, abs=1e-6)
    told = found("brass-2", file)
    assert told["counts"] == {"same": 2} and told["old"] == "yours" and told["new"] == str(file)
    alone = updates.package(tmp_path / "none.zip", net=False)
    with pytest.raises(BadInput, match="linear prediction is shipped alone"):
        found(updates.MODEL, alone)
    Path(mine["path"], "net.onnx").write_bytes(b"changed")
    with pytest.raises(BadInput, match="gone or changed"):
        found(updates.MODEL, file)


# --- feedback --------------------------------------------------------------------------------------------


def told(desk: Desk, path: Path, model: str = "") -> dict[str, Any]:
    feedback.run(make(ReadFeedback, feedback=str(path), model=model), desk)
    return json.loads((desk.folder / feedback.LEFT).read_text())


def test_feedback_is_kept_with_its_repairer_each_session_once_GAP_09(desk: Desk, tmp_path: Path):
    updates.repairer("mine")
    first = session(started="2026-01-01T00:00:00.000Z")
    file = updates.feedback(tmp_path / page.NAME, first, session())
    assert told(desk, file)["models"][0]["new"] == 2
    updates.feedback(file, session(model="ar"))
    updates.feedback(tmp_path / "another.jsonl", first, session(version=4))
    mine, alone = sorted(told(desk, tmp_path)["models"], key=lambda one: not one["kept"])
    assert (mine["new"], mine["sessions"], mine["name"]) == (1, 3, "mine")
    assert (alone["model"], alone["kept"], alone["sessions"]) == ("ar", False, 1)
    assert Library().repairers.find("mine")["feedback"]["packages"] == ["brass-1 3", "brass-1 4"]
    kept = paths.data() / "repairers" / updates.MODEL / page.NAME
    assert len(kept.read_text().splitlines()) == 3
    with pytest.raises(BadInput, match="is of brass-2, but of brass-1"):
        told(desk, file, "brass-2")


def test_feedback_of_a_repairer_in_the_trash_is_told_and_not_kept_GAP_09(desk: Desk, tmp_path: Path):
    updates.repairer("mine")
    Library().repairers.trash("mine")
    (one,) = told(desk, updates.feedback(tmp_path / page.NAME))["models"]
    assert not one["kept"] and "feedback" not in Library().repairers.all(trashed=True)[0]


def test_two_readings_do_not_write_over_each_other_GAP_09(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = Path(updates.repairer("mine")["path"])
    monkeypatch.setattr(feedback, "PATIENCE", 0.05)
    assert grab(folder / feedback.LOCK) is not None
    with pytest.raises(Busy, match="try again"):
        told(desk, updates.feedback(tmp_path / page.NAME))


def test_feedback_that_is_garbage_or_enormous_is_refused_GAP_09(desk: Desk, tmp_path: Path):
    with (tmp_path / "huge.jsonl").open("wb") as file:
        file.truncate(1 << 40)
    empty, many = tmp_path / "none", tmp_path / "many"
    for folder in (empty, many):
        folder.mkdir()
    for number in range(gathered.FILES_AT_MOST + 1):
        (many / f"{number}.jsonl").touch()
    for path, words in (
        (written(tmp_path / "garbage.jsonl", b"\x00\xff\n{}\n[1]\n"), "none of its 3 lines is feedback"),
        (written(tmp_path / "nothing.jsonl", b""), "there is no feedback"),
        (written(tmp_path / "lines.jsonl", b"x\n" * 2_000_000), "2000000 lines; 100000 at most"),
        (tmp_path / "huge.jsonl", "bytes; "),
        (empty, "no feedback in it"),
        (many, "65 files"),
    ):
        with pytest.raises(BadInput, match=words):
            told(desk, path)
    part = updates.feedback(tmp_path / "part.jsonl")
    part.write_bytes(part.read_bytes() + b'{"format": 1, "mod')
    found = told(desk, part)
    assert (found["sessions"], found["passed_over"]) == (1, 1)


def test_only_the_newest_feedback_is_kept_where_there_is_no_room_GAP_09(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    sessions = [session(started=f"2026-01-0{day}T00:00:00Z") for day in (3, 1, 2)]
    path = tmp_path / page.NAME
    every, new = gathered.gather(path, sessions)
    assert new == 3 and [one.started[9] for one in every] == ["1", "2", "3"]
    monkeypatch.setattr(gathered, "BYTES_AT_MOST", 2 * len(path.read_text().splitlines(True)[0]))
    every, new = gathered.gather(path, [session(started="2026-01-04T00:00:00Z")])
    assert new == 1 and [one.started[9] for one in every] == ["3", "4"]
    assert page.read(path) == (every, 0)


def test_a_training_is_told_how_long_gaps_are_in_the_field_GAP_09(desk: Desk, tmp_path: Path):
    updates.repairer("mine")
    with pytest.raises(BadInput, match="mine: feedback: fewer than 50 gaps of up to"):
        feedback.lengths("mine")
    with pytest.raises(NotFound):
        feedback.lengths("nobody")
    told = [session(model=updates.MODEL, gaps=counts(GAP_MS, _5=300, _20=100))]
    page.append(tmp_path / page.NAME, told[0])
    feedback.run(make(ReadFeedback, feedback=str(tmp_path / page.NAME)), desk)
    assert feedback.lengths("mine") == {5.0: 0.75, 20.0: 0.25}


def test_lengths_to_train_on_are_those_that_come_often_GAP_09():
    gaps = counts(GAP_MS, _5=100, _30=60, _100=38, _400=1, _8=1)
    assert page.summary([session(gaps=gaps)])["train_on"] == [
        {"gap_ms": 5.0, "share": pytest.approx(100 / 198)},
        {"gap_ms": 40.0, "share": pytest.approx(60 / 198)},
        {"gap_ms": 160.0, "share": pytest.approx(38 / 198)},
    ]
    assert page.summary([session(gaps=counts(GAP_MS, _5=49))])["train_on"] == []


def test_a_folder_of_the_field_is_read_as_its_runner_leaves_it_GAP_09(
    desk: Desk, field: Path, tmp_path: Path
):
    updates.repairer("mine")
    installing(desk, updates.package(tmp_path / "it.zip"), field)
    updates.feedback(field / page.NAME)
    found = told(desk, field)
    assert found["files"] == [str(field / page.NAME)] and found["models"][0]["kept"]
    assert installed.installed_version(field) == 1
