"""Quantizes a model with ONNX Runtime's own quantizer: U8S8, Q/DQ form, as its documentation advises for x86.

Variants: min-max, percentile or entropy, per channel unless ",per-tensor" follows.
"""

import tempfile
from pathlib import Path

import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process
from peer import report

METHODS = {
    "min-max": quantization.CalibrationMethod.MinMax,
    "percentile": quantization.CalibrationMethod.Percentile,
    "entropy": quantization.CalibrationMethod.Entropy,
}


class Samples(quantization.CalibrationDataReader):
    def __init__(self, feeds):
        self.feeds = iter(feeds)

    def get_next(self):
        return next(self.feeds, None)


def quantize(model, feeds, output, variant):
    method, _, granularity = variant.partition(",")
    onnxruntime.set_default_logger_severity(4)
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        try:
            quant_pre_process(model, prepared)
        except Exception:  # it is optional, and refuses models that the quantizer itself takes
            prepared = model
        quantization.quantize_static(
            prepared, output, Samples(feeds), quant_format=quantization.QuantFormat.QDQ,
            per_channel=granularity != "per-tensor", activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8, calibrate_method=METHODS[method],
        )  # fmt: skip


if __name__ == "__main__":
    report(quantize)
