"""A headless Chromium, driven through its own protocol over a pipe: needs no package, no port.

The protocol: https://chromedevtools.github.io/devtools-protocol/.
"""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 60.0
"""Seconds until an answer that does not come is a failure; a busy machine is none."""

# The browser reads commands from descriptor 3 and writes to 4, where subprocess can put nothing.
PLACE = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One Chromium; its tabs see nothing of each other."""

    def __init__(self, program: str, profile: Path) -> None:
        reads, self._out = os.pipe()
        self._in, writes = os.pipe()
        command = [
            sys.executable, "-c", PLACE, str(reads), str(writes), program, "--headless=new",
            "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-first-run",
            "--disable-gpu", "--disable-extensions", "--disable-background-networking",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, pass_fds=(reads, writes), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        os.close(reads)
        os.close(writes)
        self._number = 0
        self._buffer = b""
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Ask, and wait for the answer; messages in between go into ``events``."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            message = self._receive()
            if message.get("id") == self._number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self.events.append(message)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], PATIENCE)
            part = os.read(self._in, 1 << 20) if ready else b""
            assert part, "the browser does not answer"
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def close(self) -> None:
        try:
            self.send("Browser.close")
        finally:
            os.close(self._out)
            os.close(self._in)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class Tab:
    """One page, used as a person would: by looking, clicking and typing."""

    def __init__(self, browser: Browser, width: int, height: int, dark: bool = False) -> None:
        self._browser = browser
        self._context = browser.send("Target.createBrowserContext")["browserContextId"]
        target = browser.send(
            "Target.createTarget", url="about:blank", browserContextId=self._context
        )["targetId"]
        self._session = browser.send("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.send(method, self._session, **parameters)

    def open(self, path: Path, fragment: str = "") -> float:
        """Load a file; gives the seconds until it was ready."""
        self.send("Page.navigate", url="about:blank")  # another fragment alone would not load
        before = time.perf_counter()
        self.send("Page.navigate", url=path.resolve().as_uri() + fragment)
        self.wait("document.readyState === 'complete'")
        self.wait("document.querySelector('#browser:not([hidden])')")
        return time.perf_counter() - before

    def see(self, expression: str) -> Any:
        """The value of an expression, once two frames were drawn."""
        frames = "await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));"
        result = self.send(
            "Runtime.evaluate",
            expression=f"(async () => {{ {frames} return ({expression}); }})()",
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until something holds."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.send("Runtime.evaluate", expression=f"Boolean({condition})")
            if found["result"].get("value"):
                return
            time.sleep(0.005)
        pytest.fail(f"never came true: {condition}")

    def click(self, selector: str) -> None:
        """Press the mouse in the middle of what a selector finds first."""
        x, y = self.see(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def choose(self, selector: str, shown: str) -> None:
        """Select the option with this text; its list is the system's, which headless has not."""
        picked = self.see(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            f" const o = [...e.options].find(o => o.text === {json.dumps(shown)});"
            " if (o) { e.value = o.value; e.dispatchEvent(new Event('change', {bubbles: true})); }"
            " return Boolean(o); })()"
        )
        assert picked, f"{selector} has no {shown}"

    def key(self, key: str) -> None:
        """Press a key: a character, or a name such as ``Escape``."""
        codes = {"Escape": 27, "Tab": 9, "Enter": 13, "ArrowDown": 40, "ArrowUp": 38, " ": 32}
        message = {"key": key, "windowsVirtualKeyCode": codes.get(key, 0)}
        if len(key) == 1:
            message["text"] = key
        elif key == "Enter":
            message["text"] = "\r"
        self.send("Input.dispatchKeyEvent", type="keyDown", **message)
        self.send("Input.dispatchKeyEvent", type="keyUp", **message)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        for character in text:
            self.key(character)

    def screenshot(self, path: Path, whole: bool = False) -> None:
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, path: Path) -> None:
        printed = self.send("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(printed["data"]))

    def complaints(self) -> list[str]:
        """Errors and warnings of the console, and exceptions that nobody caught."""
        found = []
        for method, message in self._events():
            if method == "Runtime.exceptionThrown":
                details = message["exceptionDetails"]
                found.append(details.get("exception", {}).get("description", details["text"]))
            elif method == "Log.entryAdded":
                found.append(message["entry"]["text"])
            elif method == "Runtime.consoleAPICalled" and message["type"] in {"error", "warning"}:
                found.append(json.dumps(message["args"]))
        return found

    def requests(self) -> list[str]:
        """Addresses that were asked for."""
        return [
            message["request"]["url"]
            for method, message in self._events()
            if method == "Network.requestWillBeSent"
        ]

    def _events(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            (event["method"], event["params"])
            for event in self._browser.events
            if event.get("sessionId") == self._session
        ]

    def close(self) -> None:
        self._browser.send("Target.disposeBrowserContext", browserContextId=self._context)
