// What came out, in one line; the figures behind it; what to do next, as commands to copy.

const evaluated = (data.evaluation && data.evaluation.models) || [];
const result = data.result;
const budget = result && result.budget;
const latencyBudget = result && result.latency_budget;

// The metric that judges.
function judgingMetric() {
  const [before, after] = evaluated;
  if (!after) return null;
  // The one that was asked for comes first.
  const [name] = Object.keys(after.metrics);
  return name ? {name, after: after.metrics[name], before: before.metrics[name]} : null;
}
const judging = judgingMetric();

// What the headline is about: distances from the float model tell a person less than answers do.
function headlineMetric() {
  const kDistances = ['sqnr', 'kl', 'mse', 'cosine'];
  if (!judging || !kDistances.includes(judging.name)) return judging;
  const [before, after] = evaluated;
  const name = ['top1', 'agreement'].find((other) => after.metrics[other]);
  return name ? {name, after: after.metrics[name], before: before.metrics[name]} : judging;
}
const judgedShare = judging && judging.after.interval_95;
const kMetricNames = {top1: 'Accuracy', top5: 'Top-5 accuracy', agreement: 'Agreement with float',
  sqnr: 'Signal to noise', map: 'Mean average precision', map50: 'Mean average precision at 0.50',
  iou: 'Mean IoU', f1: 'F1', kl: 'KL divergence', mse: 'Squared error', cosine: 'Cosine'};
const metricName = (name) => kMetricNames[name] || name;

function metricText(name, value) {
  if (!value) return '–';
  if (value.interval_95 || value.unit === '%') return percent(value.value);
  if (value.value === null) return 'equal';
  return name === 'sqnr' ? `${decibels(value.value)} dB` : number(value.value);
}
const intervalText = (value) => (value && value.interval_95
  ? `${(100 * value.interval_95[0]).toFixed(1)} to ${(100 * value.interval_95[1]).toFixed(1)} %` : '');

const sizeRatio = result ? result.quantized_bytes / result.float_bytes : undefined;
const chosenCoverage = result && result.coverages.find((coverage) => coverage.chosen);
// A budget of latency is kept after the nodes were chosen: what it measured is the result.
const measuredLast = latencyBudget
  ? {latency_ms: latencyBudget.result.ms, ratio_to_float: latencyBudget.result.ratio_to_float}
  : chosenCoverage;
const latencyRatio = evaluated[1] && isNumber(evaluated[1].latency_ratio_to_first)
  ? evaluated[1].latency_ratio_to_first
  : measuredLast && measuredLast.ratio_to_float;

const failed = run.status === 'failed';
const unfinished = !failed && run.status !== 'done';
const lastStage = run.stages && run.stages.length ? run.stages[run.stages.length - 1].name : null;

const integerNodes = result ? (result.decisions.quantized || 0) : 0;
const counted = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

function headline() {
  if (failed) return `Failed while it was to ${lastStage || 'start'}`;
  if (unfinished) return `Did not finish: the last thing it did was to ${lastStage || 'start'}`;
  if (training && judged.length) return trainingHeadline();
  if (result && !integerNodes) return 'Stays float: on integers nothing of it gets faster here';
  const parts = [];
  const shown = headlineMetric();
  if (shown && shown.before && shown.after.interval_95) {
    parts.push(`${metricName(shown.name)} ${percent(shown.before.value)} → ${percent(shown.after.value)}`);
  } else if (shown) {
    parts.push(`${metricName(shown.name)} ${metricText(shown.name, shown.after)}`);
  }
  if (sizeRatio) parts.push(`${(1 / sizeRatio).toFixed(1)}× smaller`);
  if (latencyRatio) {
    parts.push(Math.abs(latencyRatio - 1) < 0.03 ? 'as fast as float'
      : latencyRatio < 1 ? `${(1 / latencyRatio).toFixed(2)}× faster` : `${latencyRatio.toFixed(2)}× slower`);
  }
  return parts.length ? parts.join(', ') : 'Quantized';
}

