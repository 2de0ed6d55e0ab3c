"""What the scripts of bench/ share: paths, processes, virtual environments, tables and results."""

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / "build" / "release" / "bin"
OCTAVO = Path(os.environ.get("OCTAVO", BIN / "octavo"))
ASSETS = ROOT.parent / "shared" / "assets"
RECIPES = ROOT / "tests" / "recipes"
DOCS = ROOT / "docs"
RESULTS = ROOT / "bench" / "results"
BUDGET_NOT_MET = 13  # octavo's exit code: a result that a page shows
DEMO = "characters"  # ships with the project
SHARED_MODELS = [
    "mobilenet_v2_1.0_224", "squeezenet1.1", "resnet20_cifar10", "resnet56_cifar10", "resnet8",
    "vww_96", "kws_fp32", "ppocr_cls",
]  # fmt: skip


def model_file(model):
    return ROOT / "demo" / f"{model}.onnx" if model == DEMO else ASSETS / "models" / f"{model}.onnx"


def recipe(model, part):
    """`part` is calibration or evaluation."""
    return ROOT / "demo" / f"{part}.yaml" if model == DEMO else RECIPES / f"{model}_{part}.yaml"


def output_folder(name=""):
    folder = ROOT / "build" / "bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run(*command):
    """The standard output; ends the script with what the command said where it fails."""
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, cwd=ROOT)
    if result.returncode not in (0, BUDGET_NOT_MET):
        sys.exit(f"{' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def measured(*command, output=subprocess.DEVNULL):
    """Seconds, processor seconds of all its threads and peak memory in MB (2^20 bytes) of one process; `output` is a file for
    what it prints."""
    with tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen([*map(str, command)], stdout=output, stderr=errors, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if os.waitstatus_to_exitcode(status) not in (0, BUDGET_NOT_MET):
            errors.seek(0)
            sys.exit(f"{' '.join(map(str, command))}\n{errors.read()}")
    return {"seconds": seconds, "processor_seconds": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}


def evaluate(model, files, *flags, evaluation=None):
    """The report of `octavo evaluate` on the float model and `files`, without this machine's folders.

    `model` is a name, or a path beside which `evaluation` is given."""
    source = model if isinstance(model, Path) else model_file(model)
    report = json.loads(run(OCTAVO, "evaluate", source, *files, "--json", "--evaluation",
                            evaluation or recipe(model, "evaluation"), *flags))  # fmt: skip
    for entry in report["models"]:
        entry["model"] = Path(entry["model"]).name
    return report


def narrowed_target(folder, weight_bits=8, activation_bits=8):
    """The x86 target with fewer bits: 8-bit codes of which some are left unused, so that its kernels run."""
    profile = json.loads(run(OCTAVO, "targets", "onnxruntime-x86"))
    for port, bits in (("weight", weight_bits), ("activation", activation_bits)):
        if bits < 8:
            profile[port]["reduced_bits"] = 8 - bits
    file = folder / f"x86_W{weight_bits}A{activation_bits}.json"
    file.write_text(json.dumps(profile))
    return file


def environment(name="bench"):
    """Python of the virtual environment .deps/NAME-venv, with what bench/locks/NAME.lock pins."""
    folder, lock = ROOT / ".deps" / f"{name}-venv", ROOT / "bench" / "locks" / f"{name}.lock"
    python, stamp = folder / "bin" / "python", folder / "installed.lock"
    if stamp.exists() and stamp.read_text() == lock.read_text():
        return python
    if not python.exists():
        run(sys.executable, "-m", "venv", folder)
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", lock)
    stamp.write_text(lock.read_text())
    return python


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def machine():
    return {"processor": processor(), "cores": os.cpu_count()}


def hash_of(*files):
    """One SHA-256 over the contents of `files`."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
    return digest.hexdigest()


def table(head, rows):
    """Lines of a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def write_results(name, value):
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(value, indent=1) + "\n")


def write_page(name, text):
    (DOCS / f"{name}.md").write_text(text.rstrip("\n") + "\n")
