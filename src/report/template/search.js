// What the search for an accuracy budget tried, in order, and why it took what it took.

// A value of the search's metric, in the metric's own unit.
function searchedText(search, value) {
  if (!isNumber(value)) return search.unit === 'dB' ? 'equal' : '–';
  if (search.unit === '%') return percent(value);
  if (search.unit === 'dB') return `${decibels(value)} dB`;
  return `${number(value)}${search.unit ? ` ${search.unit}` : ''}`;
}

const stepKind = (step) => (step.kept ? 'kept' : step.within ? 'within' : 'beyond');

// What the budget is held against: the metric's value, or the share of right answers that is expected
// to be lost.
const searchedBy = (search) => (search.expected_loss
  ? {value: (step) => step.lost, scale: 100, unit: 'points', title: 'Points expected to be lost by each candidate'}
  : {value: (step) => step.value, scale: search.unit === '%' ? 100 : 1, unit: search.unit || search.metric,
    title: `${metricName(search.metric)} of each candidate`});
const pointsText = (share) => (isNumber(share) ? `${(100 * share).toFixed(2)}` : '–');

function searchChart(search) {
  const by = searchedBy(search);
  const steps = search.steps.filter((step) => isNumber(by.value(step)));
  const shown = (value) => by.scale * value;
  const lines = [['budget', search.limit], ...(search.expected_loss ? [] : [['float', search.float]])]
    .filter(([, value]) => isNumber(value));
  const ends = [...steps.map(by.value), ...lines.map(([, value]) => value)].map(shown);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = Math.max(0.08 * (high - low), 1e-6 * Math.abs(high));
  const kinds = [['beyond', 'Beyond the budget', 'float', 'circle'],
    ['within', 'Within the budget', 'absorbed', 'rect'], ['kept', 'Kept', 'integer', 'diamond']];
  return chart({title: by.title, height: 300, heading: 'h4',
    note: `On the ${search.samples} samples searched on; the line is the worst value within the budget.`,
    label: `${steps.length} candidates in the order in which they were evaluated`}, () => ({
    grid: {left: 64, right: 24, top: 34, bottom: 46}, legend: legend(),
    tooltip: tooltip(({data: point}) => point && point.step && [point.step.what,
      searchedText(search, point.step.value),
      search.expected_loss && `${pointsText(point.step.lost)} points expected to be lost`, point.step.why,
      isNumber(point.step.ratio_to_float) && `${point.step.ratio_to_float.toFixed(2)} of float’s time`]),
    xAxis: axis({type: 'value', name: 'evaluations', min: 0.5, max: Math.max(...steps.map((step) => step.evaluations)) + 0.5,
      axisLabel: {formatter: (value) => (Number.isInteger(value) ? String(value) : '')}, minInterval: 1}),
    yAxis: axis({type: 'value', name: by.unit, min: low - room, max: high + room,
      nameGap: 46, axisLabel: {showMinLabel: false, showMaxLabel: false,
        formatter: (value) => number(value, 4)}}),
    series: kinds.map(([kind, name, shade, symbol], index) => ({type: 'scatter', name, symbol,
      symbolSize: kind === 'kept' ? 15 : 10,
      itemStyle: {color: color(shade), borderColor: color('text'), borderWidth: 0.6},
      data: steps.filter((step) => stepKind(step) === kind)
        .map((step) => ({step, value: [step.evaluations, shown(by.value(step))]})),
      ...(index ? {} : {markLine: {symbol: 'none', silent: true,
        data: lines.map(([text, value]) => ({yAxis: shown(value), label: {formatter: text,
          position: 'insideStartTop', color: color('muted')},
        lineStyle: {color: color('muted'), type: text === 'budget' ? 'dashed' : 'dotted'}}))}})}))}));
}

function searchTable(search) {
  return h('div', {class: 'scroller tall'}, table([
    {title: '#', align: 'right', value: (step) => step.evaluations},
    {title: 'Tried', value: (step) => step.what},
    {title: 'Layers in float', align: 'right', value: (step) => step.float_layers},
    {title: metricName(search.metric), align: 'right', value: (step) => step.value,
      cell: (step) => searchedText(search, step.value)},
    search.expected_loss && {title: 'Points expected to be lost', align: 'right', value: (step) => step.lost,
      cell: (step) => pointsText(step.lost)},
    {title: 'Latency', align: 'right', value: (step) => step.latency_ms,
      cell: (step) => (isNumber(step.latency_ms) ? milliseconds(step.latency_ms) : '–'),
      help: 'Of the candidates within the budget, in turns'},
    {title: 'Of float’s time', align: 'right', value: (step) => step.ratio_to_float,
      cell: (step) => (isNumber(step.ratio_to_float) ? step.ratio_to_float.toFixed(2) : '–')},
    {title: 'Kept', value: (step) => (step.kept ? 0 : 1), cell: (step) => (step.kept ? 'yes' : '')},
    {title: 'Why', class: 'reason', value: (step) => step.why},
  ].filter((column) => column), search.steps, {label: 'Search history', class: 'search', chosen: (step) => step.kept}).element);
}

function searchHistory() {
  const {search} = data;
  if (!search || !search.steps || !search.steps.length) return null;
  const ratio = isNumber(search.ratio_to_integers)
    ? ` What was kept takes ${search.ratio_to_integers.toFixed(2)} of the time with no layer in float.` : '';
  return h('div', {id: 'search', style: 'margin-top:1.4rem'}, h('h3', {}, 'Search history'),
    h('p', {class: 'muted small'}, `${counted(search.evaluations, 'evaluation')} of at most `
      + `${search.most_evaluations}, for ${search.expected_loss
        ? `at most ${pointsText(search.limit)} points expected to be lost`
        : `a ${metricName(search.metric).toLowerCase()} ${search.better === 'lower' ? 'of at most' : 'of at least'} ${searchedText(search, search.limit)}`}.${ratio}`),
    searchChart(search), searchTable(search));
}
