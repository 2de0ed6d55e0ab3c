"""What bench/peers puts side by side: each way to make a quantized file, and how it is called."""

import dataclasses
import json
import re
import subprocess

from common import OCTAVO, ROOT, environment, hash_of, measured, model_file, recipe, run

BENCH = ROOT / "bench"
LONGEST_SECONDS = 1800


class Failure(Exception):
    """A tool made no file; the text says why."""


def last_line(text):
    """Of what a tool printed, without this machine's folders."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return re.sub(r"(/[\w.+@-]+)+/", "", lines[-1])[:160].replace("|", "/") if lines else "no word of explanation"


@dataclasses.dataclass(frozen=True)
class Octavo:
    name: str
    flags: tuple

    def key(self, model):
        return f"{hash_of(OCTAVO, model_file(model), recipe(model, 'calibration'))} {' '.join(self.flags)}"

    def make(self, model, samples, output):
        """Seconds and peak memory; the data are read as a user would have them read, decoding included."""
        try:
            return measured(OCTAVO, "quantize", model_file(model), "--calibration", recipe(model, "calibration"), "--threads", 2,
                            *self.flags, "-o", output)  # fmt: skip
        except SystemExit as failure:
            raise Failure(last_line(str(failure))) from None


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    environment: str  # of the virtual environment and its lock file
    variant: str
    script: str = ""  # peer_ENVIRONMENT.py, unless said otherwise

    @property
    def file(self):
        return BENCH / f"peer_{self.script or self.environment}.py"

    def key(self, model):
        lock = BENCH / "locks" / f"{self.environment}.lock"
        return f"{hash_of(lock, self.file, BENCH / 'peer.py', model_file(model), recipe(model, 'calibration'))} {self.variant}"

    def python(self):
        try:
            return environment(self.environment)
        except SystemExit as failure:
            raise Failure(f"does not install: {last_line(str(failure))}") from None

    def make(self, model, samples, output):
        if not samples.exists():
            run(OCTAVO, "samples", model_file(model), "--from", recipe(model, "calibration"), "-o", samples)
        command = [self.python(), self.file, model_file(model), samples, output, self.variant]
        try:
            result = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=LONGEST_SECONDS,
                                    cwd=samples.parent)  # some leave files where they are run
        except subprocess.TimeoutExpired:
            raise Failure(f"not ready after {LONGEST_SECONDS // 60} minutes") from None
        if result.returncode != 0 or not output.exists():
            raise Failure(last_line(result.stderr))
        return json.loads(result.stdout.strip().splitlines()[-1])


FOR_ONNXRUNTIME, FOR_OPENVINO = "octavo, for ONNX Runtime", "octavo, for OpenVINO"
TOOLS = [
    Octavo(FOR_ONNXRUNTIME, ("--target", "onnxruntime-x86")),
    Octavo(FOR_OPENVINO, ("--target", "openvino")),
    Octavo(f"{FOR_ONNXRUNTIME}, widest", ("--target", "onnxruntime-x86", "--coverage", "widest")),
    Octavo(f"{FOR_OPENVINO}, widest", ("--target", "openvino", "--coverage", "widest")),
    *(Peer(f"onnxruntime, {method}{granularity}", "bench", f"{method}{granularity}", "onnxruntime")
      for granularity in ("", ",per-tensor") for method in ("min-max", "percentile", "entropy")),
    Peer("nncf, performance", "nncf", "performance"),
    Peer("nncf, mixed", "nncf", "mixed"),
    Peer("aimet-onnx, min_max", "aimet", "min_max"),
    Peer("aimet-onnx, tf_enhanced", "aimet", "tf_enhanced"),
    Peer("amd-quark", "quark", "U8S8_AAWS"),
    Peer("onnx-neural-compressor", "neural_compressor", "min-max"),
]  # fmt: skip
QUICK_TOOLS = [FOR_ONNXRUNTIME, FOR_OPENVINO, "onnxruntime, min-max", "onnxruntime, percentile", "nncf, mixed"]
