"""Quantizes a model with NNCF's post-training quantization of ONNX models. Variants: performance, mixed."""

import logging

import nncf
import onnx
from peer import report


def quantize(model, feeds, output, variant):
    nncf.set_log_level(logging.ERROR)
    quantized = nncf.quantize(
        onnx.load(model), nncf.Dataset(feeds), preset=nncf.QuantizationPreset(variant), subset_size=len(feeds),
        target_device=nncf.TargetDevice.CPU,
    )  # fmt: skip
    onnx.save(quantized, output)


if __name__ == "__main__":
    report(quantize)
