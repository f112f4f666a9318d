"""The roll of a dataset: an entry for each sound that could be examined, and what is wrong with them."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.sound.facts import Facts, Fault, faults

FEW = 5
"""Files; with fewer a model repeats what it heard."""


@dataclass
class Roll:
    """``sounds`` as in ``sounds.json`` and, in the same order, their ``pictures`` (base64)."""

    sounds: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)

    @property
    def usable(self) -> list[dict[str, Any]]:
        return [sound for sound in self.sounds if sound["usable"]]


def problem(level: str, code: str, message: str, file: str = "") -> dict[str, str]:
    """As it stands in the record of a dataset; the message does not repeat the file's name."""
    return {"level": level, "code": code, "file": spoken(file), "message": spoken(message)}


def spoken(text: str) -> str:
    """``text`` as JSON can carry it: bytes of a name that are no UTF-8 become U+FFFD."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def call(files: list[str], answers: list[dict[str, Any]]) -> Roll:
    """The roll of ``files``, given what ``examine`` answered for each."""
    roll = Roll()
    first_with: dict[str, str] = {}
    for file, answer in zip(files, answers, strict=True):
        if "facts" not in answer:
            roll.problems.append(problem("error", answer["code"], answer["why"], file))
            continue
        facts = Facts(**answer["facts"])
        found = faults(facts)
        if not any(fault.level == "error" for fault in found):
            twin = first_with.setdefault(facts.audio_sha256, file)
            if twin != file:
                found.append(Fault("warning", "duplicate", f"the same audio as {Path(twin).name}; left out"))
        roll.problems += [problem(fault.level, fault.code, fault.message, file) for fault in found]
        roll.sounds.append(_entry(file, answer, facts, found))
        roll.pictures.append(answer["picture"])
    _number(roll.sounds)
    roll.problems += _together(roll.usable)
    return roll


def _entry(file: str, answer: dict[str, Any], facts: Facts, found: list[Fault]) -> dict[str, Any]:
    info = answer["info"]
    left_out = [fault for fault in found if fault.level == "error" or fault.code == "duplicate"]
    return {
        "id": "",
        "file": file,
        "name": spoken(Path(file).name),
        "sha256": answer["sha256"],
        "audio_sha256": facts.audio_sha256,
        "seconds": facts.seconds,
        "rate": facts.rate,
        "channels": facts.channels,
        "subtype": info["subtype"],
        "bytes": info["bytes"],
        "peak_dbfs": facts.peak_dbfs,
        "rms_dbfs": facts.rms_dbfs,
        "dc": facts.dc,
        "clipped": facts.clipped,
        "usable": not left_out,
        "reasons": [spoken(fault.message) for fault in left_out],
    }


def _number(sounds: list[dict[str, Any]]) -> None:
    """Ids from the content, told apart where two files are the same."""
    met: Counter[str] = Counter()
    for sound in sounds:
        base = sound["sha256"][:12]
        met[base] += 1
        sound["id"] = base if met[base] == 1 else f"{base}-{met[base]}"


def _together(usable: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What is wrong with the usable sounds as a whole."""
    found = []
    rates = Counter(sound["rate"] for sound in usable)
    if len(rates) > 1:
        told = ", ".join(f"{rate} Hz ({count})" for rate, count in rates.most_common())
        usual = rates.most_common(1)[0][0]
        odd = next(sound for sound in usable if sound["rate"] != usual)
        found.append(
            problem("warning", "mixed_rates", f"sample rates differ: {told}; all are resampled", odd["file"])
        )
    if 0 < len(usable) < FEW:
        many = "1 sound" if len(usable) == 1 else f"{len(usable)} sounds"
        found.append(problem("warning", "few_files", f"only {many} to learn from; {FEW} or more go further"))
    return found
