"""As much of HTTP/1.1 as one page on loopback needs, and who may ask: RFC 9110 (ranges), RFC 9112 (messages).

A page on some other site can make the browser ask us things, and a name that somebody else owns can be
made to mean 127.0.0.1. So a request needs the token, a ``Host`` that is a loopback name, and, where the
browser says who asks, an ``Origin`` that is this page.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

HEAD_AT_MOST = 16_384
BODY_AT_MOST = 4_096
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
REASONS = {
    200: "OK",
    204: "No Content",
    206: "Partial Content",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    416: "Range Not Satisfiable",
    503: "Service Unavailable",
}
ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "media-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


class Wrong(Exception):
    """A request that is not answered; ``status`` is what it gets."""

    def __init__(self, status: int) -> None:
        super().__init__(REASONS[status])
        self.status = status


@dataclass(frozen=True)
class Request:
    """``parts``: the path between its slashes; ``headers`` by lower-case name."""

    method: str
    parts: tuple[str, ...]
    headers: Mapping[str, str]

    @property
    def length(self) -> int:
        """Bytes of the body. Raises Wrong."""
        told = self.headers.get("content-length", "0")
        if not re.fullmatch(r"\d{1,6}", told) or "transfer-encoding" in self.headers:
            raise Wrong(400)
        if int(told) > BODY_AT_MOST:
            raise Wrong(413)
        return int(told)


def parse(head: bytes) -> Request:
    """A request line and its headers, up to the empty line. Raises Wrong."""
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1") or not words[1].startswith("/"):
        raise Wrong(400)
    if words[0] not in ("GET", "HEAD", "POST"):
        raise Wrong(405)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not line:
            continue
        if not colon or not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or name.lower() in headers:
            # Twice the same header, and two readers may believe two things.
            raise Wrong(400)
        headers[name.lower()] = value.strip()
    path = words[1].partition("?")[0]
    return Request(words[0], tuple(path.split("/")[1:]), headers)


def admit(request: Request, token: str) -> tuple[str, ...]:
    """The path behind the token, of one who may ask. Raises Wrong."""
    if not _loopback(request.headers.get("host", "")):
        raise Wrong(403)
    origin = request.headers.get("origin")
    if origin is not None and not _own(origin, request.headers["host"]):
        raise Wrong(403)
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise Wrong(403)
    if request.method == "POST" and origin is None:
        raise Wrong(403)
    if not request.parts or not hmac.compare_digest(request.parts[0].encode("latin-1"), token.encode()):
        raise Wrong(404)
    return request.parts[1:]


def _loopback(host: str) -> bool:
    """Any port: what is forwarded by SSH may have another one at the other end."""
    name, port = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(:\d{1,5})?", host), host
    return bool(port and name and name[1].lower() in LOOPBACK)


def _own(origin: str, host: str) -> bool:
    try:
        told = urlsplit(origin)
    except ValueError:
        return False
    return told.scheme == "http" and told.netloc.lower() == host.lower()


def span(asked: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte that a ``Range`` header means of ``size`` bytes; None: all of them.

    More than one range, or a unit we don't know, is answered with all, as RFC 9110 allows. Raises Wrong
    where no byte of it is there.
    """
    found = re.fullmatch(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", asked or "")
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        first, last = max(0, size - int(found[2])), size - 1
        if int(found[2]) == 0:
            raise Wrong(416)
    else:
        first, last = int(found[1]), int(found[2]) if found[2] else size - 1
        if found[2] and last < first:
            return None
    last = min(last, size - 1)
    if first > last:
        raise Wrong(416)
    return first, last


def head(status: int, **headers: str | int) -> bytes:
    """Status line and headers; ``_`` in a name is ``-``."""
    told = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} {REASONS[status]}"]
    lines += [f"{name}: {value}" for name, value in {**ALWAYS, **told}.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
