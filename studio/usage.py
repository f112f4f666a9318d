"""What ``woodshed --help`` and ``--version`` say. Plain text, so that they cost no import at all."""

VERSION = "0.1.0"

COMMANDS = {
    "demo": "Make a dozen sounds, train on them, generate takes.",
    "data": "Datasets: add, feed, ls, show, check, rename, rm.",
    "train": "Learn a dataset.",
    "generate": "Make takes from a model.",
    "models": "Trained models: ls, show, rename, rm, export, import.",
    "presets": "Slider positions: ls, show, save, rename, rm, export, import.",
    "takes": "What was made: ls, show, compare, export, rename, rm.",
    "jobs": "The queue: ls, show, cancel, resume, retry, move, follow, curve.",
    "play": "Play a take or a file.",
    "look": "Look closely at a sound.",
    "loudness": "How loud sounds are: LUFS, range, true peak.",
    "organise": "A folder of sounds into a set for diagnosis.",
    "normalise": "Sounds to one loudness; or verify that they are.",
    "flaws": "Flawed versions of clean sounds, with their parameters.",
    "fingerprint": "Sounds as 64 numbers each: CSV and Parquet.",
    "analyse": "How those numbers are distributed, gold against flawed.",
    "diagnose": "What is wrong with a sound, and what would fix it.",
    "diagnosis": "Models for that: train, show, export, ls, rename, rm.",
    "corrections": "Corrections that were kept: ls, show, rename, rm.",
    "repair": "Lost packets: train, run, score; ship, install, feedback.",
    "trash": "What was deleted, of every kind: ls, empty.",
    "undo": "Take back the last rm, rename or change.",
    "worker": "Run jobs in this terminal.",
    "keys": "Keys of the studio: ls, check.",
    "doctor": "Find out whether jobs can run here.",
    "themes": "Colours: ls, show, use, check, new.",
    "locate": "Where everything lies.",
    "library": "All tables as one file: export, import, rebuild.",
    "completion": "Shell completion.",
}
"""Name -> one line; the module ``studio.commands.NAME`` has the command as ``command``."""

HIDDEN = ("screenshot",)
"""Commands that work like the others, but that nobody needs to be told of."""

BEFORE = """\
Usage: woodshed [OPTIONS] COMMAND [ARGS]...

  A terminal studio for training on your own sounds. Without a command it
  opens the studio.

Options, also after a command:
  --json     Answer with one JSON document on stdout.
  --quiet    No progress, no messages.
  --debug    Show the traceback of an error.
  --version  Version, and end.
  --low-bandwidth
             Open the studio and send few bytes; alone, without a command.
  --help     This page; after a command, the page of that command.

Commands:
"""

AFTER = """
Example:
  woodshed data add ~/sounds/drums
  woodshed train drums --minutes 5
  woodshed generate drums --slider brightness=80 --out bright.wav

  Names and ids are interchangeable; the first letters of an id are enough.
  WOODSHED_HOME moves everything under one folder.
  Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 bad input,
  5 busy or locked, 6 no worker, 130 interrupted, 143 terminated.
"""


def text() -> str:
    """The page of all commands, at most 80 columns wide."""
    lines = (f"  {name:12} {what}\n" for name, what in COMMANDS.items())
    return f"{BEFORE}{''.join(lines)}{AFTER}"
