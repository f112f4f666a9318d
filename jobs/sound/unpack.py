"""A sound of any kind as WAV, for a device or a browser that takes nothing else: a program of its own.

``python -m jobs.sound.unpack SOURCE TARGET``: what comes from outside is decoded here, within limits, and
not in the process that somebody looks at. One line on stderr and exit 4 when it can't be read.
"""

import resource
import sys

import soundfile

from jobs.sound.reader import Unreadable, reading

MEMORY = 4 * 2**30
SECONDS = 120
"""Of CPU."""


def unpack(source: str, target: str) -> None:
    """Write ``source`` as 24-bit WAV of the same rate and channels. Raises Unreadable or OSError."""
    with (
        reading(source) as reader,
        soundfile.SoundFile(
            target, "w", reader.info.rate, reader.info.channels, subtype="PCM_24", format="WAV"
        ) as out,
    ):
        for block in reader:
            out.write(block.T)


def main(arguments: list[str]) -> int:
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        resource.setrlimit(what, (most, most))
    try:
        unpack(*arguments)
    except Unreadable as error:
        print(str(error), file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
