"""What a sound is called in a set for diagnosis: gold or flawed, its instrument, its flaws. Pure text.

A set lies in ``raw/{gold,flawed}/{drums,vocals,bass,guitar,keys}/``; a flawed sound is named
``<sub>_flawed_<flaw>_<nnn>``, where several flaws are joined by ``+`` in the order they were made.
"""

import difflib
import re
from dataclasses import dataclass
from pathlib import PurePath

GOLD, FLAWED = "gold", "flawed"
SUBSETS = (GOLD, FLAWED)
FLAWS: dict[str, tuple[str, ...]] = {
    "drums": ("muddy", "harsh", "overcompressed", "thin", "sloppy"),
    "vocals": ("nasal", "boxy", "sibilant", "muddy", "overcompressed"),
    "bass": ("undefined", "boomy", "thin", "muddy", "distorted"),
    "guitar": ("muddy", "harsh", "thin", "boxy", "overcompressed"),
    "keys": ("thin", "dark", "harsh", "overcompressed", "ringy"),
}
"""Instrument -> the flaws it is known for."""
INSTRUMENTS = tuple(FLAWS)
EVERY_FLAW = tuple(dict.fromkeys(flaw for flaws in FLAWS.values() for flaw in flaws))
ALSO = {
    "drums": "drum kick kicks kik bd snare snares sn tom toms hat hats hihat hh cymbal cymbals "
    "percussion perc rim clap cowbell loop loops break breaks beat beats ride crash tabla shaker",
    "vocals": "vocal voice voices vox lead harmony harmonies choir singing singer speech",
    "bass": "basses bassline sub",
    "guitar": "guitars gtr rhythm acoustic",
    "keys": "key keyboard keyboards piano pianos organ rhodes synth synths epiano wurlitzer",
}
"""Words by which folders and files tell an instrument."""
SPOKEN = {
    "over-compressed": "overcompressed", "compressed": "overcompressed", "squashed": "overcompressed",
    "sloppy-timing": "sloppy", "timing": "sloppy", "over-sibilant": "sibilant", "sibilance": "sibilant",
    "boxed": "boxy", "harsh-3khz": "harsh", "ringing": "ringy", "mud": "muddy", "boom": "boomy",
    "distortion": "distorted", "clipped": "distorted",
}  # fmt: skip
"""Other spellings of a flaw."""
NAME = re.compile(
    r"^(?P<sub>.+?)_flawed_(?P<flaw>[A-Za-z][A-Za-z+_-]*?)(?:_(?P<number>\d+))?$", re.IGNORECASE
)
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Label:
    """``subset`` gold or flawed, ``instrument``, ``flaws`` in order, ``sub``: what it is (a kick).

    Empty: not told. ``problem``: one line on what can't be understood.
    """

    subset: str = ""
    instrument: str = ""
    flaws: tuple[str, ...] = ()
    sub: str = ""
    problem: str = ""

    @property
    def flaw(self) -> str:
        """As it stands in a table: flaws joined by ``+``; gold is ``none``."""
        return "+".join(self.flaws) or ("none" if self.subset == GOLD else "")


def flaw_of(word: str) -> str:
    """A flaw by any of its spellings; empty when it is none."""
    plain = word.lower().replace("_", "-").strip("-")
    plain = SPOKEN.get(plain, plain.replace("-", ""))
    return plain if plain in EVERY_FLAW else ""


def instrument_of(word: str) -> str:
    """An instrument by any of its words; empty when it is none."""
    for part in WORD.findall(word.lower()):
        for instrument, others in ALSO.items():
            if part == instrument or part in others.split():
                return instrument
    return ""


def nearest(word: str, words: tuple[str, ...]) -> str:
    """Of ``words`` the one that looks most like it, or nothing."""
    return next(iter(difflib.get_close_matches(word.lower(), words, 1, 0.6)), "")


def label(path: str) -> Label:
    """What folders and name of a path (relative to the folder that was given) tell; folders come first."""
    pure = PurePath(path)
    folders, stem = [part.lower() for part in pure.parts[:-1]], pure.stem
    subset = next((part for part in reversed(folders) if part in SUBSETS), "")
    match = NAME.match(stem)
    sub = match["sub"] if match else stem
    instrument = next((found for part in reversed(folders) if (found := instrument_of(part))), "")
    instrument = instrument or instrument_of(sub)
    problem = "" if instrument else _misspelt(folders)
    if not match:
        if subset == FLAWED:
            problem = problem or f"flawed, but not named <sub>_flawed_<flaw>_<nnn>: {stem}"
        return Label(subset or GOLD, instrument, (), stem, problem or _unknown(instrument))
    words = [word for word in match["flaw"].split("+") if word]
    flaws = tuple(flaw_of(word) for word in words)
    if subset == GOLD:
        problem = problem or "lies under gold, but its name says that it is flawed"
    problem = problem or _unknown(instrument) or _misfit(instrument, words, flaws)
    return Label(FLAWED, instrument, tuple(flaw for flaw in flaws if flaw), sub, problem)


def _unknown(instrument: str) -> str:
    return "" if instrument else f"no instrument in its folders or name; known: {', '.join(INSTRUMENTS)}"


def _misspelt(folders: list[str]) -> str:
    for folder in reversed(folders):
        if near := nearest(folder, INSTRUMENTS):
            return f"folder '{folder}' is no instrument; did you mean '{near}'?"
    return ""


def _misfit(instrument: str, words: list[str], flaws: tuple[str, ...]) -> str:
    known = FLAWS[instrument]
    for word, flaw in zip(words, flaws, strict=True):
        if flaw in known:
            continue
        near = nearest(word, known)
        meant = f"; did you mean '{near}'?" if near and not flaw else f"; known: {', '.join(known)}"
        return f"'{word}' is no flaw of {instrument}{meant}"
    return ""
