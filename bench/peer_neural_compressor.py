"""Quantizes a model with onnx-neural-compressor: U8S8, per channel, Q/DQ form. The variant is the method: min-max."""

from onnx_neural_compressor import data_reader
from onnx_neural_compressor.quantization import CalibrationMethod, QuantFormat, QuantType, config
from onnx_neural_compressor.quantization import quantize as quantize_model
from peer import report


class Samples(data_reader.CalibrationDataReader):
    def __init__(self, feeds):
        self.feeds = feeds
        self.rewind()

    def get_next(self):
        return next(self.left, None)

    def rewind(self):
        self.left = iter(self.feeds)


def quantize(model, feeds, output, variant):
    assert variant == "min-max"
    settings = config.StaticQuantConfig(
        Samples(feeds), calibrate_method=CalibrationMethod.MinMax, quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, calibration_sampling_size=len(feeds),
    )  # fmt: skip
    quantize_model(model, output, settings)


if __name__ == "__main__":
    report(quantize)
