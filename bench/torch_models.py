"""Writes networks with random weights through PyTorch's own exporter: torch_models.py FOLDER [NAME...].

Each NAME.onnx comes with samples as NAME.npz. BatchNormalization has the statistics of these samples, as training
would have left it: with its initial ones a deep network's numbers grow or vanish.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import torch
import torchvision.models as vision
import transformers
from torch import nn

SAMPLES = 16
VOCABULARY = 2000
WIDTH = {"num_hidden_layers": 3, "num_attention_heads": 4, "hidden_size": 256, "vocab_size": VOCABULARY}


class LstmClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, 64)
        self.lstm = nn.LSTM(64, 128, 2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(256, 10)

    def forward(self, x):
        states, _ = self.lstm(self.embedding(x))
        return self.head(states[:, -1])


def double_conv(channels_in, channels):
    layers = []
    for cin in (channels_in, channels):
        layers += [nn.Conv2d(cin, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    def __init__(self, widths=(16, 32, 64, 128)):
        super().__init__()
        self.down = nn.ModuleList(double_conv(a, b) for a, b in zip((3, *widths), widths))
        pairs = list(zip(widths[::-1], widths[-2::-1]))
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, 2, 2) for a, b in pairs)
        self.joined = nn.ModuleList(double_conv(2 * b, b) for _, b in pairs)
        self.head = nn.Conv2d(widths[0], 4, 1)

    def forward(self, x):
        skipped = []
        for i, layer in enumerate(self.down):
            x = layer(x if i == 0 else nn.functional.max_pool2d(x, 2))
            skipped.append(x)
        for up, joined, skip in zip(self.up, self.joined, skipped[-2::-1]):
            x = joined(torch.cat([up(x), skip], 1))
        return self.head(x)


class LastHiddenState(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(input_ids=x).last_hidden_state


class SegmentationMap(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)["out"]


def vit():
    model = vision.vit_b_16()
    nn.init.normal_(model.heads.head.weight, std=0.05)  # torchvision begins with zeros: an output of nothing
    return model


def bert():
    return LastHiddenState(transformers.BertModel(transformers.BertConfig(intermediate_size=1024, **WIDTH), False))


def gpt2():
    config = transformers.GPT2Config(n_embd=256, n_layer=3, n_head=4, vocab_size=VOCABULARY, use_cache=False,
                                     bos_token_id=0, eos_token_id=0)  # fmt: skip
    return LastHiddenState(transformers.GPT2Model(config))


def llama():
    return LastHiddenState(transformers.LlamaModel(transformers.LlamaConfig(intermediate_size=688, use_cache=False, **WIDTH)))


def lraspp():
    return SegmentationMap(vision.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None))


def images(size, count=SAMPLES):
    random = np.random.default_rng(3)
    coarse = random.normal(size=(count, 3, size // 8, size // 8))
    return (np.kron(coarse, np.ones((8, 8))) + 0.3 * random.normal(size=(count, 3, size, size))).astype(np.float32)


def tokens(length=32):
    return np.random.default_rng(5).integers(0, VOCABULARY, size=(SAMPLES, length)).astype(np.int64)


MODELS = {
    "bert": (bert, tokens),
    "convnext_tiny": (vision.convnext_tiny, lambda: images(224, 4)),
    "densenet121": (vision.densenet121, lambda: images(224)),
    "efficientnet_b0": (vision.efficientnet_b0, lambda: images(224)),
    "gpt2": (gpt2, tokens),
    "llama": (llama, tokens),
    "lraspp": (lraspp, lambda: images(224, 4)),
    "lstm_classifier": (LstmClassifier, tokens),
    "mobilenet_v3_large": (vision.mobilenet_v3_large, lambda: images(224)),
    "resnet50": (vision.resnet50, lambda: images(224)),
    "shufflenet_v2": (vision.shufflenet_v2_x1_0, lambda: images(224)),
    "swin_t": (vision.swin_t, lambda: images(224, 4)),
    "unet": (UNet, lambda: images(128)),
    "vit_b_16": (vit, lambda: images(224, 4)),
}


def set_statistics(model, x):
    """One pass in which running mean and variance become the batch's own."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for module in norms:
        module.train()
        module.momentum = 1.0
    with torch.no_grad():
        model(x)
    for module in norms:
        module.eval()
        module.running_var.clamp_(min=1e-3)


def write(name, folder):
    torch.manual_seed(1)
    make, samples = MODELS[name]
    model, x = make().eval(), samples()
    set_statistics(model, torch.from_numpy(x[:4]))
    batch = ({0: torch.export.Dim("N", min=1, max=64)},)
    torch.onnx.export(model, (torch.from_numpy(x[:2]),), str(folder / f"{name}.onnx"), input_names=["x"], output_names=["y"],
                      dynamo=True, external_data=False, dynamic_shapes=batch, verbose=False)  # fmt: skip
    np.savez(folder / f"{name}.npz", x=x)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for wanted in sys.argv[2:] or MODELS:
        write(wanted, target)
