#!/usr/bin/env python3
"""The report in a real browser: opens from a file, draws, sorts, filters, selects, in light and dark.

report_browser_test.py OCTAVO DEMO_FOLDER. Exits with 77, with the reason, where there is no browser.
"""

import base64
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from browser import Browser, find_browser

SKIPPED = 77
HOSTILE = '</script><script>document.title="owned"</script><img src=x onerror="document.title=1">\u2028"\'&'
OCTAVO, DEMO = None, None


def octavo(*arguments, expected=0):
    result = subprocess.run([OCTAVO, *map(str, arguments)], capture_output=True, text=True)
    if result.returncode != expected:
        raise AssertionError(f"octavo {arguments}: {result.returncode}\n{result.stderr}")
    return result


def large_run(folder, count):
    """A run of a network of `count` nodes, every tenth name hostile, as the collectors write it."""
    types = ["Conv", "Clip", "Add", "Concat"]
    name = lambda i: f"{HOSTILE}{i}" if i % 10 == 0 else f"block{i // 10}/node{i}"
    nodes = [{"name": name(i), "op_type": types[i % 4], "layer": i, "across": 0,
              "decision": ["quantized", "absorbed", "float"][i % 3], "reason": f"because {HOSTILE}",
              "inputs": [f"t{i}"], "outputs": [f"t{i + 1}"], "float_us": i % 90, "quantized_us": i % 40}
             for i in range(count)]  # fmt: skip
    tensors = [{"name": f"t{i}", "dtype": "uint8", "bits": 8, "scale": 0.01 + i / 1e5,
                "zero_point": i % 255, "range": [-1, 1 + i / 100], "calibrator": "mse", "values": 1000,
                "zeros": 0, "not_finite": 0, "seen": [-1, 2 + i / 100], "covered": [-1, 1 + i / 100],
                "mean": 0, "deviation": 1, "sqnr_db": 20 + i % 30, "rmse": 0.01, "clipped_share": 0,
                "histogram": [(7 * b + i) % 50 for b in range(96)],
                "candidates": [{"calibrator": c, "asked": c, "range": [-1, 1 + k], "sqnr_db": 30 + k}
                               for k, c in enumerate(["max", "mse", "entropy"])],
                "depth_sqnr_db": 40 - i / count * 20, "depth_rmse": 0.02}
               for i in range(1, count + 1)]  # fmt: skip
    edges = [[i, i + 1] for i in range(count - 1)] + [[i, i + 5] for i in range(0, count - 5, 9)]
    box = [-0.123, -0.0456, 0.00789, 0.0456, 0.234]
    weights = [{"name": f"w{i}", "node": name(i), "dtype": "int8", "bits": 8, "shape": [256, 64, 3, 3],
                "scales": {"count": 256, "smallest": 0.00123456, "largest": 0.0345678}, "zero_point": 0,
                "seen": [-0.7654, 0.6543], "sqnr_db": 43.21, "clipped_share": 0, "unevenness": 1.234,
                "channels": 256, "shown": list(range(100, 148)), "boxes": [box] * 48,
                "before": "repair", "boxes_before": [box] * 48} for i in range(0, count, 2)]  # fmt: skip
    # As `octavo sweep -o` writes it.
    rows = [{"scheme": f"s{i}", "calibrator": HOSTILE, "metrics": {"top1": {"value": 0.9 - i / 100}},
             "file_bytes": 1000 * (i + 1), "latency_ms": 2 - i / 20, "latency_ratio": 1 - i / 40,
             "on_front": i % 2 == 0} for i in range(12)]  # fmt: skip
    rows.append({"scheme": "int4", "calibrator": "max", "unsupported": "the target has no int4"})
    folder.mkdir()
    for part, content in {
        "run": {"status": "done", "model": {"path": HOSTILE}, "command": ["octavo", HOSTILE]},
        "graph": {"nodes": nodes, "edges": edges},
        "tensors": {"tensors": tensors},
        "weights": {"weights": weights},
        "sweep": {"metric": "top1", "samples": 9, "runtime": "onnxruntime", "rows": rows},
        "search": {"metric": "top1", "unit": "%", "better": "higher", "samples": 9, "float": 0.9, "limit": 0.895,
                   "evaluations": 9, "most_evaluations": 12, "ratio_to_integers": 1.04,
                   "steps": [{"evaluations": i + 1, "what": f"{HOSTILE}{i}", "float_layers": i, "value": 0.8 + i / 80,
                              "lost": 0.1 - i / 80, "within": i > 7, "kept": i == 8, "why": "because",
                              **({"latency_ms": 2.5, "ratio_to_float": 0.61} if i > 7 else {})} for i in range(9)]},
    }.items():
        (folder / f"{part}.json").write_text(json.dumps(content))


