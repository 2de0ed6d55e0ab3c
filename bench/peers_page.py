"""docs/results.md of what bench/peers measured."""

import math
from pathlib import Path

from common import ROOT, processor, table
from peers_tools import FOR_ONNXRUNTIME, FOR_OPENVINO

# Those that the promise of docs/decisions/0005 was made for.
JUDGED = ["mobilenet_v2_1.0_224", "squeezenet1.1", "resnet20_cifar10", "vww_96", "ppocr_cls"]
COLUMNS = [("onnxruntime 1", FOR_ONNXRUNTIME), ("onnxruntime 2", FOR_ONNXRUNTIME),
           ("openvino 1", FOR_OPENVINO), ("openvino 2", FOR_OPENVINO)]  # fmt: skip
# Of two cores: more means that something else ran.
MOST_LOAD = 2.5
TITLES = ["ONNX Runtime, 1 thread", "2 threads", "OpenVINO, 1 thread", "2 threads"]


def value(row, runtime, metric):
    """None where the row has no such metric; infinite where the outputs are equal."""
    found = row.accuracy.get(runtime, {}).get("metrics", {}).get(metric)
    if found is None:
        return None
    return math.inf if found["value"] is None else found["value"]


def change(row, first, runtime):
    own, reference = value(row, runtime, "top1"), value(first, runtime, "top1")
    return None if own is None or reference is None else 100 * (own - reference)


def shown(number, form, unit=""):
    return "" if number is None else format(number, form) + unit


def load_text(models):
    """How busy the machine was; figures kept from before this was written down have no load."""
    loads = [entry.get("load_average") for rows in models.values() for entry in rows[0].latency.values()]
    if not loads:
        return "No latency was measured."
    known = [load for load in loads if load is not None]
    text = f"load averages from {min(known):.0f} to {max(known):.0f}" if known else "load averages that were not written down"
    return f"While timing, the two cores had {text}{', or unknown' if known and len(known) < len(loads) else ''}."


def latency_cell(row, column):
    entry = row.latency.get(column)
    if entry is None:
        return ""
    return f"{entry['ratio']:.2f} ({entry['median_ms']:.3f} ms)" if entry["steady"] else "unsteady"


def accuracy_cells(row, first):
    interval = row.accuracy.get("onnxruntime", {}).get("metrics", {}).get("top1", {}).get("interval_95")
    cells = []
    for runtime in ("onnxruntime", "openvino"):
        error = row.accuracy.get(runtime, {}).get("error")
        if error:
            cells += [f"does not load: {error}", "", ""]
        else:
            top1 = value(row, runtime, "top1")
            cells += [shown(None if top1 is None else 100 * top1, ".2f"),
                      shown(None if row is first else change(row, first, runtime), "+.2f"),
                      shown(value(row, runtime, "sqnr"), ".1f", " dB")]  # fmt: skip
    cells.insert(2, "" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}")
    return cells


def seconds_of(row):
    """Of making the file; none where the machine was busy with something else, or it is not known."""
    return row.made["seconds"] if row.made.get("load_average", math.inf) <= MOST_LOAD else None


def cells(row, first):
    if "error" in row.made:
        return [row.tool, f"failed: {row.made['error']}", *[""] * 14]
    return [row.tool, *accuracy_cells(row, first), f"{row.size:.3f}", *(latency_cell(row, c) for c, _ in COLUMNS),
            shown(row.made.get("processor_seconds"), ".1f"), shown(seconds_of(row), ".1f"),
            shown(row.made.get("peak_mb"), ".0f")]  # fmt: skip


HEAD = ["file", "top-1", "change", "95 % interval", "SQNR", "top-1 in OpenVINO", "change", "SQNR", "size", *TITLES,
        "processor, s", "seconds", "peak, MB"]  # fmt: skip


def model_section(model, rows, tools):
    first = rows[0]
    done = {row.tool: row for row in rows}
    if len(done) == 1:
        return [f"## {model}", "", "Not run.", ""]
    lines = [cells(first, first)]
    lines += [cells(done[name], first) if name in done else [name, "not run", *[""] * 14] for name in tools]
    samples = next((a["samples"] for a in first.accuracy.values()), "no")
    return [f"## {model}, {samples} samples", "", *table(HEAD, lines), ""]


