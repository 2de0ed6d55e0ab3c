// Float against quantized, side by side; every candidate that was measured; the sweep.

function sideBySide() {
  if (!evaluated.length) {
    return absent('The models were not evaluated. With labelled data, the same run compares them:',
      `${commandLine()} --evaluation DATA`);
  }
  const names = [...new Set(evaluated.flatMap((model) => Object.keys(model.metrics)))];
  const columns = [
    {title: 'Model', value: (model) => fileName(model.model), class: 'name'},
    ...names.map((name) => ({title: metricName(name), align: 'right',
      value: (model) => model.metrics[name] && model.metrics[name].value,
      cell: (model) => metricText(name, model.metrics[name])
        + (intervalText(model.metrics[name]) ? ` (${intervalText(model.metrics[name])})` : '')})),
    {title: 'Size', align: 'right', value: (model) => model.file_bytes,
      cell: (model) => bytes(model.file_bytes)},
    {title: 'Latency', align: 'right', value: (model) => model.latency && model.latency.median_ms,
      cell: (model) => (model.latency
        ? `${number(model.latency.median_ms, 3)} ± ${milliseconds(model.latency.spread_ms)}` : '–')},
    {title: 'Of float’s time', align: 'right', value: (model) => model.latency_ratio_to_first,
      cell: (model) => (isNumber(model.latency_ratio_to_first)
        ? model.latency_ratio_to_first.toFixed(2) : '–')},
  ];
  return [h('div', {class: 'scroller'},
    table(columns, evaluated, {label: 'Float against quantized'}).element),
    h('p', {class: 'muted small', style: 'margin-top:0.5rem'}, `${data.evaluation.samples} samples in ${data.evaluation.runtime}; `
      + 'in brackets the 95 % interval; latency is a median ± its absolute deviation, models in turn.')];
}

// What a row of sweep.json has beside its recipe; the rest of its keys are what the sweep varied.
const kOutcomes = new Set(['unsupported', 'metrics', 'file_bytes', 'latency_ms', 'latency_ratio',
  'same_accuracy_p', 'on_front', 'file']);

// The values that differ between rows, "int8, per-channel, mse".
function recipesOf(rows) {
  const axes = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((key) => !kOutcomes.has(key));
  const varied = axes.filter((key) => new Set(rows.map((row) => row[key])).size > 1);
  return (row) => (varied.length ? varied : axes).map((key) => row[key]).join(', ');
}

// The sweep's rows, and the two models of this run, in one form.
function allCandidates() {
  const rows = (data.sweep && data.sweep.rows) || [];
  const recipe = recipesOf(rows);
  const metric = data.sweep ? data.sweep.metric : judging && judging.name;
  const value = (metrics, name) => metrics && metrics[name] && metrics[name].value;
  const candidates = rows.map((row) => ({recipe: recipe(row), kind: 'sweep', unsupported: row.unsupported,
    accuracy: value(row.metrics, metric), sqnr_db: value(row.metrics, 'sqnr'), bytes: row.file_bytes,
    latency_ms: row.latency_ms, ratio: row.latency_ratio, front: Boolean(row.on_front)}));
  evaluated.slice(0, 2).forEach((model, index) => candidates.push({
    recipe: index ? 'this run' : 'float', kind: index ? 'run' : 'float', accuracy: value(model.metrics, metric),
    sqnr_db: value(model.metrics, 'sqnr'), bytes: model.file_bytes,
    latency_ms: model.latency && model.latency.median_ms, ratio: model.latency_ratio_to_first}));
  return candidates;
}

// Times that were not measured in the same turns compare by their share of float's time alone.
const drawable = (rows) => rows.filter((row) => isNumber(row.accuracy) && isNumber(row.ratio));

function paretoChart(rows) {
  const drawn = drawable(rows);
  const [low, high] = [Math.min, Math.max].map((pick) => pick(...drawn.map((row) => row.accuracy)));
  const room = Math.max(0.003, 0.2 * (high - low));
  const largest = Math.max(...drawn.map((row) => row.bytes || 0), 1);
  const kinds = [['float', 'Float', 'float', 'circle'], ['run', 'This run', 'integer', 'diamond'],
    ['sweep', 'Sweep', 'absorbed', 'rect']];
  const ofKind = (kind) => drawn.filter((row) => row.kind === kind).map((row) => ({row,
    value: [row.ratio, row.accuracy], symbolSize: 9 + 21 * Math.sqrt((row.bytes || 0) / largest)}));
  return chart({title: 'Accuracy, latency and size', height: 340,
    note: 'Each mark is a candidate, its area is the file’s size; the line joins those that no other beats in both.',
    label: `Scatter of ${drawn.length} candidates: latency against accuracy`}, () => ({
    grid: {left: 62, right: 24, top: 34, bottom: 46}, legend: legend(),
    tooltip: tooltip(({data: point}) => point.row && [point.row.recipe, `accuracy ${percent(point.row.accuracy)}`,
      `${point.row.ratio.toFixed(2)} of float’s time${isNumber(point.row.latency_ms) ? `, ${milliseconds(point.row.latency_ms)}` : ''}`,
      isNumber(point.row.bytes) && `size ${bytes(point.row.bytes)}`]),
    xAxis: axis({type: 'value', name: 'latency, of float’s time', scale: true, boundaryGap: ['6%', '10%']}),
    yAxis: axis({type: 'value', name: 'accuracy', min: low - room, max: high + room, nameGap: 46,
      axisLabel: {showMinLabel: false, showMaxLabel: false, formatter: (value) => `${Number((100 * value).toFixed(2))} %`}}),
    series: [...kinds.map(([kind, name, shade, symbol]) => ({type: 'scatter', name, symbol, data: ofKind(kind),
      itemStyle: {color: color(shade), borderColor: color('text'), borderWidth: 0.6}})).filter((s) => s.data.length),
    {type: 'line', name: 'Pareto front', step: 'end', symbol: 'none', silent: true,
      lineStyle: {color: color('muted'), type: 'dashed', width: 1.2}, itemStyle: {color: color('muted')},
      data: paretoFront(drawn).map((row) => [row.ratio, row.accuracy])}]}));
}

