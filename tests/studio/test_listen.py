# ruff: noqa: E501 - requests are read as requests
"""The player page's door: who gets in, which bytes they get, and what a hostile client can't do."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.listen import http, routes
from studio.listen.page import CONNECTIONS, STREAMS, PlayerPage
from tests.studio.house import tone

Ask = Callable[..., Any]


@pytest.fixture
async def page() -> AsyncIterator[PlayerPage]:
    served = PlayerPage()
    await served.open()
    yield served
    await served.close()


async def raw(page: PlayerPage, data: bytes, wait: float = 5) -> bytes:
    """What comes back for these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
    writer.write(data)
    try:
        return await asyncio.wait_for(reader.read(1 << 22), wait)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def get(page: PlayerPage, way: str = "", method: str = "GET", token: str = "", body: bytes = b"", **headers: str) -> tuple[int, dict, bytes]:  # fmt: skip
    told = {
        "Host": f"127.0.0.1:{page.port}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    if body:
        told["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    data = f"{method} /{token or page.token}/{way} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body
    reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
    writer.write(data)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    first, _, rest = answer.partition(b"\r\n")
    lines, _, content = rest.partition(b"\r\n\r\n")
    found = dict(line.split(": ", 1) for line in lines.decode().split("\r\n"))
    return int(first.split()[1]), found, content


@pytest.mark.parametrize(
    ("why", "headers", "status"),
    [
        ("itself", {}, 200),
        ("another port at the far end of ssh", {"Host": "localhost:9999"}, 200),
        ("a name that means 127.0.0.1", {"Host": "evil.example:80"}, 403),
        ("a name that begins like it", {"Host": "127.0.0.1.evil.example"}, 403),
        ("no host", {"Host": ""}, 403),
        ("another site", {"Origin": "http://evil.example"}, 403),
        ("a sandboxed frame", {"Origin": "null"}, 403),
        ("another port of this machine", {"Origin": "http://127.0.0.1:1"}, 403),
        ("a picture in another site", {"Sec_Fetch_Site": "cross-site"}, 403),
        ("a page of this machine", {"Sec_Fetch_Site": "same-site"}, 403),
    ],
)
async def test_who_gets_in(page: PlayerPage, why: str, headers: dict, status: int) -> None:
    assert (await get(page, **headers))[0] == status, why


async def test_without_the_token_nothing_is_there(page: PlayerPage) -> None:
    assert len(page.token) >= 20
    for token in ("x", page.token[:-1], page.token + "x", page.token.swapcase(), "", ".."):
        data = f"GET /{token} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        assert (await raw(page, data)).startswith(b"HTTP/1.1 404"), token


async def test_only_what_was_offered_is_there(page: PlayerPage, tmp_path: Path) -> None:
    offer = page.offer(str(tone(tmp_path / "a.wav", 0.1)))
    assert (await get(page, f"sound/{offer.id}"))[0] == 200
    for way in ("sound/", "sound/..%2f..%2fetc%2fpasswd", "sound/../page.js", f"sound/{offer.id}/x", "page.py",
                "http.py", f"wave/{offer.id}", "sound/%00", "told", "..", "events/x"):  # fmt: skip
        assert (await get(page, way))[0] == 404, way
    (tmp_path / "a.wav").unlink()
    assert (await get(page, f"sound/{offer.id}"))[0] == 404


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
async def test_what_is_no_file_is_not_sent_and_not_left_open(
    page: PlayerPage, tmp_path: Path, make: Any
) -> None:
    place = tmp_path / "gone.wav"
    offer = page.offer(str(tone(place)))
    place.unlink()
    make(place)
    handles = Path("/proc/self/fd")
    before = len([*handles.iterdir()]) if handles.is_dir() else 0
    for _ in range(5):
        assert (await get(page, f"sound/{offer.id}"))[0] == 404
    assert not before or len([*handles.iterdir()]) <= before + 1


async def test_answers_say_what_a_browser_may_do(page: PlayerPage) -> None:
    status, headers, content = await get(page)
    assert status == 200 and b"<title>woodshed</title>" in content
    assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert not re.search(rb"https?://|style=|onclick", content), "nothing from elsewhere, nothing inline"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-", 206, (0, None)),
        ("bytes=10-19", 206, (10, 20)),
        ("bytes=-5", 206, (-5, None)),
        ("bytes=5-1000000000", 206, (5, None)),
        ("bytes=1000000000-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=9-3", 200, (0, None)),
        ("bytes=0-1,4-5", 200, (0, None)),
        ("lines=0-1", 200, (0, None)),
        ("bytes=x", 200, (0, None)),
    ],
)
async def test_ranges(page: PlayerPage, tmp_path: Path, asked: str, status: int, span: Any) -> None:
    """RFC 9110, section 14."""
    path = tone(tmp_path / "a.wav", 0.1)
    whole = path.read_bytes()
    found, headers, content = await get(page, f"sound/{page.offer(str(path)).id}", Range=asked)
    assert found == status
    if span is None:
        assert headers["Content-Range"] == f"bytes */{len(whole)}"
        return
    assert content == whole[span[0] : span[1]]
    assert int(headers["Content-Length"]) == len(content)
    if status == 206:
        begin = span[0] % len(whole)
        assert headers["Content-Range"] == f"bytes {begin}-{begin + len(content) - 1}/{len(whole)}"
    none = await get(page, f"sound/{page.offer(str(path)).id}", method="HEAD", Range=asked)
    assert none[0] == status and none[2] == b""


