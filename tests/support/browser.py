"""A headless Chromium in which a test views pages, over the DevTools protocol.

``Browser.find()`` says where it is, if it is. Network beyond loopback is off: every name
but localhost leads nowhere.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
    "--window-size=1400,1600",
)
_PATIENCE = 60.0
"""Seconds to wait for what must come: CI machines are slow."""


class Browser:
    """One page in one browser process; use it as a context manager."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._runner = asyncio.Runner()
        self._ids = itertools.count(1)

    @staticmethod
    def find() -> str | None:
        """The path of the program, or None."""
        return (
            shutil.which("chromium")
            or shutil.which("chromium-browser")
            or shutil.which("google-chrome")
        )

    def __enter__(self) -> Browser:
        program = self.find()
        assert program is not None
        self._process = subprocess.Popen(
            [program, *_FLAGS, f"--user-data-dir={self._home}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._runner.run(self._connect())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self._close())
        self._runner.close()
        self._process.terminate()
        self._process.wait(30)

    def open(self, url: str) -> None:
        """Go to a page, and wait for it to be loaded."""
        self._send("Page.navigate", url=url)
        self.wait_for(f"document.readyState === 'complete' && location.href === {url!r}")

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self._send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """The value of an expression once it is true; TimeoutError where it never is."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if value := self.evaluate(script):
                return value
            time.sleep(0.05)
        raise TimeoutError(script)

    def screenshot(self, path: Path) -> None:
        """A screenshot of the window, for a person to look at."""
        path.write_bytes(base64.b64decode(self._send("Page.captureScreenshot")["data"]))

    def resize(self, width: int, height: int) -> None:
        """Set the size of the window; a narrow one is like a phone's."""
        self._send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )

    def prefer(self, scheme: str) -> None:
        """Set the system's preferred colour scheme: ``light`` or ``dark``."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._send("Emulation.setEmulatedMedia", features=features)

    def type(self, text: str) -> None:
        """Type into the focused element."""
        self._send("Input.insertText", text=text)

    def _send(self, method: str, **parameters: Any) -> Any:
        return self._runner.run(self._call(method, parameters))

    async def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            answer = await self._socket.receive_json(timeout=_PATIENCE)
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                return answer["result"]

    async def _connect(self) -> None:
        port = await self._port()
        self._client = aiohttp.ClientSession()
        async with self._client.get(f"http://127.0.0.1:{port}/json/list") as response:
            pages = [p for p in await response.json() if p["type"] == "page"]
        self._socket = await self._client.ws_connect(
            pages[0]["webSocketDebuggerUrl"], max_msg_size=0
        )

    async def _port(self) -> str:
        file = self._home / "DevToolsActivePort"
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if file.exists() and (text := file.read_text()):
                return text.split("\n")[0]
            await asyncio.sleep(0.05)
        raise TimeoutError("the browser did not start")

    async def _close(self) -> None:
        await self._socket.close()
        await self._client.close()