def page_of(run):
    page = run.parent / f"{run.name}.html"
    octavo("report", run, "-o", page)
    return page


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="octavo-report-"))
        cls.run_folder = cls.folder / "demo"
        # Nothing here may depend on what this machine measures.
        octavo("quantize", DEMO / "characters.onnx", "--calibration", DEMO / "calibration.yaml",
               "--evaluation", DEMO / "evaluation.yaml", "--run", cls.run_folder,
               "--coverage", "widest", "--exclude", "/0/Conv")  # fmt: skip
        cls.page = page_of(cls.run_folder)
        large_run(cls.folder / "large", 2000)
        cls.large = page_of(cls.folder / "large")
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.browser.size(1280, 900)
        self.browser.prefer("light")

    def open(self, page):
        ready_ms = self.browser.open(page)
        self.assertEqual(self.browser.errors, [])
        return ready_ms

    def js(self, expression):
        return self.browser.js(expression)

    def centre(self, selector):
        self.js(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
        self.browser.settle()
        return self.js(
            f"(() => {{ const b = document.querySelector({selector!r}).getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )

    def click(self, selector):
        self.browser.click(*self.centre(selector))

    def column(self, number):
        return self.js(
            f"[...document.querySelectorAll('.layers tbody tr td:nth-child({number})')]"
            ".map(cell => cell.textContent)"
        )

    def test_opens_without_errors_and_asks_for_nothing_else(self):
        self.open(self.page)
        self.assertEqual(self.browser.requests, [self.page.resolve().as_uri()])
        headline = self.js("document.querySelector('h1').textContent")
        self.assertRegex(headline, r"Accuracy \d+\.\d\d % → \d+\.\d\d %, .*smaller")

    def test_shows_which_samples_were_chosen_and_dropped(self):
        run = self.folder / "selected"
        shutil.copytree(self.run_folder, run)
        octavo("select", DEMO / "characters.onnx", "--from", DEMO / "calibration.yaml", "--count", "8",
               "-o", self.folder / "picked.yaml", "--run", run)  # fmt: skip
        self.open(page_of(run))
        self.assertIn("8 of ", self.js("document.querySelector('#selection p').textContent"))
        self.assertEqual(self.js("document.querySelectorAll('#selection .picks:first-of-type .pick').length"), 8)
        self.assertGreater(self.js("document.querySelectorAll('#selection img.dropped-sample').length"), 8)
        self.browser.settle()
        self.assertTrue(self.js("[...document.querySelectorAll('#selection img')].every(i => i.naturalWidth > 9)"))

    def test_every_chart_has_marks(self):
        self.open(self.page)
        for part in ["candidates", "layers", "detail", "graph", "calibration", "reproduction"]:
            self.js(f"document.getElementById({part!r}).scrollIntoView()")
            self.browser.settle()
        marks = self.js(
            "octavoReport.charts.map(chart => [chart.title, chart.box.querySelectorAll('svg path').length"
            " || chart.instance.getModel().getSeries().reduce((sum, s) => sum + s.getData().count(), 0),"
            " chart.box.clientWidth])"
        )
        self.assertGreaterEqual(len(marks), 12)
        for title, count, width in marks:
            with self.subTest(chart=title):
                self.assertGreater(count, 3)
                self.assertGreater(width, 200)

    def test_sorts_both_ways(self):
        self.open(self.page)
        heading = ".layers th:nth-child(4) button"
        number = lambda text: float(text)
        for sign in (1, -1):
            self.click(heading)
            values = [number(v) for v in self.column(4) if v != "–"]
            self.assertGreater(len(values), 10)
            self.assertEqual(values, sorted(values, key=lambda v: sign * v))
        self.assertEqual(
            self.js("document.querySelector('.layers th:nth-child(4)').getAttribute('aria-sort')"),
            "descending",
        )

    def test_filters_by_name_type_and_decision(self):
        self.open(self.page)
        count = lambda: len(self.column(1))
        everything = count()
        fill = (
            "((element, text) => {{ element.value = text; element.dispatchEvent(new Event("
            "element.tagName === 'INPUT' ? 'input' : 'change')); }})"
            "(document.querySelectorAll('#layers .tools > *')[{}], {!r})"
        )
        self.js(fill.format(0, "BODY.3"))
        self.assertTrue(all("body.3" in name for name in self.column(1)))
        self.assertLess(0, count())
        self.assertLess(count(), everything)
        self.js(fill.format(0, ""))
        self.js(fill.format(1, "Conv"))
        self.assertEqual(set(self.column(2)), {"Conv"})
        self.js(fill.format(2, "float"))
        self.assertEqual(self.column(1), ["/0/Conv"])

    def test_the_sweep_is_a_chart_and_a_table_that_sorts(self):
        self.open(self.large)
        self.click(".sweep th:nth-child(2) button")
        cells = "[...document.querySelectorAll('.sweep tbody tr td:nth-child({})')].map(c => c.textContent)"
        values = [float(v.split()[0]) for v in self.js(cells.format(2)) if v != "–"]
        self.assertEqual(values, sorted(values))
        self.assertEqual(len(values), 12)
        # A row without an outcome comes last and says why.
        self.assertEqual(self.js(cells.format(8))[-1], "the target has no int4")
        self.assertIn(f"s3, {HOSTILE}", self.js(cells.format(1)))
        titles = self.js("octavoReport.charts.map(chart => chart.title)")
        self.assertIn("Accuracy, latency and size", titles)

    def test_the_search_history_is_a_chart_and_a_table(self):
        self.open(self.large)
        self.js("document.getElementById('search').scrollIntoView()")
        self.browser.settle()
        text = self.js("document.getElementById('search').textContent")
        for part in ["9 evaluations of at most 12", "of at least 89.50 %", "1.04 of the time"]:
            self.assertIn(part, text)
        cells = "[...document.querySelectorAll('table.search tbody tr td:nth-child({})')].map(c => c.textContent)"
        self.assertEqual(self.js(cells.format(1)), [str(i + 1) for i in range(9)])
        self.assertEqual(self.js(cells.format(2))[0], f"{HOSTILE}0")
        self.assertEqual(self.js(cells.format(4))[8], "90.00 %")
        self.assertEqual(self.js(cells.format(5)), ["–"] * 8 + ["2.5 ms"])
        self.assertEqual(self.js("document.querySelectorAll('table.search tr.chosen').length"), 1)
        counts = self.js(
            "octavoReport.charts.find(chart => chart.title.startsWith('Accuracy of each')).instance.getModel()"
            ".getSeries().map(series => series.getData().count())"
        )
        self.assertEqual(counts, [8, 0, 1])

    def test_repairs_say_what_they_gained_and_cost(self):
        self.open(self.page)
        table = "document.querySelector('table[aria-label=Repairs]')"
        self.assertIn("More operators", self.js(f"{table}.tHead.innerText"))
        rows = self.js(f"[...{table}.tBodies[0].rows].map((row) => row.innerText)")
        self.assertEqual(len(rows), 1)
        self.assertRegex(rows[0], r"bias[\s\S]* dB[\s\S]*(kept|undone|nothing)")

    def test_a_click_on_a_row_shows_its_tensors(self):
        self.open(self.page)
        self.click(".layers tbody tr:nth-child(5)")
        name = self.column(1)[4]
        self.assertEqual(self.js("octavoReport.selectedName()"), name)
        detail = self.js("document.getElementById('detail').textContent")
        self.assertIn(name, detail)
        self.assertIn("What other calibrators would have chosen", detail)
        self.js("document.querySelector('#detail .chart').scrollIntoView()")
        self.browser.settle()
        self.assertGreater(self.js("document.querySelectorAll('#detail svg path').length"), 30)

    def test_the_keyboard_reaches_rows(self):
        self.open(self.page)
        self.js("document.querySelector('.layers tbody tr:nth-child(3)').focus()")
        self.browser.key("Tab")
        self.browser.key("Enter")
        self.assertEqual(self.js("octavoReport.selectedName()"), self.column(1)[3])

    def test_the_graph_and_the_table_point_to_each_other(self):
        self.open(self.page)
        self.js("document.querySelector('#drawing').scrollIntoView({block: 'center'})")
        self.browser.settle()
        self.browser.settle()
        x, y = self.js(
            "(() => { const b = document.getElementById('drawing').getBoundingClientRect();"
            " const chart = octavoReport.drawing.instance;"
            " const p = chart.getModel().getSeriesByIndex(0).coordinateSystem.dataToPoint("
            " chart.getModel().getSeriesByIndex(0).getData().getItemLayout(octavoReport.nodesBefore + 7));"
            " return [b.x + p[0], b.y + p[1]]; })()"
        )
        self.browser.click(x, y)
        self.assertEqual(self.js("octavoReport.selectedName()"), self.js("octavoReport.nodes[7].name"))
        self.assertEqual(
            self.js("document.querySelector('.layers tr[aria-selected=true] td').textContent"),
            self.js("octavoReport.nodes[7].name"),
        )

    def test_dark_mode_follows_the_system_and_the_button(self):
        self.browser.prefer("dark")
        self.open(self.page)
        background = "getComputedStyle(document.body).backgroundColor"
        dark = self.js(background)
        self.assertEqual(self.js("document.documentElement.dataset.theme"), "dark")
        self.click("#theme")
        self.assertEqual(self.js("document.documentElement.dataset.theme"), "light")
        self.assertNotEqual(self.js(background), dark)
        self.assertEqual(self.browser.errors, [])

    def test_nothing_is_wider_than_a_phone(self):
        self.browser.size(390, 844)
        self.open(self.page)
        self.assertEqual(self.js("document.documentElement.scrollWidth"), 390)
        # Names as converters make them: a hundred letters without a space.
        self.assertGreater(self.js("document.querySelectorAll('.tensor-name').length"), 0)
        self.js("document.querySelectorAll('.tensor-name').forEach(e => e.textContent = 'a/b;'.repeat(99))")
        self.assertEqual(self.js("document.documentElement.scrollWidth"), 390)

    def test_2000_nodes_are_ready_in_two_seconds_and_stay_fluid(self):
        # The best of three: what other programs do on this machine is not the page's.
        ready, drawn = [], []
        for _ in range(3):
            ready.append(self.open(self.large))
            drawn.append(self.js(
                "new Promise(done => { document.getElementById('drawing').scrollIntoView();"
                " const start = performance.now(); const wait = () => octavoReport.drawing.instance"
                " ? requestAnimationFrame(() => done(performance.now() - start)) : setTimeout(wait, 5);"
                " wait(); })"
            ))  # fmt: skip
        self.assertEqual(self.js("octavoReport.nodes.length"), 2000)
        print(f"2,000 nodes: {self.large.stat().st_size / 1e6:.2f} MB, ready after {min(ready):.0f} ms,"
              f" the graph is drawn {min(drawn):.0f} ms after it came into view")  # fmt: skip
        self.assertLess(min(ready), 2000)
        self.assertLess(min(drawn), 2000)
        frames = self.js(
            "new Promise(done => { const chart = octavoReport.drawing.instance; const times = [];"
            " let last = performance.now(); const step = () => {"
            " chart.dispatchAction({type: 'graphRoam', seriesIndex: 0, dx: 9, dy: 5});"
            " requestAnimationFrame(() => { const now = performance.now(); times.push(now - last);"
            " last = now; times.length < 30 ? step() : done(times); }); }; step(); })"
        )
        median_ms = sorted(frames)[len(frames) // 2]
        print(f"2,000 nodes: a frame while moving the graph takes {median_ms:.1f} ms (median of 30)")
        self.assertLess(median_ms, 200)

    def test_500_nodes_take_less_than_3_megabytes(self):
        large_run(self.folder / "of500", 500)
        # With as many pictures as collectors write: 24 samples, and what select chose and dropped.
        picture = "data:image/jpeg;base64," + "A" * 2800
        pictured = lambda i: {"index": i, "name": f"image{i}.png", "extremes": 9, "thumbnail": picture}
        pick = lambda i: {**pictured(i), "stands_for": 1, "others": [pictured(i + 1)]}
        for part, content in {
            "samples": {"count": 24, "tensors": 500, "setting_a_range": 24, "shown": [*map(pictured, range(24))],
                        "convergence": {"samples": [1, 24], "mean": [0.5, 1], "least": [0.1, 1], "slowest": "t1"}},
            "selection": {"method": "cluster", "seed": 0, "samples": 48, "chosen": 24, "picks": [*map(pick, range(10))],
                          "dropped": [], "alike": {"pairs": 0, "identical": 0, "shown": []}, "recipe": "picked.yaml"},
        }.items():
            (self.folder / "of500" / f"{part}.json").write_text(json.dumps(content))
        size = page_of(self.folder / "of500").stat().st_size
        print(f"500 nodes: {size / 1e6:.2f} MB")
        self.assertLess(size, 3e6)

    def test_prints_every_chart_in_light(self):
        self.browser.prefer("dark")
        self.open(self.page)
        self.js("window.dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.js("document.documentElement.dataset.theme"), "light")
        self.assertEqual(self.js("octavoReport.charts.filter(chart => !chart.instance).length"), 0)
        self.js("window.dispatchEvent(new Event('afterprint'))")
        self.assertEqual(self.js("document.documentElement.dataset.theme"), "dark")
        pdf = base64.b64decode(self.browser.call("Page.printToPDF", printBackground=True)["data"])
        self.assertTrue(pdf.startswith(b"%PDF"))
        self.assertGreater(len(pdf), 100_000)

    def test_names_are_text_whatever_they_hold(self):
        self.open(self.large)
        self.assertIn("onerror=", self.js("document.title"))  # the model's name, as text
        self.assertNotIn(self.js("document.title"), ["owned", "1"])
        self.assertEqual(self.js("document.querySelectorAll('body > script').length"), 4)
        self.assertEqual(self.js("document.querySelectorAll('main script, main img').length"), 0)
        self.js("document.querySelector('.layers tbody tr').click()")
        self.assertIn(HOSTILE, self.js("document.getElementById('detail').textContent"))
        self.assertEqual(self.js("document.querySelectorAll('main script, main img').length"), 0)
        self.assertEqual(self.js("octavoReport.selectedName()"), HOSTILE + "0")

    def test_a_failed_run_says_what_happened(self):
        run = self.folder / "failed"
        octavo("quantize", DEMO / "characters.onnx", "--calibration", self.folder / "nowhere.npz",
               "--run", run, expected=4)  # fmt: skip
        self.open(page_of(run))
        self.assertIn("Failed", self.js("document.querySelector('h1').textContent"))
        self.assertIn("nowhere.npz", self.js("document.querySelector('[role=alert]').textContent"))

    def test_an_interrupted_run_and_a_broken_file_still_open(self):
        run = self.folder / "interrupted"
        shutil.copytree(self.run_folder, run)
        state = json.loads((run / "run.json").read_text())
        state.update(status="running", stages=state["stages"][:3])
        (run / "run.json").write_text(json.dumps(state))
        (run / "tensors.json").write_text('{"tensors": [{"na')
        (run / "evaluation.json").unlink()
        self.open(page_of(run))
        text = self.js("document.getElementById('verdict').textContent")
        self.assertIn("calibrate", self.js("document.querySelector('h1').textContent"))
        self.assertIn("tensors.json is not JSON", text)
        self.assertGreater(len(self.column(1)), 30)


if __name__ == "__main__":
    if find_browser() is None:
        print("skipped: no Chromium here (scripts/setup --tests installs it)")
        sys.exit(SKIPPED)
    OCTAVO, DEMO = Path(sys.argv[1]), Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1], verbosity=2)
