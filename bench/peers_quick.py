"""What bench/peers --quick measured, for a terminal: one narrow table a model."""

from peers_page import COLUMNS, change, load_text, seconds_of, shown, value

HEAD = ["file", "top-1", "OpenVINO", "size", "ORT, 1 thread", "2 threads", "OpenVINO, 1", "2 threads", "seconds", "peak, MB"]


def aligned(rows):
    """Lines of a table for people: the first column to the left, the others to the right, a rule below the head."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
             for row in rows]  # fmt: skip
    return [lines[0], "-" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]]


def accuracy_cell(row, first, runtime):
    """Of float the value, of a file how many points it is away from that."""
    if "error" in row.accuracy.get(runtime, {}):
        return "fails"
    if row is not first:
        return shown(change(row, first, runtime), "+.2f")
    top1 = value(row, runtime, "top1")
    return shown(None if top1 is None else 100 * top1, ".2f", " %")


def latency_cell(row, first, column):
    """Of float milliseconds, of a file the ratio to them."""
    entry = row.latency.get(column)
    if entry is None:
        return ""
    text = f"{entry['median_ms']:.3f} ms" if row is first else f"{entry['ratio']:.2f}"
    return text if entry["steady"] else f"{text} ?"


def cells(row, first):
    if "error" in row.made:
        return [row.tool, *[""] * (len(HEAD) - 1)]
    return [row.tool, *(accuracy_cell(row, first, runtime) for runtime in ("onnxruntime", "openvino")), f"{row.size:.3f}",
            *(latency_cell(row, first, column) for column, _ in COLUMNS), shown(seconds_of(row), ".1f"),
            shown(row.made.get("peak_mb"), ".0f")]  # fmt: skip


def reasons(rows):
    """Why a file was not made, or does not load: too long for a cell."""
    said = [(row.tool, "failed", row.made["error"]) for row in rows if "error" in row.made]
    said += [(row.tool, f"in {runtime}", entry["error"]) for row in rows
             for runtime, entry in row.accuracy.items() if "error" in entry]  # fmt: skip
    return [f"{tool} {where}: {reason}" for tool, where, reason in said]


def summary(models, seconds):
    """All tables, by model, and how long and on how busy a machine they took."""
    lines = []
    for model, rows in models.items():
        samples = next((entry["samples"] for entry in rows[0].accuracy.values()), "no")
        lines += [f"{model}, {samples} samples", *aligned([HEAD, *(cells(row, rows[0]) for row in rows)]), *reasons(rows), ""]
    lines += ["top-1: of float in percent, of the others the change in points. Times: of float in ms, of the others the ratio to",
              "float, of one sample; `?`: they varied by more than a third. seconds, peak: of making the file; no seconds where the",
              f"machine was busy. {load_text(models)} All of it took {seconds:.0f} seconds; what was",
              "measured before is read back from build/bench/peers_quick. Every peer and all models: bench/peers, docs/results.md."]  # fmt: skip
    return "\n".join(lines)
