// Every node: what it runs as and why, what it loses and what it gains.

// Marks know their node by its number: the library copies what it is given, all of it.
const aboutMark = (at, lines) => lines(nodes[at]);
const chooseMark = ({data: mark}) => mark && nodes[mark.at] && select(nodes[mark.at], 'chart');

// Only those that have something to show: of a model that stays float, little is known.
const layerCharts = () => [
  nodes.some((node) => isNumber(byError(node))) && chart({title: data.analysis ? 'Sensitivity' : 'Where precision is lost', height: 400,
    note: data.analysis
      ? 'Signal to noise of the network’s outputs while only this layer is quantized; the shortest bars hurt most.'
      : 'Signal to noise of a layer’s own weight or result, the lower of both; the shortest bars lose most.',
    click: chooseMark}, sensitivityBars),
  nodes.some((node) => isNumber(node.depthError)) && chart({title: 'Error along the depth', height: 400, click: chooseMark,
    note: 'Signal to noise of each layer’s result against the float network’s, errors before it included.'},
    depthLine),
  nodes.some((node) => node.tensor && node.tensor.covered) && chart({title: 'Error in steps against range', height: 400, click: chooseMark,
    note: 'RMSE over scale; 0.29 is rounding alone, more is clipping or errors from layers before.'},
    errorScatter),
  nodes.some((node) => node.floatTime || node.integerTime) && chart({title: 'Where the time goes', height: 400, click: chooseMark,
    note: 'Of one run, the slowest layers; what the runtime fuses counts for the first of the nodes.'}, timeBars),
];

const byError = (node) => (node.sensitivity ? node.sensitivity.output_sqnr_db : node.localError);

const nodeLabels = () => ({color: color('text'), interval: 0, hideOverlap: false,
  formatter: (name) => shortened(name, innerWidth < 800 ? 16 : 30)});

function sensitivityBars() {
  const kBars = 20;
  const rows = nodes.filter((node) => isNumber(byError(node)) && (data.analysis ? node.sensitivity : node.weight))
    .sort((a, b) => byError(a) - byError(b)).slice(0, kBars);
  return {
    grid: {left: 16, right: 48, top: 4, bottom: 34, containLabel: true},
    tooltip: tooltip(({data: {at}}) => aboutMark(at, (node) => [node.name, `${decibels(byError(node))} dB`,
      node.sensitivity && node.sensitivity.hint, 'click for its tensors'])),
    xAxis: axis({type: 'value', name: 'dB', nameGap: 22, min: 0}),
    yAxis: axis({type: 'category', inverse: true, data: rows.map((node) => node.name),
      axisLabel: nodeLabels()}),
    series: [{type: 'bar', barMaxWidth: 14, itemStyle: {color: color('integer')},
      data: rows.map((node) => ({value: byError(node), at: node.index})),
      label: {show: true, position: 'right', color: color('muted'), fontSize: 11,
        formatter: ({value}) => decibels(value)}}]};
}

function depthLine() {
  const rows = nodes.filter((node) => isNumber(node.depthError));
  return {
    grid: {left: 54, right: 20, top: 14, bottom: 44},
    tooltip: tooltip(({data: {at}}) => aboutMark(at, (node) => [node.name, node.op_type, `${decibels(node.depthError)} dB`])),
    xAxis: axis({type: 'value', name: 'node, in the order of the graph', max: Math.max(nodes.length, 1)}),
    yAxis: axis({type: 'value', name: 'dB', nameGap: 34, scale: true}),
    series: [{type: 'line', symbol: 'circle', symbolSize: rows.length > 150 ? 4 : 7,
      triggerLineEvent: false, itemStyle: {color: color('integer')}, lineStyle: {width: 1.5},
      data: rows.map((node) => ({value: [node.index, node.depthError], at: node.index}))}]};
}

const stepError = (tensor) => (isNumber(tensor.depth_rmse) ? tensor.depth_rmse : tensor.rmse) / tensor.scale;

function errorScatter() {
  const rows = nodes.filter((node) => node.tensor && stepError(node.tensor) > 0 && node.tensor.covered);
  const width = (tensor) => tensor.covered[1] - tensor.covered[0];
  return {
    grid: {left: 58, right: 20, top: 16, bottom: 44},
    tooltip: tooltip(({data: {at}}) => aboutMark(at, (node) => [node.name, `${number(stepError(node.tensor), 3)} steps`,
      `range ${range(node.tensor.covered)}`])),
    xAxis: axis({type: 'log', name: 'width of the range', axisLabel: {formatter: (v) => number(v, 2)}}),
    yAxis: axis({type: 'log', name: 'RMSE / scale', nameGap: 42, axisLabel: {formatter: (v) => number(v, 2)}}),
    series: [{type: 'scatter', symbolSize: 9, itemStyle: {color: color('integer'), opacity: 0.8},
      data: rows.map((node) => ({value: [width(node.tensor), stepError(node.tensor)], at: node.index}))}]};
}

