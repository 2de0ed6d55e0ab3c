#!/usr/bin/env python3
"""A training's part of the report in a real browser: curves, verdict, what to do next.

training_browser_test.py OCTAVO. Exits with 77, with the reason, where there is no browser.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from browser import Browser, find_browser

SKIPPED = 77
OCTAVO = None
STEPS = 400
TITLES = ["Accuracy", "Loss", "Drift of the scales", "Length of the gradient", "Learning rate"]


def training(done=STEPS, metric="top1", clip_norm=10):
    """training.json as octavo-train writes it, after so many steps."""
    steps = range(2, done + 1, 2)
    return {"format": 1, "metric": metric, "loss": "cross-entropy:0.5+distillation:0.5", "training_samples": 9000,
            "held_out_samples": 1000, "steps": STEPS, "float": 0.8612,
            "options": {"batch": 64, "accumulate": 1, "epochs": 3, "clip_norm": clip_norm, "device": "cpu",
                        "precision": "float32", "seed": 1},
            "records": [{"step": i, "epoch": i / 140, "loss": 1 / (1 + i / 50), "learning_rate": 1e-3 * (1 - i / 401),
                         "step_drift": 0.05 * i / STEPS, "gradient_norm": 4 + 9 * (i % 7) / 7, "seconds": i * 0.4}
                        for i in steps],
            "evaluations": [{"step": i, metric: 0.6 + 0.25 * (i / STEPS) ** 0.3 - (0.02 if i == 300 else 0)}
                            for i in range(0, done + 1, 100)]}  # fmt: skip


def run_of(folder, content, status="done"):
    folder.mkdir()
    run = {"format": 1, "status": status, "target": "onnxruntime-x86", "model": {"path": "model.onnx"}, "data": {},
           "command": ["octavo", "finetune", "model.onnx", "--run", "run"],
           "stages": [{"name": "read", "seconds": 1}, {"name": "train"}]}  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "training.json").write_text(json.dumps(content))
    page = folder / "report.html"
    subprocess.run([OCTAVO, "report", folder, "-o", page], check=True, stdout=subprocess.DEVNULL)
    return page


class Training(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="octavo-training-"))
        cls.page = run_of(cls.folder / "done", training())
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        shutil.rmtree(cls.folder)

    def open(self, page, width=1280):
        self.browser.size(width, 900)
        self.browser.open(page)
        self.assertEqual(self.browser.errors, [])
        self.js("octavoReport.drawNewCharts()")
        self.browser.settle()

    def js(self, expression):
        return self.browser.js(expression)

    def texts(self, selector):
        return self.js(f"[...document.querySelectorAll({selector!r})].map(element => element.textContent)")

    def test_has_a_curve_for_every_figure(self):
        self.open(self.page)
        self.assertEqual(self.texts("#training h3"), TITLES)
        points = self.js("octavoReport.charts.filter(chart => chart.box.closest('#training')).map(chart =>"
                         " chart.instance.getModel().getSeriesByIndex(0).getData().count())")  # fmt: skip
        self.assertEqual(points, [5, 200, 200, 200, 200])
        lines = self.texts("#training svg text")
        self.assertIn("float 86.12 %", lines)
        self.assertIn("shortened to 10", lines)

    def test_the_verdict_is_what_the_training_gained(self):
        self.open(self.page)
        self.assertEqual(self.texts("h1"), ["Accuracy 60.00 % → 85.00 % by training, float has 86.12 %"])
        self.assertIn("octavo evaluate model.onnx run/start.onnx run/trained.onnx --evaluation DATA",
                      self.texts(".steps pre"))  # fmt: skip

    def test_an_interrupted_training_says_how_to_go_on(self):
        self.open(run_of(self.folder / "interrupted", training(done=120), status="running"))
        self.assertIn("octavo finetune model.onnx --run run --resume", self.texts(".steps pre"))
        self.assertIn("120 of 400", self.texts("#training dd"))
        self.assertEqual(self.texts("#training h3"), TITLES)

    def test_without_labels_or_clipping_there_is_no_line_for_them(self):
        self.open(run_of(self.folder / "unlabelled", training(metric="agreement", clip_norm=0)))
        self.assertEqual(self.texts("h1"), ["Agreement with float 60.00 % → 85.00 % by training"])
        lines = " ".join(self.texts("#training svg text"))
        self.assertNotIn("shortened", lines)
        self.assertNotIn("float", lines)

    def test_before_the_first_record_it_opens_too(self):
        self.open(run_of(self.folder / "young", training(done=0), status="running"))
        self.assertIn("No step was recorded yet.", self.texts("#training p"))

    def test_nothing_is_wider_than_a_phone(self):
        self.open(self.page, width=390)
        self.assertEqual(self.js("document.documentElement.scrollWidth"), 390)


if __name__ == "__main__":
    if find_browser() is None:
        print("skipped: no Chromium here (scripts/setup --tests installs it)")
        sys.exit(SKIPPED)
    OCTAVO = Path(sys.argv[1])
    unittest.main(argv=sys.argv[:1], verbosity=2)
