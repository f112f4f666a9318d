# ruff: noqa: E501 - JavaScript and lines of ssh are read as they stand
"""The player page in a real browser, at first hand and at the far end of a real ``ssh -L``."""

import asyncio
import getpass
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.library import Library
from studio.listen.page import PlayerPage
from tests.studio import house
from tests.studio.browser import Browser, program
from tests.studio.conftest import studio

NOW = "(current() ? {at: current().currentTime, playing: !current().paused, title: now.title, loop: current().loop, volume: current().volume} : {})"


async def until(browser: Browser, code: str, seconds: float = 15) -> None:
    """Wait until JavaScript says yes; the studio's loop goes on meanwhile."""
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(browser.run, code):
        assert time.monotonic() < end, f"{code} never came: {browser.run(NOW)}"
        await asyncio.sleep(0.1)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path / "browser") as one:
        yield one


async def test_what_is_played_in_the_studio_is_heard_in_the_browser_UX(
    home: Path, browser: Browser, tmp_path: Path
) -> None:
    """Play, pause, seek, loop and volume by the studio's keys; the place comes back; A and B are swapped there."""
    library = Library()
    house.furnish(library)
    long = [
        house.tone(tmp_path / f"{name}.wav", 6.0, pitch=pitch) for name, pitch in (("one", 220), ("two", 330))
    ]
    for record, path in zip(library.takes.all(), long, strict=False):
        library.takes.amend(record["id"], path=str(path), seconds=6.0, name=path.stem)
    app = studio("history")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        page = await app.serve()
        assert app.player.route == "path"
        await asyncio.to_thread(browser.open, page.url)
        while not page.connected:
            await asyncio.sleep(0.05)
        assert app.player.route == "browser"
        app.page.list.go(library.takes.all()[0]["id"])
        await pilot.press("space")
        await until(browser, f"{NOW}.playing && {NOW}.at > 0.3")
        assert browser.run(NOW)["title"] == "one"
        while app.player.position < 0.4:
            await asyncio.sleep(0.1)
        await pilot.press("]", "]")
        await until(browser, f"{NOW}.at > 2.0")
        await pilot.press("backslash", "less_than_sign", "less_than_sign")
        await until(browser, f"{NOW}.loop && Math.abs({NOW}.volume - 10 ** (-6 / 20)) < 0.01")
        await pilot.press("space")
        await until(browser, f"!{NOW}.playing")
        # In the browser: the person's keys there; the studio follows.
        await asyncio.to_thread(browser.key, " ", 32)
        await until(browser, f"{NOW}.playing")
        while not app.player.playing:
            await asyncio.sleep(0.05)
        # A and B by the studio's keys; then the browser swaps them by itself.
        await pilot.press("a", "k", "b", "x")
        await until(browser, f"{NOW}.title.startsWith('B two') && {NOW}.playing && state.pair.a")
        await until(browser, "audio(state.pair.a.id).readyState >= 3")
        before = await asyncio.to_thread(browser.run, NOW)
        await asyncio.to_thread(browser.key, "x", 88)
        await until(browser, f"{NOW}.title === 'one' && {NOW}.playing")
        after = await asyncio.to_thread(browser.run, NOW)
        assert 0 <= (after["at"] - before["at"]) % 6.0 < 2.0, "from the same place"
        assert after["volume"] == pytest.approx(before["volume"] * 10 ** (-1 / 20), abs=0.01), "as loud as B"
        while app.player.path != str(long[0]):
            await asyncio.sleep(0.05)
        await pilot.press("x")
        await until(browser, f"{NOW}.title.startsWith('B two')")
        await asyncio.to_thread(browser.open, "about:blank")
        while page.connected:
            await asyncio.sleep(0.05)
        assert app.player.route == "path" and not app.player.playing