def ratios(models, peer, column, ours):
    """Our latency over the peer's in one run, by model."""
    found = {}
    for model, rows in models.items():
        done = {row.tool: row for row in rows}
        if all(name in done and done[name].latency.get(column, {}).get("steady") for name in (ours, peer)):
            found[model] = done[ours].latency[column]["ratio"] / done[peer].latency[column]["ratio"]
    return found


def ratio_cell(found):
    if not found:
        return "-"
    worst = max(found, key=found.get)
    mean = math.exp(sum(map(math.log, found.values())) / len(found))
    return f"{mean:.2f} of {len(found)}, at most {found[worst]:.2f} ({worst})"


def speed_table(models, tools):
    judged = {model: rows for model, rows in models.items() if model in JUDGED}
    peers = ["float", *(name for name in tools if not name.startswith("octavo"))]
    return table(["beside", *TITLES], [[peer, *(ratio_cell(ratios(judged, peer, c, ours)) for c, ours in COLUMNS)] for peer in peers])


def loss_cell(rows, runtime):
    losses = {model: loss for model, (row, first) in rows.items() if (loss := change(row, first, runtime)) is not None}
    if not losses:
        return "-"
    worst = min(losses, key=losses.get)
    return f"{losses[worst]:+.2f} ({worst}) of {len(losses)}"


def loss_table(models, tools):
    lines = []
    for name in tools:
        rows = {model: (row, all_rows[0]) for model, all_rows in models.items() for row in all_rows if row.tool == name}
        made = {model: pair for model, pair in rows.items() if "error" not in pair[0].made}
        lines.append([name, str(len(made)), str(len(rows) - len(made)), loss_cell(made, "onnxruntime"), loss_cell(made, "openvino"),
                      shown(max((p[0].made["processor_seconds"] for p in made.values()), default=None), ".1f"),
                      shown(max((s for p in made.values() if (s := seconds_of(p[0])) is not None), default=None), ".1f"),
                      shown(max((p[0].made["peak_mb"] for p in made.values()), default=None), ".0f")])  # fmt: skip
    return table(["file", "made", "failed", "largest drop in ONNX Runtime", "in OpenVINO", "most processor seconds", "seconds",
                  "most memory, MB"], lines)  # fmt: skip


def versions():
    """Of both runtimes and of every peer, as the lock files pin them."""
    peers = ("nncf", "aimet-onnx", "amd-quark", "onnx-neural-compressor")
    files = [ROOT / "scripts" / "requirements.lock", *sorted((ROOT / "bench" / "locks").glob("*.lock"))]
    pinned = dict(line.split("==") for file in reversed(files) for line in Path(file).read_text().split() if "==" in line)
    return ", ".join(f"{name} {pinned[name]}" for name in ("onnxruntime", "openvino", *peers) if name in pinned)


def page(models, tools):
    text = f"""# Results

Made by `bench/peers` on {processor()}, 2 cores: {versions()}.

Every peer has its documented settings, the same calibration samples and a virtual environment of its own; what it refuses is a
row with its reason ([decision 0020](decisions/0020-beside-the-peers.md)). neural-compressor 3.10 is not here: it takes no ONNX
models any more. Accuracy is measured with `octavo evaluate`; without the mark `in OpenVINO` it is ONNX Runtime's. Latency is of
one sample, the files of a model taking turns: the ratio to float is a median over rounds. Trust it, not the milliseconds, on a
machine that others use too. {load_text(models)} Where one file's times varied by more than a
third of their median, all of that column is `unsteady` and in no mean: run `bench/peers --retime` on a quiet machine.

`processor` (seconds of all threads), `seconds` and `peak` are of making the file: of the whole process for Octavo, which also decodes
the data and, unless `widest`, times candidates; for a peer without its imports and with the samples ready as one array, and memory with
both. Processor seconds are what to compare: others on the machine hardly change them. There are no `seconds` where the load average was
above {MOST_LOAD:g}, or was not noted: remove build/bench/peers/*/*.made.json to make the files again.

## Latency of ours over theirs

Geometric mean over those of {', '.join(JUDGED[:-1])} and {JUDGED[-1]}
that the peer has a sound file for, with their number, and the worst of them. In ONNX Runtime ours is `{FOR_ONNXRUNTIME}`, in
OpenVINO `{FOR_OPENVINO}`. Below 1 is faster.

""".splitlines()
    text += [*speed_table(models, tools), "", "## The worst of each", "", *loss_table(models, tools), ""]
    for model, rows in models.items():
        text += model_section(model, rows, tools)
    return "\n".join(text)
