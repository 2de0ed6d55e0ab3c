"""Keeps an accuracy budget with NNCF's quantize_with_accuracy_control, in OpenVINO.

Run by bench/budget in a virtual environment. Prints one JSON line: seconds, peak memory in MB, top-1
of the float and the quantized model on all evaluation samples, evaluations (calls of the metric).
"""

import json
import logging
import resource
import sys
import time

import nncf
import numpy as np
import openvino as ov


def load(path):
    arrays = np.load(path)
    name = next(key for key in arrays.files if key != "labels")
    return arrays[name], arrays["labels"] if "labels" in arrays.files else None


def main():
    model_path, calibration_path, evaluation_path, max_drop = sys.argv[1:]
    nncf.set_log_level(logging.ERROR)
    calibration, _ = load(calibration_path)
    images, labels = load(evaluation_path)
    evaluations = 0

    def validate(compiled, items):
        nonlocal evaluations
        evaluations += 1
        right = [float(np.argmax(compiled(images[i : i + 1])[0]) == labels[i]) for i in items]
        return float(np.mean(right)), right

    model = ov.convert_model(model_path)
    every = list(range(len(images)))
    compiled_float = ov.compile_model(model, "CPU")
    start = time.perf_counter()
    quantized = nncf.quantize_with_accuracy_control(
        model,
        calibration_dataset=nncf.Dataset([calibration[i : i + 1] for i in range(len(calibration))]),
        validation_dataset=nncf.Dataset(every),
        validation_fn=validate,
        max_drop=float(max_drop),
        drop_type=nncf.DropType.ABSOLUTE,
        subset_size=len(calibration),
    )
    seconds = time.perf_counter() - start
    used = evaluations
    before, _ = validate(compiled_float, every)
    after, _ = validate(ov.compile_model(quantized, "CPU"), every)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "float": before, "quantized": after, "evaluations": used}))


if __name__ == "__main__":
    main()