async def test_a_browser_seeks_by_range(home: Path, browser: Browser, tmp_path: Path) -> None:
    path = house.tone(tmp_path / "long.wav", 60.0, rate=8000)
    page = PlayerPage()
    await page.open()
    asked: list[str] = []
    send = page._send

    async def noted(request, writer, path, kind):
        asked.append(request.headers.get("range", ""))
        await send(request, writer, path, kind)

    page._send = noted  # type: ignore[method-assign]
    await asyncio.to_thread(browser.open, page.url)
    while not page.connected:
        await asyncio.sleep(0.05)
    page.load(str(path), "long")
    page.start()
    await until(browser, f"{NOW}.at > 0.2")
    assert page.seconds == 0 or page.seconds == pytest.approx(60, abs=0.1)
    page.seek_to(50)
    await until(browser, f"{NOW}.at > 50.1")
    assert asked and all(one.startswith("bytes=") for one in asked)
    await page.close()


async def test_what_a_browser_can_not_decode_is_said(home: Path, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "noise.mp3").write_bytes(os.urandom(5000))
    page = PlayerPage()
    await page.open()
    await asyncio.to_thread(browser.open, page.url)
    while not page.connected:
        await asyncio.sleep(0.05)
    page.load(str(tmp_path / "noise.mp3"))
    page.start()
    for _ in range(100):
        if page.why:
            break
        await asyncio.sleep(0.1)
    assert "can't decode" in page.why
    await page.close()


async def test_by_a_real_ssh_forward(home: Path, browser: Browser, tmp_path: Path) -> None:
    """The line that the studio gives, with a real sshd: another port here, the same page."""
    server, keygen = program("sshd", "/usr/sbin/sshd"), program("ssh-keygen")
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    (tmp_path / "authorized").write_bytes((tmp_path / "user.pub").read_bytes())
    (tmp_path / "authorized").chmod(0o600)
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        port, far = one.getsockname()[1], two.getsockname()[1]
    config = f"""Port {port}
ListenAddress 127.0.0.1
HostKey {tmp_path}/host
AuthorizedKeysFile {tmp_path}/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
AllowTcpForwarding yes
"""
    (tmp_path / "sshd_config").write_text(config)
    Path("/run/sshd").mkdir(exist_ok=True) if os.getuid() == 0 else None
    page = PlayerPage()
    await page.open()
    sshd = subprocess.Popen([server, "-D", "-e", "-f", tmp_path / "sshd_config"], stderr=subprocess.PIPE)
    options = [
        "StrictHostKeyChecking=no",
        f"UserKnownHostsFile={tmp_path}/known",
        "ExitOnForwardFailure=yes",
        "ConnectionAttempts=20",
    ]
    flags = [flag for option in options for flag in ("-o", option)]
    forward = subprocess.Popen(
        [program("ssh"), *flags, "-i", tmp_path / "user", "-p", str(port), "-N", "-L", f"{far}:127.0.0.1:{page.port}",
         f"{getpass.getuser()}@127.0.0.1"],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", far)) == 0:
                    break
            assert forward.poll() is None, forward.stderr.read() if forward.stderr else ""
            await asyncio.sleep(0.1)
        await asyncio.to_thread(browser.open, page.url.replace(str(page.port), str(far)))
        for _ in range(100):
            if page.connected:
                break
            await asyncio.sleep(0.1)
        page.load(str(house.tone(tmp_path / "a.wav", 5.0)), "far away")
        page.start()
        await until(browser, f"{NOW}.title === 'far away' && {NOW}.at > 0.3")
        assert page.playing
    finally:
        forward.kill()
        sshd.kill()
        forward.wait()
        sshd.wait()
        await page.close()


def test_the_command_line_plays_by_a_browser_to_the_end_OUT_01(
    home: Path, browser: Browser, tmp_path: Path
) -> None:
    path = house.tone(tmp_path / "short.wav", 1.0)
    command = [sys.executable, "-m", "studio", "play", str(path), "--via", "browser", "--json"]
    playing = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert playing.stderr is not None
    playing.stderr.readline()
    browser.open(playing.stderr.readline().strip())
    told, _ = playing.communicate(timeout=30)
    assert playing.returncode == 0
    found = json.loads(told)
    assert (found["route"], found["path"]) == ("browser", str(path))
    assert found["seconds"] == pytest.approx(1.0, abs=0.05)