@given(st.text(max_size=40), st.integers(0, 1000))
def test_any_range_is_inside_the_file_or_refused(asked: str, size: int) -> None:
    try:
        found = http.span(f"bytes={asked}", size)
    except http.Wrong as error:
        assert error.status == 416
        return
    assert found is None or 0 <= found[0] <= found[1] < size


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    try:
        http.admit(http.parse(data), "token")
    except http.Wrong as error:
        assert error.status in http.REASONS


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"BREW / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\n: x\r\n\r\n",
        b"A" * 200_000,
    ],
)
async def test_nonsense_is_answered_or_hung_up_on(page: PlayerPage, data: bytes) -> None:
    answer = await raw(page, data)
    assert answer == b"" or re.match(rb"HTTP/1.1 (400|403|405)", answer)
    assert (await get(page))[0] == 200


async def test_who_says_nothing_can_not_hold_the_studio(
    page: PlayerPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.listen.page.PATIENCE", 0.3)
    silent = [await asyncio.open_connection("127.0.0.1", page.port) for _ in range(CONNECTIONS)]
    answer = await raw(page, f"GET /{page.token}/ HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert answer == b"" or answer.startswith(b"HTTP/1.1 503")
    await asyncio.sleep(0.5)
    assert (await get(page))[0] == 200
    for _, writer in silent:
        writer.close()


async def test_it_listens_on_loopback_alone(page: PlayerPage) -> None:
    assert page._server and {one.getsockname()[0] for one in page._server.sockets} == {"127.0.0.1"}


async def test_the_port_of_last_time_is_taken_again_unless_somebody_has_it(page: PlayerPage) -> None:
    other = PlayerPage()
    await other.open(page.port)
    assert other.port not in (0, page.port)
    port = other.port
    await other.close()
    again = PlayerPage()
    await again.open(port)
    assert again.port == port
    await again.close()


async def test_a_browser_that_listens_gets_every_command(page: PlayerPage, tmp_path: Path) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
    writer.write(f"GET /{page.token}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    async def state() -> dict:
        return json.loads((await asyncio.wait_for(reader.readuntil(b"\n\n"), 5)).split(b"data: ")[1])

    assert (await state())["sound"] is None
    assert page.connected
    page.load(str(tone(tmp_path / "a.wav", 2.0)), "a tone", 2.0)
    page.start()
    told = await state()
    assert told["playing"] and told["sound"]["title"] == "a tone" and "path" not in json.dumps(told)
    answer = {
        "order": told["order"],
        "sound": told["sound"]["id"],
        "at": 1.5,
        "seconds": 2.0,
        "playing": False,
    }
    await get(page, "told", "POST", body=json.dumps(answer).encode(), Origin=f"http://127.0.0.1:{page.port}")
    assert page.position == 1.5 and not page.playing
    # What it says late of an older command changes nothing.
    page.seek_to(0.2)
    await get(page, "told", "POST", body=json.dumps(answer).encode(), Origin=f"http://127.0.0.1:{page.port}")
    assert page.position == pytest.approx(0.2)
    writer.close()
    await asyncio.sleep(0.2)
    assert not page.connected


async def test_streams_have_a_number_too(page: PlayerPage) -> None:
    ask = f"GET /{page.token}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    held = []
    for _ in range(STREAMS):
        reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
        writer.write(ask)
        await reader.readuntil(b"\n\n")
        held.append(writer)
    assert (await raw(page, ask)).startswith(b"HTTP/1.1 503")
    for writer in held:
        writer.close()


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"3",
        b"{",
        b'{"at": "x"}',
        b'{"at": NaN}',
        b'{"at": 1e400}',
        b"[" * 3000,
        b'{"sound": [1]}',
        b'{"at": 1%s}' % (b"0" * 400),
    ],
)
async def test_what_a_browser_says_is_not_believed(page: PlayerPage, body: bytes) -> None:
    status, _, _ = await get(page, "told", "POST", body=body, Origin=f"http://127.0.0.1:{page.port}")
    assert status in (204, 400)
    assert page.position == 0.0
    assert (await get(page, "told", "POST", body=b"{}"))[0] == 403, (
        "a form of another site has no origin of ours"
    )
    assert (await get(page, "told", "POST", body=b"x" * 5000, Origin=f"http://127.0.0.1:{page.port}"))[
        0
    ] == 413


def test_lines_to_copy_are_safe_to_paste(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import shlex

    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.9 5000 10.0.0.7 22")
    assert routes.here().endswith("@10.0.0.7")
    assert routes.forward_line(7000).startswith("ssh -N -L 7000:127.0.0.1:7000 ")
    assert shlex.split(routes.copy_line("/x/-a.wav"))[2:] == [".", "&&", "mpv", "./-a.wav"]
    monkeypatch.setenv("SSH_CONNECTION", "fe80::9 5000 fe80::7 2222")
    assert routes.here().startswith("-p 2222 ") and routes.here().endswith("@fe80::7")
    copy = shlex.split(routes.copy_line("/x/a.wav"))
    assert copy[:3] == ["scp", "-P", "2222"] and copy[3].endswith("@[fe80::7]:/x/a.wav")


@pytest.mark.parametrize(
    "name",
    [
        b"a b.wav",
        b"it's; touch x #$HOME`id`.wav",
        b"\x1b[31m\xff%s\\n\n\xc3\xa9'.wav",
        b"-rf *.wav",
        b"..wav",
    ],
)
def test_a_line_fetches_a_file_of_any_name(tmp_path: Path, name: bytes) -> None:
    """Read by two shells, that of the person and that at the far end, as sshd starts it."""
    import os
    import subprocess

    far, near, programs = tmp_path / "far", tmp_path / "near", tmp_path / "bin"
    for folder in (far, near, programs):
        folder.mkdir()
    path = os.fsencode(far) + b"/" + name
    Path(os.fsdecode(path)).write_bytes(b"sound")
    for program, does in (("ssh", 'exec sh -c "$2"'), ("scp", 'cp "${1#*:}" .'), ("mpv", 'cat "$1"')):
        (programs / program).write_text(f"#!/bin/sh\n{does}\n")
        (programs / program).chmod(0o755)
    line = routes.copy_line(os.fsdecode(path))
    assert line.isascii() and line.isprintable()
    env = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(["sh", "-c", line], cwd=near, env=env, capture_output=True, timeout=10)
    assert done.stdout == b"sound", (line, done.stderr)
    assert len(list(near.iterdir())) == 1 and len(list(far.iterdir())) == 1


async def test_a_page_comes_before_the_card_of_a_machine_far_away(
    page: PlayerPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.player import Player

    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.9 5000 10.0.0.7 22")
    far = Player()
    monkeypatch.setenv("PULSE_SERVER", "unix:/tmp/none")
    brought = Player()
    for player in (far, brought):
        player.device.there, player.page = True, page
    assert (far.route, brought.route) == ("device", "device")
    reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
    writer.write(f"GET /{page.token}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    await reader.readuntil(b"\n\n")
    assert (far.route, brought.route) == ("browser", "device")
    far.via = "device"
    assert far.route == "device", "by hand"
    writer.close()
