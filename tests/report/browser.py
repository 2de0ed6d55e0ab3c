"""A headless Chromium over its DevTools pipe: the standard library is all that it takes."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "chrome"]


def find_browser():
    """The browser's path, or None."""
    named = os.environ.get("OCTAVO_BROWSER")
    return named or next((path for path in map(shutil.which, PROGRAMS) if path), None)


class Browser:
    """One tab. What the page writes to the console as an error, what it throws, and every request
    that it makes are kept in `errors` and `requests`."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="octavo-browser-")
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()

        def place_pipes():  # the browser reads file 3 and writes file 4
            source_in, source_out = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(source_in, 3)
            os.dup2(source_out, 4)

        self.process = subprocess.Popen(
            [find_browser(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
             "--force-device-scale-factor=1", f"--user-data-dir={self.profile}",
             "--remote-debugging-pipe", "about:blank"],
            preexec_fn=place_pipes, close_fds=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self.output, self.input = ours_out, ours_in
        self.buffer = b""
        self.number = 0
        self.session = None
        self.errors, self.requests = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(f"{domain}.enable")

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        os.close(self.output)
        os.close(self.input)
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _message(self):
        while b"\0" not in self.buffer:
            part = os.read(self.input, 1 << 20)
            if not part:
                raise RuntimeError("the browser has gone")
            self.buffer += part
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def _note(self, event):
        method, values = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = values["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
            self.errors.append(" ".join(str(a.get("value", a)) for a in values["args"]))
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.errors.append(values["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            url = values["request"]["url"]
            if not url.startswith("data:"):  # inside the page
                self.requests.append(url)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") != self.number:
                self._note(answer)
                continue
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            return answer["result"]

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)  # fmt: skip

    def prefer(self, scheme):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])  # fmt: skip

    def open(self, path):
        """Opens the file and waits until the report has drawn itself; gives its milliseconds."""
        self.errors.clear()
        self.requests.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        end = time.monotonic() + 30
        while time.monotonic() < end:
            ready = self.js("window.octavoReport ? octavoReport.readyMs : null")
            if ready is not None:
                self.settle()
                return ready
            if self.errors:
                break
            time.sleep(0.02)
        raise RuntimeError(f"{path} did not get ready: {self.errors}")

    def js(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)  # fmt: skip
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def settle(self):
        """Until three frames are drawn: one to move, one to notice what came into view, one to draw."""
        self.js(
            "new Promise(done => { let frames = 3;"
            " const next = () => (frames-- ? requestAnimationFrame(next) : done()); next(); })"
        )

    def click(self, x, y):
        for kind in ["mousePressed", "mouseReleased"]:
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def key(self, name):
        text = {"Enter": "\r"}.get(name)
        code = {"Enter": 13, "Tab": 9}[name]
        self.call("Input.dispatchKeyEvent", type="keyDown", key=name, code=name,
                  windowsVirtualKeyCode=code, **({"text": text} if text else {}))  # fmt: skip
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name, code=name,
                  windowsVirtualKeyCode=code)  # fmt: skip
        self.settle()

    def screenshot(self, path, clip=None):
        """All charts drawn, of the whole page, or of `clip`: (x, y, width, height) on the page."""
        if clip is None:
            content = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = (0, 0, content["width"], content["height"])
        self.js("octavoReport.drawNewCharts()")
        self.settle()
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                            clip=dict(zip(["x", "y", "width", "height"], clip), scale=1))  # fmt: skip
        path.write_bytes(base64.b64decode(picture["data"]))