const lostPoints = (half) => 100 * (half.float - half.value);
const beyondBudget = budget && !budget.hold_out.within;
// Points that are told without labels, by how likely each changed answer was the right one.
const expectsLoss = budget && isNumber(budget.search.expected_loss);
// "0.50 points", or the value itself where the metric is no share.
function budgetLimit() {
  if (budget.unit === '%' || expectsLoss) return `${(100 * budget.max_drop).toFixed(2)} points`;
  return `${metricName(budget.metric).toLowerCase()} ${budget.better === 'lower' ? 'at most' : 'at least'} `
    + searchedText(budget, budget.search.limit);
}

// What labels say of a budget that was kept without them.
function byLabels() {
  const [before, after] = evaluated;
  if (!expectsLoss || !after || !after.metrics.top1) return null;
  const lost = before.metrics.top1.value - after.metrics.top1.value;
  return {lost, beyond: lost > budget.max_drop + 1e-9, samples: after.metrics.top1.samples};
}

function latencyPill() {
  const limit = `${number(latencyBudget.most)} ${latencyBudget.unit}`;
  return latencyBudget.met
    ? h('span', {class: 'pill good'}, `✓ Within the latency budget of ${limit}`)
    : h('span', {class: 'pill bad'}, `✗ Slower than the latency budget of ${limit}`);
}

function budgetPill() {
  if (failed) return h('span', {class: 'pill bad'}, 'Failed');
  if (unfinished) return h('span', {class: 'pill bad'}, 'Unfinished');
  if (training) return null;
  if (latencyBudget) return latencyPill();
  if (!budget) return h('span', {class: 'pill'}, 'No budget was set');
  const limit = budgetLimit();
  if (budget.met && beyondBudget) return h('span', {class: 'pill'}, `Within the budget of ${limit}, but not on the samples held out`);
  if (budget.met && (byLabels() || {}).beyond) return h('span', {class: 'pill'}, `Within the budget of ${limit} by its scores, but not by the labels`);
  return budget.met ? h('span', {class: 'pill good'}, `✓ Within the budget of ${limit}`)
    : h('span', {class: 'pill bad'}, `✗ Beyond the budget of ${limit}`);
}

function tile(name, value, ...more) {
  return h('div', {class: 'tile'}, h('div', {class: 'name'}, name), h('div', {class: 'value'}, value),
    more.filter((text) => text).map((text) => h('div', {class: 'more'}, text)));
}

function accuracyTile() {
  if (!judging) return tile('Accuracy', 'not measured', '--evaluation DATA measures it');
  const {name, before, after} = judging;
  const p = evaluated[1].same_accuracy_p;
  return tile(metricName(name),
    before ? [h('small', {}, `${metricText(name, before)} → `), metricText(name, after)]
      : metricText(name, after),
    judgedShare && `95 % interval ${intervalText(after)}, ${after.samples} samples`,
    Object.keys(evaluated[1].metrics).filter((other) => other !== name)
      .map((other) => `${metricName(other).toLowerCase()} ${metricText(other, evaluated[1].metrics[other])}`).join(', '),
    isNumber(p) && (p < 0.05 ? `differs from float by more than chance (p = ${number(p, 2)})`
      : `no difference from float beyond chance (p = ${number(p, 2)})`));
}

// A median that half of the runs miss by so much is not to be trusted.
const kUnsteady = 0.15;
const unsteadiness = () => Math.max(...evaluated.slice(0, 2).map(({latency}) => latency.spread_ms / latency.median_ms));

