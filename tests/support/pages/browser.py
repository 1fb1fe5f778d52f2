"""A headless Chromium that tests steer over a pipe: no port, no driver, no package."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--autoplay-policy=no-user-gesture-required", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-sync", "--mute-audio",
    "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE_S = 60.0


class Browser:
    """One browser with one page; used as a context.

    Attributes
    ----------
    problems : list of str
        What the console was told, and exceptions, since the latest :meth:`open`.
    requests : list of str
        Addresses that the page asked for since then, itself left out.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._number = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._events: list[str] = []
        self._text = b""

    def __enter__(self) -> Self:
        self._folder = tempfile.mkdtemp()
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        command = [shutil.which("chromium") or "chromium", *FLAGS,
                   f"--user-data-dir={self._folder}"]  # fmt: skip
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser}', "bash", *command],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._out)
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        shutil.rmtree(self._folder, ignore_errors=True)

    def open(self, page: Path | str) -> float:
        """Open a page and return the seconds until it had loaded."""
        self.problems.clear()
        self.requests.clear()
        self._events.clear()
        self._page = page if isinstance(page, str) else page.as_uri()
        began = time.monotonic()
        self.call("Page.navigate", url=self._page)
        while "Page.loadEventFired" not in self._events:
            self._read()
        return time.monotonic() - began

    def run(self, script: str) -> Any:
        """Return the value of an expression; a promise is awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True,
            userGesture=True,
        )  # fmt: skip
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def key(self, key: str, code: str = "") -> None:
        """Press a key and let it go."""
        text = key if len(key) == 1 else ""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code,
                      text=text if kind == "keyDown" else "")  # fmt: skip

    def size(self, width: int, height: int, scale: float = 1.0, theme: str = "light") -> None:
        """Set the size of the window, in CSS pixels, and what the system prefers."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=scale, mobile=width < 600)  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": theme}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write what is shown as PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the page's."""
        return self._call(method, session=self._session, **parameters)

    def _call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        while number not in self._answers:
            self._read()
        answer = self._answers.pop(number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _read(self) -> None:
        """Take the next messages."""
        import select

        if not select.select([self._in], [], [], PATIENCE_S)[0]:
            raise AssertionError("the browser does not answer")
        part = os.read(self._in, 1 << 20)
        if not part:
            raise AssertionError("the browser has ended")
        *whole, self._text = (self._text + part).split(b"\0")
        for text in whole:
            message = json.loads(text)
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self._note(message["method"], message.get("params", {}))

    def _note(self, method: str, values: dict[str, Any]) -> None:
        self._events.append(method)
        if method == "Runtime.consoleAPICalled":
            said = [str(one.get("value", one.get("description"))) for one in values["args"]]
            self.problems.append(f"console: {' '.join(said)}")
        elif method == "Runtime.exceptionThrown":
            self.problems.append(f"exception: {values['exceptionDetails']}")
        elif method == "Log.entryAdded":
            self.problems.append(f"log: {values['entry']['text']}")
        elif method == "Network.requestWillBeSent":
            address = values["request"]["url"]
            if address != self._page and not address.startswith(("data:", "blob:")):
                self.requests.append(address)
