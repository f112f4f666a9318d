"""Words from outside made safe to show, and figures made short to read.

Names, tags and messages come from files that anybody may have made. The terminal obeys control bytes,
so everything from outside passes ``safe_text`` before it is drawn. Light: the command line uses it too.
"""

import unicodedata
from datetime import UTC, datetime
from functools import lru_cache

_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F}
_UNSEEN = {0xAD, 0x34F, 0x180E, 0xFEFF, *range(0x200B, 0x200E), *range(0x2060, 0x2065)}
_SELECTORS = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x1F3FB, 0x1F400)}
_MARKS_AT_MOST = 2
_LONGEST = 4000


def safe_text(value: object, width: int | None = None) -> str:
    """``value`` as one line that no terminal obeys, at most ``width`` cells wide.

    Control bytes become their pictures (``␛``), what reorders or can't be encoded becomes ``�``, what
    is invisible is left out, and heaps of combining marks are thinned.
    """
    text = value if isinstance(value, str) else str(value)
    if len(text) > _LONGEST:
        # Nobody reads more in a line, and drawing it would take seconds.
        text = text[:_LONGEST] + "…"
    if not (text.isascii() and text.isprintable()):
        text = _clean(text)
    if width is None or (len(text) <= width and text.isascii()):
        return text
    return crop(text, width)


@lru_cache(maxsize=2048)
def _clean(text: str) -> str:
    out: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        code = ord(char)
        if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            if marks > _MARKS_AT_MOST or not out or code in _SELECTORS:
                continue
            out.append(char)
            continue
        marks = 0
        out.append(_shown(char, code))
    return "".join(out)


def _shown(char: str, code: int) -> str:
    if code < 32:
        return chr(0x2400 + code)
    if code == 127:
        return "\u2421"
    if code in _UNSEEN or code in _SELECTORS or 0xE0000 <= code < 0xE0080:
        return ""
    if 0x1F1E6 <= code <= 0x1F1FF:
        # Terminals disagree on the width of flags: their letters are shown.
        return chr(code - 0x1F1E6 + 65)
    if code in _BIDI or 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in (0x2028, 0x2029):
        return "\ufffd"
    return char if char.isprintable() else (" " if char.isspace() else "\ufffd")


def cells(text: str) -> int:
    """Columns that ``text`` takes in a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def crop(text: str, width: int) -> str:
    """``text`` cut to ``width`` cells, with an ellipsis where something is missing."""
    if cells(text) <= width:
        return text
    if width < 1:
        return ""
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip() + "…"


def tail(value: object, width: int) -> str:
    """Safe, and cut at its beginning: of a path the end says most."""
    text = safe_text(value)
    if len(text) > 4 * max(1, width):
        text = "…" + text[-4 * max(1, width) :]
    while cells(text) > max(1, width):
        text = "…" + text[2:] if text.startswith("…") else "…" + text[1:]
    return text


def pad(value: object, width: int, right: bool = False) -> str:
    """Safe, cut and filled to exactly ``width`` cells."""
    text = safe_text(value, max(0, width))
    space = " " * (width - cells(text))
    return space + text if right else text + space


def clock(seconds: float | None) -> str:
    """``0:04.2``, ``12:05``, ``1:02:03``."""
    if seconds is None:
        return "-:--"
    seconds = max(0.0, seconds)
    if seconds < 60:
        return f"0:{int(seconds * 10) / 10:04.1f}"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def span(seconds: float | None) -> str:
    """How long, in words of one unit or two: ``42 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds is None or seconds != seconds:
        return "?"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole // 60 % 60} min"


def size(count: float) -> str:
    """Bytes: ``820 B``, ``1.4 MB``."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def figure(value: object) -> str:
    """A number in at most seven characters, a list with commas; anything else as it is."""
    if isinstance(value, list | tuple):
        return ", ".join(str(one) if isinstance(one, list | tuple) else figure(one) for one in value) or "-"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        return "-"
    if isinstance(value, int):
        return str(value)
    if value and not 0.001 <= abs(value) < 100_000:
        return f"{value:.1e}"
    return f"{value:.4g}"


def chance(share: float) -> str:
    """In percent; nothing that was found out by counting cases is certain."""
    return f"{min(share, 0.99):.0%}"


def when(stamp: str | None) -> str:
    """An ISO-8601 time in the person's own zone: ``21 Nov 09:30``; the year when it is another one."""
    if not stamp:
        return ""
    try:
        moment = datetime.fromisoformat(stamp).astimezone()
    except ValueError:
        return safe_text(stamp, 16)
    return moment.strftime("%d %b %H:%M" if moment.year == datetime.now(UTC).year else "%d %b %Y")


def rates(values: list[int]) -> str:
    """``44.1 kHz``, ``44.1-48 kHz``."""
    if not values:
        return "? kHz"
    low, high = min(values) / 1000, max(values) / 1000
    return f"{low:g} kHz" if low == high else f"{low:g}-{high:g} kHz"


def count(number: int, word: str) -> str:
    """``1 sound``, ``2 sounds``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