function latencyTile() {
  const [before, after] = evaluated;
  if (after && after.latency) {
    return tile('Latency', [h('small', {}, `${number(before.latency.median_ms, 3)} → `),
      `${number(after.latency.median_ms, 3)} ms`],
      `± ${milliseconds(after.latency.spread_ms)}, ${latencyRatio.toFixed(2)} of float's time`,
      `one sample, ${counted(data.evaluation.latency_threads, 'thread')}, ${data.evaluation.runtime}`,
      unsteadiness() > kUnsteady && `the machine was busy: half of the runs are off by ${Math.round(100 * unsteadiness())} % and more`);
  }
  if (measuredLast) {
    return tile('Latency', milliseconds(measuredLast.latency_ms),
      `${latencyRatio.toFixed(2)} of float's time, measured to choose the nodes`);
  }
  return tile('Latency', 'not measured', 'the target does not run on this machine');
}

function tiles() {
  if (!result) return null;
  const counts = result.decisions;
  return h('div', {class: 'tiles'}, accuracyTile(),
    tile('Size', [h('small', {}, `${bytes(result.float_bytes)} → `), bytes(result.quantized_bytes)],
      `${sizeRatio.toFixed(3)} of the float file`),
    latencyTile(),
    tile('Nodes on integers', [String(integerNodes + (counts.absorbed || 0)),
      h('small', {}, ` of ${nodes.length}`)],
      `${counts.float || 0} stay float, ${counts.absorbed || 0} absorbed`,
      `target ${result.target}`));
}

const modelPath = () => shellWord((run.model && run.model.path) || 'model.onnx');
const dataPath = (role) => shellWord((run.data && run.data[role] && run.data[role].path) || 'DATA');
const folderPath = () => {
  const given = (run.command || []).indexOf('--run');
  return shellWord(given >= 0 ? run.command[given + 1] : data.folder);
};
const targetFlag = () => (run.target ? ` --target ${shellWord(run.target)}` : '');
const commandLine = () => commandWords().map(shellWord).join(' ');
// The program by its name: where it lay on that machine helps nobody.
const commandWords = () => (run.command || []).map((word, i) => (i === 0 ? fileName(word) : word));

// This run's command with one flag set otherwise.
function withFlag(flag, value) {
  const words = commandWords();
  const at = words.indexOf(flag);
  if (at >= 0) words[at + 1] = value;
  else words.push(flag, value);
  return words.map(shellWord).join(' ');
}
const calibrationFlag = () => (run.data && run.data.calibration
  ? ` --calibration ${dataPath('calibration')}` : ' --calibration DATA');
const analyzeCommand = () =>
  `octavo analyze ${modelPath()}${calibrationFlag()}${targetFlag()} --json > ${folderPath()}/analysis.json`;
const sweepCommand = () =>
  `octavo sweep ${modelPath()}${calibrationFlag()} --evaluation ${dataPath('evaluation')}${targetFlag()} -o ${folderPath()}`;
const reportCommand = () => `octavo report ${folderPath()}`;

// What the search for the budget looked at, and what it never saw.
function budgetNotice() {
  if (!budget) return null;
  const inPoints = budget.unit === '%';
  const labelled = byLabels();
  const what = expectsLoss ? `at most ${budgetLimit()} of right answers may be expected to be lost`
    : inPoints ? `${metricName(budget.metric).toLowerCase()} may drop by ${budgetLimit()}` : budgetLimit();
  const change = (half) => (expectsLoss
    ? `${(100 * half.expected_loss).toFixed(2)} (${metricName(budget.metric).toLowerCase()} ${searchedText(budget, half.value)})` : inPoints
    ? `${Math.abs(lostPoints(half)).toFixed(2)} ${lostPoints(half) < 0 ? 'gained' : 'lost'}` : searchedText(budget, half.value));
  return h('div', {class: `notice ${budget.met && !beyondBudget ? 'plain' : ''}`},
    `Budget: ${what}. `
    + `${change(budget.search)} on the ${budget.search.samples} samples that were searched on, `
    + `${change(budget.hold_out)} on the ${budget.hold_out.samples} held out; `
    + `${counted(budget.kept_float.length, 'layer')} of ${budget.layers} kept float for it, in ${counted(budget.evaluations, 'evaluation')}.`,
    labelled && ` By the labels of all ${labelled.samples} samples, ${Math.abs(100 * labelled.lost).toFixed(2)} points were ${labelled.lost < 0 ? 'gained' : 'lost'}`
      + `${labelled.beyond ? ': more than was expected, by chance or because the scores are not as sure as they say. With --metric top1 the labels judge.' : '.'}`,
    beyondBudget && budget.met && ' Held out, it is more than the budget: chance, or too few samples for so small a budget.');
}

