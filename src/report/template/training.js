// How a training went: what octavo-train wrote to training.json.

const training = data.training && data.training.records ? data.training : null;
const ofEvaluations = (key) => (training ? training.evaluations : []).filter((point) => isNumber(point[key]))
  .map((point) => ({step: point.step, value: point[key]}));
const judged = training ? ofEvaluations(training.metric) : [];
// Runs of before loss took part in it do not say what was kept.
const kept = training && isNumber(training.kept_step) ? judged.find((point) => point.step === training.kept_step)
  : judged.reduce((best, point) => (best && best.value > point.value ? best : point), null);

function trainingHeadline() {
  const parts = [`${metricName(training.metric)} ${percent(judged[0].value)} → ${percent(kept.value)} by training`];
  if (training.metric !== 'agreement') parts.push(`float has ${percent(training.float)}`);
  return parts.join(', ');
}

function trainingSteps() {
  const folder = folderPath();
  if (failed || unfinished) {
    return [['Go on from the last checkpoint:', `octavo finetune ${modelPath()} --run ${folder} --resume`]];
  }
  return [['Measure it in the runtime, beside the float model and what training began with, on data that training never saw:',
    `octavo evaluate ${modelPath()} ${folder}/start.onnx ${folder}/trained.onnx --evaluation DATA`]];
}

// A line over the steps. `marks`: [name, value] of lines across.
function trainingChart(settings) {
  const {points, format, marks = []} = settings;
  const values = [...points.map((point) => point.value), ...marks.map(([, value]) => value)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.06 * (high - low) || Math.abs(high) * 0.1 || 1;
  return chart({title: settings.title, note: settings.note, height: 250,
    label: `${settings.title}: ${points.length} points over ${training.steps} steps`}, () => ({
    grid: {left: 16, right: 24, top: 14, bottom: 40, containLabel: true},
    tooltip: tooltip(({value}) => [`step ${value[0]}`, `${settings.title.toLowerCase()} ${format(value[1])}`], {trigger: 'axis'}),
    xAxis: axis({type: 'value', name: 'step', min: 0, max: training.steps}),
    yAxis: axis({type: 'value', min: settings.least === undefined ? low - room : settings.least, max: high + room,
      axisLabel: {formatter: format, showMinLabel: false, showMaxLabel: false}}),
    series: [{type: 'line', symbolSize: 5, showSymbol: points.length < 60, itemStyle: {color: color('integer')}, lineStyle: {width: 2},
      data: points.map((point) => [point.step, point.value]),
      markLine: {symbol: 'none', silent: true, lineStyle: {color: color('float'), type: 'dashed'},
        label: {position: 'insideStartTop', color: color('text'), formatter: '{b}'},
        data: marks.map(([name, value]) => ({name: `${name} ${format(value)}`, yAxis: value}))}}]}));
}

const ofRecords = (key) => training.records.filter((record) => isNumber(record[key]))
  .map((record) => ({step: record.step, value: record[key]}));

// Drift is a mean of |log2|: as a share of where scales started it says more.
const asShare = (point) => ({step: point.step, value: 100 * (2 ** point.value - 1)});

function trainingCharts() {
  const clip = training.options.clip_norm;
  const figures = [
    judged.length > 1 && trainingChart({title: metricName(training.metric), points: judged, format: (value) => `${number(100 * value, 4)} %`,
      marks: training.metric === 'agreement' ? [] : [['float', training.float]],
      note: `On ${training.held_out_samples} samples kept aside; what was written is that of step ${kept.step}.`}),
    ofEvaluations('loss').length > 1 && trainingChart({title: 'Loss of what is kept aside', points: ofEvaluations('loss'),
      format: (value) => number(value, 3), note: 'Where it rises and that below falls, images are learned by heart.'}),
    trainingChart({title: 'Loss', points: ofRecords('loss'), format: (value) => number(value, 3),
      note: `${training.loss}, the mean since the point before.`}),
    trainingChart({title: 'Drift of the scales', points: ofRecords('step_drift').map(asShare), least: 0,
      format: (value) => `${number(value, 3)} %`,
      note: 'How far scales are from where they started, on average, up or down.'}),
    trainingChart({title: 'Length of the gradient', points: ofRecords('gradient_norm'), format: (value) => number(value, 3), least: 0,
      marks: clip > 0 ? [['shortened to', clip]] : [], note: 'The longest since the point before.'}),
    trainingChart({title: 'Learning rate', points: ofRecords('learning_rate'), format: (value) => number(value, 3), least: 0,
      note: 'Of the weights; scales have a factor on it.'}),
  ];
  return h('div', {class: 'grid'}, figures.filter((figure) => figure));
}

function showTraining() {
  if (!training) return;
  const {options} = training;
  const seconds = training.records.length ? training.records[training.records.length - 1].seconds : 0;
  const done = training.records.length ? training.records[training.records.length - 1].step : 0;
  section('training', 'Training', null,
    facts([['steps', done < training.steps ? `${done} of ${training.steps}` : String(done)],
      ['took', seconds < 90 ? `${number(seconds, 2)} s` : `${number(seconds / 60, 3)} min`],
      ['trained on', `${training.training_samples} samples`],
      ['batch', options.accumulate > 1 ? `${options.batch} × ${options.accumulate}` : String(options.batch)],
      ['epochs', number(options.epochs)],
      ['device', `${options.device}, ${options.precision}`], ['seed', String(options.seed)]]),
    training.records.length > 0 ? trainingCharts() : absent('No step was recorded yet.'));
}
