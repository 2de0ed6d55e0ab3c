"""What the scripts peer_*.py share: each is run as `peer_X.py MODEL SAMPLES OUTPUT VARIANT`."""

import json
import resource
import sys
import time

import numpy as np


def feeds(path):
    """The samples of an .npz that `octavo samples` wrote, one at a time: {input: array}."""
    arrays = np.load(path)
    arrays = {name: arrays[name] for name in arrays.files if name != "labels"}
    count = len(next(iter(arrays.values())))
    return [{name: array[i : i + 1] for name, array in arrays.items()} for i in range(count)]


def processor_seconds():
    """Of this process and of those it has waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def report(quantize):
    """Calls quantize(model, feeds, output, variant) and prints one JSON line: its seconds and the processor seconds of
    all its threads, without imports and reading samples, and the process's peak memory in MB (2^20 bytes)."""
    model, samples, output, variant = sys.argv[1:]
    inputs = feeds(samples)
    start, processor_start = time.perf_counter(), processor_seconds()
    quantize(model, inputs, output, variant)
    costs = {"seconds": time.perf_counter() - start, "processor_seconds": processor_seconds() - processor_start}
    print(json.dumps({**costs, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
