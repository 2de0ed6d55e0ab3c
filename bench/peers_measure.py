"""Makes each tool's file of a model and measures it; every figure is kept, by what it depends on."""

import dataclasses
import json
import os
import sys

from common import ROOT, evaluate, hash_of, model_file, output_folder, recipe
from peers_tools import Failure, last_line

RUNTIMES = ["onnxruntime", "openvino"]
THREADS = [1, 2]
# Where the times of one file vary more than this around their median, the machine was too busy to tell.
LARGEST_SPREAD = 1 / 3
RUNTIME_LOCK = ROOT / "scripts" / "requirements.lock"


@dataclasses.dataclass
class Row:
    """One tool on one model; `made` has "error" where there is no file."""

    tool: str
    made: dict
    size: int = 0
    accuracy: dict = dataclasses.field(default_factory=dict)  # by runtime
    latency: dict = dataclasses.field(default_factory=dict)  # by runtime, threads


def read(file, key):
    if not file.exists():
        return None
    entry = json.loads(file.read_text())
    return entry["value"] if entry["key"] == key else None


def keep(file, key, value):
    file.write_text(json.dumps({"key": key, "value": value}, indent=1) + "\n")
    return value


def parts(file):
    """A model's file, and that of its external data where a tool writes one."""
    data = file.with_name(f"{file.name}_data")
    return [file, data] if data.exists() else [file]


def say(text):
    print(text, file=sys.stderr, flush=True)


class Measurement:
    """Of one model by `tools`; only those named in `anew` are run where nothing is kept, the others read back.
    Files and figures lie in build/bench/`folder`; latency takes `seconds` a file, runtime and number of threads,
    and with `retime` is not read back."""

    def __init__(self, model, tools, anew, folder, seconds, retime=False):
        self.model, self.tools, self.anew, self.seconds, self.retime = model, tools, anew, seconds, retime
        self.folder = output_folder(f"{folder}/{model}")
        self.basis = hash_of(model_file(model), recipe(model, "evaluation"), RUNTIME_LOCK)

    def file(self, tool):
        return self.folder / f"{tool.replace(', ', '.').replace(',', '.').replace(' ', '_')}.onnx"

    def make(self, tool):
        output = self.file(tool.name)
        note, key = output.with_suffix(".made.json"), tool.key(self.model)
        made = read(note, key)
        if made is None and tool.name in self.anew:
            say(f"{self.model}: {tool.name}")
            load = os.getloadavg()[0]
            for part in parts(output):
                part.unlink(missing_ok=True)
            try:
                made = {**tool.make(self.model, self.folder / "samples.npz", output), "load_average": load}
            except Failure as failure:
                made = {"error": str(failure)}
            keep(note, key, made)
        return made

    def accuracy(self, names, runtime):
        """By name, `float` too: metrics in one runtime, or the error that loading the file ends with."""
        notes = {name: self.file(name).with_suffix(f".{runtime}.json") for name in names}
        keys = {name: f"{self.basis} {hash_of(*parts(self.file(name)))}" for name in names}
        found = {name: read(notes[name], keys[name]) for name in names}
        missing = [name for name in names if found[name] is None]
        if missing and self.anew:
            say(f"{self.model}: accuracy in {runtime}")
            found.update(self.evaluate(missing, runtime))
            for name in missing:
                keep(notes[name], keys[name], found[name])
        return {name: value for name, value in found.items() if value is not None}

    def evaluate(self, names, runtime):
        try:
            report = evaluate(self.model, [self.file(name) for name in names], "--runtime", runtime, "--latency-seconds", 0,
                              "--threads", 2)  # fmt: skip
        except SystemExit as failure:
            if len(names) == 1:
                return {names[0]: {"error": last_line(str(failure))}}
            return {name: value for one in names for name, value in self.evaluate([one], runtime).items()}
        first = report["models"][0]["metrics"]
        common = {"samples": report["samples"], "runtime": report["runtime"], "float": first}
        return {name: {**common, "metrics": entry["metrics"]} for name, entry in zip(names, report["models"][1:])}

    def latency(self, names, runtime, threads):
        """Of all files in turns, beside float; measured anew when one of them changes."""
        note = self.folder / f"latency.{runtime}.{threads}.json"
        key = f"{self.basis} {' '.join(hash_of(*parts(self.file(name))) for name in names)}"
        found = read(note, key)
        if (found is None or self.retime) and self.anew and names:
            say(f"{self.model}: latency in {runtime}, {threads} thread(s)")
            few = self.folder / "one_sample.yaml"
            few.write_text(f"base: {json.dumps(str(recipe(self.model, 'evaluation')))}\nselect: {{first: 1}}\n")
            report = evaluate(self.model, [self.file(name) for name in names], "--runtime", runtime, "--metric", "sqnr",
                              "--latency-threads", threads, "--latency-seconds", self.seconds * (len(names) + 1),
                              evaluation=few)  # fmt: skip
            load = os.getloadavg()[0]
            entries = [{**entry["latency"], "ratio": entry["latency_ratio_to_first"], "load_average": load}
                       for entry in report["models"]]  # fmt: skip
            found = keep(note, key, dict(zip(["float", *names], entries)))
        found = found or {}
        steady = all(entry["spread_ms"] <= LARGEST_SPREAD * entry["median_ms"] for entry in found.values())
        return {name: {**entry, "steady": steady} for name, entry in found.items()}

    def rows(self):
        rows = {tool.name: Row(tool.name, made) for tool in self.tools if (made := self.make(tool)) is not None}
        names = [name for name, row in rows.items() if "error" not in row.made]
        for name in names:
            size = sum(part.stat().st_size for part in parts(self.file(name)))
            rows[name].size = size / model_file(self.model).stat().st_size
        reference = Row("float", {}, 1)
        for runtime in RUNTIMES:
            accuracy = self.accuracy(names, runtime)
            for name, value in accuracy.items():
                rows[name].accuracy[runtime] = value
                if "error" not in value:
                    reference.accuracy[runtime] = {**value, "metrics": value["float"]}
            sound = [name for name in names if name in accuracy and "error" not in accuracy[name]]
            for threads in THREADS:
                for name, value in self.latency(sound, runtime, threads).items():
                    (reference if name == "float" else rows[name]).latency[f"{runtime} {threads}"] = value
        return [reference, *rows.values()]