function timeBars() {
  const kBars = 14;
  const rows = nodes.filter((node) => node.floatTime || node.integerTime)
    .map((node) => ({name: node.name, at: node.index, before: node.floatTime || 0, after: node.integerTime || 0}))
    .sort((a, b) => Math.max(b.before, b.after) - Math.max(a.before, a.after)).slice(0, kBars);
  if (data.graph.conversion_us) rows.push({name: 'all conversions', before: 0, after: data.graph.conversion_us});
  const bars = (name, key, shade) => ({type: 'bar', name, barMaxWidth: 9, barGap: '10%', itemStyle: {color: color(shade)},
    data: rows.map((row) => ({value: row[key], at: row.at}))});
  return {
    grid: {left: 16, right: 24, top: 30, bottom: 34, containLabel: true}, legend: legend(),
    tooltip: tooltip(({dataIndex}) => [rows[dataIndex].name, `float ${number(rows[dataIndex].before, 3)} µs`,
      `quantized ${number(rows[dataIndex].after, 3)} µs`], {trigger: 'axis', axisPointer: {type: 'shadow'}}),
    xAxis: axis({type: 'value', name: 'microseconds', nameGap: 24}),
    yAxis: axis({type: 'category', inverse: true, data: rows.map((row) => row.name), axisLabel: nodeLabels()}),
    series: [bars('float', 'before', 'float'), bars('quantized', 'after', 'integer')]};
}

// Long tables first show so many rows; a button shows the rest.
const kFirstRows = 300;

const columnsOfLayers = () => [
  {title: 'Node', class: 'name', value: (node) => node.name},
  {title: 'Type', value: (node) => node.op_type},
  {title: 'Runs as', value: (node) => node.decision, cell: runsAs},
  data.analysis && {title: 'Alone, dB', align: 'right', help: 'Of the network’s outputs while only this layer is quantized',
    value: (node) => node.sensitivity && node.sensitivity.output_sqnr_db, cell: (node) => decibels(node.sensitivity && node.sensitivity.output_sqnr_db)},
  {title: 'Weight, dB', align: 'right', help: 'Signal to noise of the weight',
    value: (node) => node.weight && node.weight.sqnr_db, cell: (node) => decibels(node.weight && node.weight.sqnr_db)},
  {title: 'Result, dB', align: 'right', help: 'Signal to noise of the result, by its own quantizer',
    value: (node) => node.tensor && node.tensor.sqnr_db, cell: (node) => decibels(node.tensor && node.tensor.sqnr_db)},
  {title: 'Depth, dB', align: 'right', help: 'Against the float network, errors before it included',
    value: (node) => node.depthError, cell: (node) => decibels(node.depthError)},
  {title: 'Scale', align: 'right', value: (node) => node.tensor && node.tensor.scale, cell: (node) => number(node.tensor && node.tensor.scale)},
  {title: 'Zero', align: 'right', help: 'Zero point', value: (node) => node.tensor && node.tensor.zero_point,
    cell: (node) => (node.tensor ? node.tensor.zero_point : '–')},
  {title: 'Calibrator', value: (node) => node.tensor && node.tensor.calibrator, cell: (node) => (node.tensor ? node.tensor.calibrator : '–')},
  {title: 'Float, µs', align: 'right', value: (node) => node.floatTime, cell: (node) => number(node.floatTime, 3)},
  {title: 'Now, µs', align: 'right', value: (node) => node.integerTime, cell: (node) => number(node.integerTime, 3)},
  {title: 'Speed-up', align: 'right', value: (node) => node.speedup, cell: (node) => (node.speedup ? `${node.speedup.toFixed(2)}×` : '–')},
  {title: 'Why', value: (node) => node.reason, class: 'reason'},
].filter((column) => column);

function filters(onChange) {
  const search = h('input', {type: 'search', placeholder: 'Filter by name', 'aria-label': 'Filter by name', input: apply});
  const options = (values) => values.map((value) => h('option', {value}, value));
  const types = h('select', {'aria-label': 'Filter by type', change: apply}, h('option', {value: ''}, 'All types'),
    options([...new Set(nodes.map((node) => node.op_type))].sort()));
  const decisions = h('select', {'aria-label': 'Filter by what it runs as', change: apply},
    h('option', {value: ''}, 'All'), h('option', {value: 'quantized'}, 'On integers'),
    h('option', {value: 'absorbed'}, 'Absorbed'), h('option', {value: 'float'}, 'Float'));
  const count = h('span', {class: 'count', role: 'status'});
  function apply() {
    const text = search.value.toLowerCase();
    const shown = nodes.filter((node) => node.name.toLowerCase().includes(text)
      && (!types.value || node.op_type === types.value) && (!decisions.value || node.decision === decisions.value));
    count.textContent = `${shown.length} of ${nodes.length} nodes`;
    onChange(shown);
  }
  apply();
  return h('div', {class: 'tools'}, search, types, decisions, count);
}

function showLayers() {
  if (!nodes.length) return;
  const layers = table(columnsOfLayers(), nodes, {label: 'Nodes', limit: kFirstRows, class: 'layers',
    select: (node) => select(node, 'table')});
  const tools = filters((shown) => layers.show(shown));
  section('layers', 'Layers', 'Choose a row, a bar or a point, and its tensors open below the table.',
    h('div', {class: 'grid'}, layerCharts()),
    !data.analysis && absent('What each layer alone does to the outputs was not measured. This does it, and the next report shows it here:',
      `${analyzeCommand()} && ${reportCommand()}`),
    tools, h('div', {class: 'scroller tall'}, layers.element), h('div', {id: 'detail', 'aria-live': 'polite'}));
  selectionListeners.push((node, from) => layers.mark(node, from !== 'start' && from !== 'table'));
}
