"""resnet20 in PyTorch's own quantization-aware training (torch.ao, eager mode), for bench/train_step.

Run by it in a virtual environment of its own: reads a number of steps from each line of stdin, trains
so many, and answers with the milliseconds of each as a JSON list.
"""

import argparse
import json
import sys
import time

import torch
from torch import nn
from torch.ao import quantization
from torch.ao.nn import intrinsic


class Block(nn.Module):
    """Two convolutions, BatchNormalization folded into them, and a shortcut without weights."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = intrinsic.ConvReLU2d(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.ReLU())
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.sum = torch.ao.nn.quantized.FloatFunctional()
        self.stride, self.wider = stride, (outputs - inputs) // 2

    def forward(self, x):
        shortcut = x
        if self.wider:
            shortcut = nn.functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.wider, self.wider))
        return self.sum.add_relu(self.second(self.first(x)), shortcut)


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.quantize = quantization.QuantStub()
        self.stem = intrinsic.ConvReLU2d(nn.Conv2d(3, 16, 3, 1, 1), nn.ReLU())
        widths = [16, 16, 16, 32, 32, 32, 64, 64, 64]
        before = [16, *widths[:-1]]
        self.blocks = nn.Sequential(*(Block(a, b, 1 if a == b else 2) for a, b in zip(before, widths)))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classify = nn.Linear(64, 10)
        self.dequantize = quantization.DeQuantStub()

    def forward(self, x):
        x = self.pool(self.blocks(self.stem(self.quantize(x)))).flatten(1)
        return self.dequantize(self.classify(x))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--float", action="store_true", help="no fake quantization at all")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    model = ResNet20().train()
    if not options.float:
        # 8 bits, weights per channel, activations per tensor: as octavo's x86 target has them.
        model.qconfig = quantization.get_default_qat_qconfig("x86")
        quantization.prepare_qat(model, inplace=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=1e-4)
    # Samples are ready in memory: reading them is not part of the step here.
    images = torch.randn(16, options.batch, 3, 32, 32)
    labels = torch.randint(0, 10, (16, options.batch))
    for line in sys.stdin:
        times = []
        for step in range(int(line)):
            begin = time.perf_counter()
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[step % 16]), labels[step % 16])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1e9)
            optimizer.step()
            times.append(1000 * (time.perf_counter() - begin))
        print(json.dumps(times), flush=True)


if __name__ == "__main__":
    main()
