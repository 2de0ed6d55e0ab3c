"""Quantizes with AIMET: 4-bit weights per channel, 8-bit activations, AdaRound.

Run by bench/adaround_peer: peer_aimet_adaround.py MODEL CALIBRATION EVALUATION
ITERATIONS. Prints one JSON line: top-1 of the float model, with nearest rounding and with AdaRound, on
all evaluation samples; seconds of AdaRound alone, and the process' peak memory in MB.
"""

import json
import resource
import sys
import time

import numpy as np
import onnx
from aimet_onnx import QuantizationSimModel, apply_adaround
from aimet_onnx.batch_norm_fold import fold_all_batch_norms_to_weight

BATCH = 32


def load(path):
    arrays = np.load(path)
    name = next(key for key in arrays.files if key != "labels")
    return name, arrays[name], arrays["labels"] if "labels" in arrays.files else None


def main():
    model_path, calibration_path, evaluation_path, iterations = sys.argv[1:]
    _, calibration, _ = load(calibration_path)
    _, images, labels = load(evaluation_path)

    def top1(session):
        name = session.get_inputs()[0].name
        answers = [np.argmax(session.run(None, {name: images[i : i + BATCH]})[0], axis=1) for i in range(0, len(images), BATCH)]
        return float(np.mean(np.concatenate(answers) == labels))

    def simulated():
        model = onnx.load(model_path)
        fold_all_batch_norms_to_weight(model)
        return QuantizationSimModel(model, param_type="int4", activation_type="int8", quant_scheme="min_max",
                                    config_file="default", providers=["CPUExecutionProvider"])  # fmt: skip

    nearest = simulated()
    name = nearest.session.get_inputs()[0].name
    inputs = [{name: calibration[i : i + BATCH]} for i in range(0, len(calibration), BATCH)]
    nearest.compute_encodings(inputs)
    before = top1(nearest.session)
    del nearest
    sim = simulated()
    start = time.perf_counter()
    apply_adaround(sim, inputs, num_iterations=int(iterations))
    seconds = time.perf_counter() - start
    sim.compute_encodings(inputs)
    after = top1(sim.session)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"nearest": before, "adaround": after, "seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
