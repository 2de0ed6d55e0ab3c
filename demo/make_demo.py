"""Makes demo/characters.onnx and its data again: trains a small network to recognise characters.

Run scripts/make-demo, which installs what this needs into a folder of its own. Everything is drawn
and trained here; no data set is downloaded. Fonts of the test data are not among those of training.
"""

import argparse
import hashlib
import math
import subprocess
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from torch import nn

# Digits, capitals, and the small letters whose shape differs from their capital's.
CLASSES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"
SIZE = 32
MEAN, STD = 0.5, 0.25


def latin_fonts():
    """Font files that can write English, sorted, one list a family."""
    listing = subprocess.run(
        ["fc-list", ":lang=en:scalable=true", "family", "file"], check=True, capture_output=True, text=True
    ).stdout
    families = {}
    for line in listing.splitlines():
        file, family = line.split(": ")
        if Path(file).suffix.lower() in (".ttf", ".otf") and not any(
            word in family for word in ("Symbol", "Math", "Emoji", "Dingbats", "Noto Sans Sym", "D050000L")
        ):
            families.setdefault(family.split(",")[0].strip(), []).append(file)
    return {family: sorted(files) for family, files in sorted(families.items())}


def split_families(families):
    """A quarter of the families for testing, chosen by the hash of their names."""
    test = [f for f in families if int(hashlib.sha256(f.encode()).hexdigest(), 16) % 4 == 0]
    return [f for f in families if f not in test], test


def draw(character, font_file, random):
    """One character, shifted, turned, scaled, blurred, on a shaded noisy ground: uint8 [SIZE, SIZE]."""
    large = SIZE * 3
    font = ImageFont.truetype(font_file, int(large * random.uniform(0.55, 0.85)))
    left, top, right, bottom = font.getbbox(character)
    ground, ink = random.uniform(0, 90), random.uniform(130, 255)
    if random.random() < 0.5:
        ground, ink = 255 - ground, 255 - ink
    mask = Image.new("L", (large, large), 0)
    x = (large - right - left) / 2 + random.normal(0, large * 0.05)
    y = (large - bottom - top) / 2 + random.normal(0, large * 0.05)
    ImageDraw.Draw(mask).text((x, y), character, fill=255, font=font)
    mask = mask.transform(
        mask.size, Image.AFFINE, shear_about_centre(large, random), resample=Image.BILINEAR
    )
    mask = mask.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 3.2))).resize((SIZE, SIZE), Image.BOX)
    share = np.asarray(mask, dtype=np.float32) / 255
    image = ground + (ink - ground) * share
    ramp = np.linspace(-1, 1, SIZE, dtype=np.float32)
    image += random.normal(0, 12) * ramp[None, :] + random.normal(0, 12) * ramp[:, None]
    image += random.normal(0, random.uniform(2, 24), (SIZE, SIZE))
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def shear_about_centre(length, random):
    angle, shear = math.radians(random.normal(0, 7)), random.normal(0, 0.12)
    a, b = math.cos(angle), math.sin(angle) + shear
    d, e = -math.sin(angle), math.cos(angle)
    c = length / 2
    return (a, b, c - a * c - b * c, d, e, c - d * c - e * c)


def make_data(count, families, fonts, seed):
    random = np.random.default_rng(seed)
    images = np.empty((count, SIZE, SIZE), np.uint8)
    labels = np.empty(count, np.int64)
    for i in range(count):
        label = int(random.integers(len(CLASSES)))
        family = families[int(random.integers(len(families)))]
        files = fonts[family]
        images[i] = draw(CLASSES[label], files[int(random.integers(len(files)))], random)
        labels[i] = label
    return images, labels


class InvertedResidual(nn.Module):
    """1x1 expand, 3x3 depthwise, 1x1 project; a shortcut where shapes allow."""

    def __init__(self, inputs, outputs, stride, expansion=4):
        super().__init__()
        width = inputs * expansion
        self.shortcut = stride == 1 and inputs == outputs
        self.body = nn.Sequential(
            nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU6(),
            nn.Conv2d(width, width, 3, stride, 1, groups=width, bias=False), nn.BatchNorm2d(width), nn.ReLU6(),
            nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs),
        )  # fmt: skip

    def forward(self, x):
        return x + self.body(x) if self.shortcut else self.body(x)


def make_network():
    return nn.Sequential(
        nn.Conv2d(1, 24, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(24), nn.ReLU(),
        InvertedResidual(24, 32, 1), InvertedResidual(32, 32, 1), InvertedResidual(32, 64, 2),
        InvertedResidual(64, 64, 1), InvertedResidual(64, 96, 1), InvertedResidual(96, 96, 1),
        nn.Conv2d(96, 256, 1, bias=False), nn.BatchNorm2d(256), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, len(CLASSES)),
    )  # fmt: skip


def normalize(images):
    return ((torch.from_numpy(images).float() / 255 - MEAN) / STD).unsqueeze(1)


def accuracy(network, images, labels):
    network.eval()
    with torch.no_grad():
        predictions = torch.cat([network(batch).argmax(1) for batch in normalize(images).split(256)])
    return (predictions == torch.from_numpy(labels)).float().mean().item()


def train(network, images, labels, epochs, batch):
    network.to(memory_format=torch.channels_last)  # Half the time of a step on CPUs.
    inputs = normalize(images).contiguous(memory_format=torch.channels_last)
    targets = torch.from_numpy(labels)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4, nesterov=True)
    steps = epochs * math.ceil(len(inputs) / batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.25, total_steps=steps, pct_start=0.15)
    loss_function = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(epochs):
        network.train()
        total = 0.0
        for indices in torch.randperm(len(inputs)).split(batch):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_function(network(inputs[indices]), targets[indices])
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(indices)
        print(f"epoch {epoch + 1} of {epochs}: loss {total / len(inputs):.3f}", flush=True)


def export(network, path):
    """BatchNormalization stays a node of its own, as many exporters leave it."""
    network.eval().to(memory_format=torch.contiguous_format)
    torch.onnx.export(
        network, torch.zeros(1, 1, SIZE, SIZE), path, dynamo=False, opset_version=13,
        input_names=["image"], output_names=["logits"], do_constant_folding=False,
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
        training=torch.onnx.TrainingMode.PRESERVE,
    )  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--samples", type=int, default=40000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    fonts = latin_fonts()
    train_families, test_families = split_families(fonts)
    print(f"{len(train_families)} font families to train on, {len(test_families)} to test on")
    images, labels = make_data(options.samples, train_families, fonts, seed=1)
    calibration, _ = make_data(200, train_families, fonts, seed=2)
    evaluation, evaluation_labels = make_data(2000, test_families, fonts, seed=3)
    network = make_network()
    train(network, images, labels, options.epochs, batch=128)
    print(f"accuracy on fonts not seen before: {accuracy(network, evaluation, evaluation_labels):.4f}")
    export(network, options.out / "characters.onnx")
    np.savez_compressed(options.out / "calibration.npz", image=calibration[:, None])
    np.savez_compressed(options.out / "evaluation.npz", image=evaluation[:, None], labels=evaluation_labels.astype(np.uint8))
    print("test families:", ", ".join(test_families))


if __name__ == "__main__":
    main()
