"""Quantizes a model with ONNX Runtime's own quantizer: U8S8, per channel, Q/DQ form.

Run by bench/accuracy in bench's virtual environment. Prints one JSON line: seconds of
quantize_static() and the process's peak memory in MB.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

METHODS = {
    "min-max": quantization.CalibrationMethod.MinMax,
    "percentile": quantization.CalibrationMethod.Percentile,
    "entropy": quantization.CalibrationMethod.Entropy,
}


class Samples(quantization.CalibrationDataReader):
    def __init__(self, path):
        arrays = np.load(path)
        self.arrays = {name: arrays[name] for name in arrays.files if name != "labels"}
        self.count = len(next(iter(self.arrays.values())))
        self.next = 0

    def get_next(self):
        if self.next == self.count:
            return None
        self.next += 1
        return {name: array[self.next - 1 : self.next] for name, array in self.arrays.items()}


def main():
    model, samples, output, method = sys.argv[1:]
    onnxruntime.set_default_logger_severity(4)
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(model, prepared)
        start = time.perf_counter()
        quantization.quantize_static(
            prepared, output, Samples(samples), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
            activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8,
            calibrate_method=METHODS[method],
        )  # fmt: skip
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