function nextSteps() {
  if (training || lastStage === 'train') return trainingSteps();
  if (failed || unfinished) {
    const when = failed ? 'Once what the message names is mended, run it again:' : 'To run it again:';
    return [[when, commandLine()]];
  }
  const steps = [];
  if (result && !integerNodes) {
    return [['To make the file smaller all the same, at the price of time:', withFlag('--coverage', 'widest')],
      ['Another target may fit your machine better:', 'octavo targets']];
  }
  const model = `${folderPath()}/model.int8.onnx`;
  const p = evaluated[1] && evaluated[1].same_accuracy_p;
  const lossy = (isNumber(p) && p < 0.05 && judging.before && judging.after.value < judging.before.value)
    || (budget && !budget.met);
  if (!judging) {
    steps.push(['Nobody knows yet how accurate it is. Measure it on labelled data:',
      `octavo evaluate ${modelPath()} ${model} --evaluation DATA`]);
  } else if (lossy) {
    steps.push(['It loses more than chance explains. See which layers do it:', analyzeCommand()]);
    steps.push(['Or let the layers that hurt most stay float, until half a point is all that is lost:',
      `octavo quantize ${modelPath()}${calibrationFlag()} --evaluation ${dataPath('evaluation')} --max-drop 0.5%${targetFlag()} --run ${folderPath()}`]);
  } else {
    const verdict = beyondBudget || (byLabels() || {}).beyond ? 'More samples would tell whether what it loses beyond the budget is chance:'
      : `${latencyRatio <= 0.95 ? 'Good to use' : 'Its accuracy holds'}. Check it once more on data of your own:`;
    steps.push([verdict, `octavo evaluate ${modelPath()} ${model} --evaluation DATA`]);
  }
  if (latencyRatio > 0.95 && !result.coverages.length) {
    steps.push([`It is ${latencyRatio > 1.03 ? 'slower' : 'hardly faster'} here. Let octavo measure which nodes are worth it:`,
      withFlag('--coverage', 'fastest')]);
  } else if (latencyRatio > 0.95) {
    steps.push(['It is hardly faster here. Another target may fit your machine better:', 'octavo targets']);
  }
  return steps;
}

function showVerdict() {
  const model = fileName(run.model && run.model.path) || 'a model';
  document.title = `${model} – Octavo report`;
  const warnings = [...(run.warnings || []), ...(data.problems || [])];
  const element = h('section', {id: 'verdict', class: 'verdict', 'aria-label': 'Verdict'},
    h('p', {class: 'muted'}, h('span', {class: 'mono'}, model), ` for ${run.target || 'an unknown target'} `,
      budgetPill()),
    h('h1', {}, headline()),
    run.failure && h('div', {class: 'notice', role: 'alert'}, run.failure),
    unfinished && h('div', {class: 'notice', role: 'alert'},
      'run.json says that it still runs: it was interrupted, or this page was made too early. ',
      'What it had written by then is below.'),
    tiles(),
    budgetNotice(),
    warnings.map((text) => h('div', {class: 'notice plain'}, text)),
    h('h3', {}, 'Next'),
    h('ol', {class: 'steps'}, nextSteps().map(([text, line]) =>
      h('li', {}, h('p', {}, text), command(line)))));
  document.getElementById('contents').append(h('a', {href: '#verdict'}, 'Verdict'));
  document.getElementById('main').append(element);
}
