"""Words for a music generator that is to make flawed sounds elsewhere, one prompt per instrument and flaw."""

from typing import Any

from jobs.sound.labels import FLAWS

KINDS = {
    "drums": "an acoustic drum kit playing a simple groove, drums alone",
    "vocals": "one singer with a simple melody, voice alone",
    "bass": "an electric bass line, bass alone",
    "guitar": "an electric guitar riff, guitar alone",
    "keys": "chords and a melody on a piano, keyboard alone",
}
SOUNDS = {
    "muddy": "too much around 300 Hz, clouded and indistinct",
    "harsh": "piercing around 3 kHz, tiring to hear",
    "overcompressed": "crushed by a compressor, no peaks, pumping",
    "thin": "no body, nothing below 250 Hz",
    "sloppy": "played out of time, hits early and late",
    "nasal": "as if through the nose, too much around 1 kHz",
    "boxy": "as if recorded in a cardboard box, too much around 550 Hz",
    "sibilant": "sharp s sounds, too much around 7 kHz",
    "undefined": "no attack and no string noise, notes that melt into one another",
    "boomy": "booming around 90 Hz, notes that ring on",
    "distorted": "overdriven and clipped",
    "dark": "nothing above 4 kHz, as if under a blanket",
    "ringy": "one frequency that rings through every note",
}


def prompts(count: int) -> dict[str, Any]:
    """``count`` variations of each are asked for, named so that they are placed by their names."""
    return {
        "per_flaw": count,
        "prompts": [
            {
                "instrument": instrument,
                "flaw": flaw,
                "prompt": f"{KINDS[instrument]}; badly produced: {SOUNDS[flaw]}. Dry, 10 seconds.",
                "file": f"{instrument}_flawed_{flaw}_<nnn>.wav",
                "count": count,
            }
            for instrument, flaws in FLAWS.items()
            for flaw in flaws
        ],
    }
