"""Quantizes a model with AMD Quark. The variant is one of its own configurations: U8S8_AAWS, for ONNX Runtime on a CPU."""

from onnxruntime.quantization.calibrate import CalibrationDataReader
from peer import report
from quark.onnx import ModelQuantizer
from quark.onnx.quantization.config import Config
from quark.onnx.quantization.config.custom_config import get_default_config


class Samples(CalibrationDataReader):
    def __init__(self, feeds):
        self.feeds = iter(feeds)

    def get_next(self):
        return next(self.feeds, None)


def quantize(model, feeds, output, variant):
    ModelQuantizer(Config(global_quant_config=get_default_config(variant))).quantize_model(model, output, Samples(feeds))


if __name__ == "__main__":
    report(quantize)
