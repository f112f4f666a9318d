"""Sounds of the person's own as whole numbers of 24 bits: one to read, and where one may be written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.desk import Desk
from jobs.recipes.outside import new_file
from jobs.sound import pcm
from jobs.sound.decoder import Decoder, decoding
from jobs.sound.formats import ENDINGS, Unwritable
from jobs.sound.reader import Unreadable
from store.errors import BadInput, Usage
from store.files import disk


def exact_file(word: str, desk: Desk, field: str) -> Path:
    """A new file whose kind keeps whole numbers. Raises Usage, NotFound, BadInput as `new_file` does."""
    name, ending = Path(word).name, Path(word).suffix.lower()
    exact = [one for one, kind in ENDINGS.items() if kind not in pcm.LOSSY]
    if ending not in ENDINGS:
        raise Usage(f"{field}: {name}: ending {ending!r} names no format; use one of {', '.join(exact)}")
    if ending not in exact:
        raise Usage(f"{field}: {name}: keeps no whole numbers; nearest: .flac, or .wav")
    return new_file(word, desk, field)


@contextmanager
def writable(path: Path, field: str) -> Iterator[None]:
    """Raises Usage for what the kind of file can't hold, Busy for what the disk refuses, BadInput for a path
    where no file can be."""
    try:
        with disk(path):
            yield
    except Unwritable as error:
        raise Usage(f"{field}: {error}") from None
    except OSError as error:
        raise BadInput(f"{field}: {error.strerror or error}; choose another name or folder") from None


@contextmanager
def exact_stream(path: str, field: str, desk: Desk) -> Iterator[Decoder]:
    """The sound, decoded in a process with limits; what had to be done to it is said. Raises BadInput,
    Stopped."""

    def told(done: float, promised: float) -> None:
        desk.progress(round(done, 1), round(promised, 1), "s read")

    try:
        with decoding(path, desk.check, told) as sound:
            for note in _notes(sound):
                desk.note(f"{Path(path).name}{note}")
            yield sound
    except Unreadable as error:
        raise BadInput(f"{field}: {error}") from None


def exact_sound(path: str, field: str, desk: Desk, most: int = 2**27) -> pcm.Pcm:
    """The whole of it, of at most ``most`` samples times channels. Raises BadInput, Stopped."""
    with exact_stream(path, field, desk) as sound:
        return sound.whole(most)


def _notes(sound: Decoder) -> Iterator[str]:
    if not sound.exact:
        yield f" holds {sound.info.subtype}; its samples are rounded to 24 bits"
    if sound.beyond:
        yield f": {sound.beyond} samples are above full scale and are held there"
    if sound.info.truncated:
        yield f": {sound.info.truncated}; what is there is used"