function paretoFront(rows) {
  let best = -Infinity;
  return [...rows].sort((a, b) => a.ratio - b.ratio || b.accuracy - a.accuracy)
    .filter((row) => row.accuracy > best && ((best = row.accuracy), true));
}

function coverageChart() {
  const rows = result.coverages;
  return chart({title: 'Ways to split the model between integers and float', height: 60 + 44 * rows.length,
    note: 'Each was run as a whole on this machine; the fastest was taken.'}, () => ({
    grid: {left: 16, right: 110, top: 10, bottom: 8, containLabel: true},
    tooltip: tooltip(({dataIndex}) => [rows[dataIndex].name,
      `${rows[dataIndex].quantized_nodes} nodes on integers`,
      `${milliseconds(rows[dataIndex].latency_ms)}, ${rows[dataIndex].ratio_to_float.toFixed(2)} of float’s time`,
      ...Object.entries(rows[dataIndex].elsewhere || {}).map(([runtime, latency]) =>
        `${runtime}: ${milliseconds(latency.ms)}, ${latency.ratio_to_float.toFixed(2)} of float’s time`)]),
    xAxis: axis({type: 'value', show: false}),
    yAxis: axis({type: 'category', inverse: true, data: rows.map((row) => row.name),
      axisLabel: {color: color('text'), width: 150, overflow: 'truncate'}}),
    series: [{type: 'bar', barMaxWidth: 22, data: rows.map((row) => ({value: row.latency_ms,
      itemStyle: {color: color(!row.quantized_nodes ? 'float' : row.chosen ? 'integer' : 'absorbed')}})),
    label: {show: true, position: 'right', color: color('text'),
      formatter: ({dataIndex}) => `${milliseconds(rows[dataIndex].latency_ms)}${rows[dataIndex].chosen ? '  chosen' : ''}`}}]}));
}

function sweepTable(rows) {
  return h('div', {class: 'scroller tall'}, table([
    {title: 'Recipe', value: (row) => row.recipe, class: 'name'},
    {title: 'Accuracy', align: 'right', value: (row) => row.accuracy, cell: (row) => percent(row.accuracy)},
    {title: 'SQNR, dB', align: 'right', value: (row) => row.sqnr_db, cell: (row) => decibels(row.sqnr_db)},
    {title: 'Size', align: 'right', value: (row) => row.bytes, cell: (row) => bytes(row.bytes)},
    {title: 'Latency, ms', align: 'right', value: (row) => row.latency_ms, cell: (row) => number(row.latency_ms, 3)},
    {title: 'Of float’s time', align: 'right', value: (row) => row.ratio, cell: (row) => (isNumber(row.ratio) ? row.ratio.toFixed(2) : '–')},
    {title: 'Pareto front', value: (row) => (row.front ? 0 : 1), cell: (row) => (row.front ? 'yes' : '')},
    rows.some((row) => row.unsupported) && {title: 'Refused', class: 'reason', value: (row) => row.unsupported},
  ].filter((column) => column), rows, {label: 'Candidates', class: 'sweep', limit: 200, chosen: (row) => row.kind === 'run'}).element);
}

// Each repair, whether it stayed, and what it costs that the judge does not see.
function repairTable(rows) {
  const verdict = (row) => (!row.changes.length ? 'nothing to change' : !row.kept ? 'undone: it did not help'
    : row.held_out ? 'kept' : 'kept: no samples to judge it by');
  const judged = (row, value) => (row.held_out ? `${decibels(value)} dB` : '–');
  return h('div', {class: 'scroller'}, table([
    {title: 'Repair', value: (row) => row.name, class: 'name'},
    {title: 'Layers', align: 'right', value: (row) => row.changes.length},
    {title: 'SQNR before', align: 'right', value: (row) => row.before_db, cell: (row) => judged(row, row.before_db)},
    {title: 'After', align: 'right', value: (row) => row.after_db, cell: (row) => judged(row, row.after_db)},
    {title: 'Samples held out', align: 'right', value: (row) => row.held_out},
    {title: 'More operators', align: 'right', value: (row) => row.added_operators,
      help: 'that it put into the model: each costs time'},
    {title: 'Verdict', class: 'reason', value: verdict},
  ], rows, {label: 'Repairs'}).element);
}

function repairPart() {
  const rows = (result && result.repairs) || [];
  if (!rows.length) return null;
  return [h('h3', {style: 'margin-top:1.4rem'}, 'Repairs'),
    h('p', {class: 'muted small'}, 'In the order in which they were applied. One that does not help on samples held out is undone; '
      + 'the layers below show the weights before and after.'),
    repairTable(rows)];
}

function showCandidates() {
  if (!result && !data.sweep && !evaluated.length) return;
  const rows = allCandidates();
  const figures = [];
  if (drawable(rows).length > 1) figures.push(paretoChart(rows));
  if (result && result.coverages.length) figures.push(coverageChart());
  section('candidates', 'Candidates', null, sideBySide(),
    figures.length > 0 && h('div', {class: 'grid', style: 'margin-top:1.2rem'}, figures),
    repairPart(),
    h('h3', {style: 'margin-top:1.4rem'}, 'Sweep'),
    data.sweep ? sweepTable(rows)
      : absent('Other schemes and calibrators were not tried. This compares them, and the next report shows them here:',
        `${sweepCommand()} && ${reportCommand()}`),
    searchHistory());
}
