// One layer's tensors: histogram, ranges, and the weight's channels.

function neighbours(title, list) {
  if (!list.length) return null;
  return h('div', {class: 'links'}, h('span', {class: 'muted small'}, title),
    list.slice(0, 12).map((node) => h('button', {type: 'button', title: node.name,
      click: () => select(node, 'link')}, `${node.op_type} ${shortened(node.name, 34)}`)),
    list.length > 12 && h('span', {class: 'muted small'}, `and ${list.length - 12} more`));
}

function histogram(tensor) {
  const {histogram: counts, seen} = tensor;
  const step = (seen[1] - seen[0]) / counts.length || 1;
  const top = 10 ** Math.ceil(Math.log10(Math.max(...counts, 1) * 1.5));
  const [low, high] = tensor.covered;
  const pad = (Math.max(high, seen[1]) - Math.min(low, seen[0])) * 0.02 || 1;
  return {
    grid: {left: 52, right: 16, top: 24, bottom: 30},
    tooltip: tooltip(({value}) => value && [`${number(value[0], 3)} to ${number(value[1], 3)}`, `${value[2]} values`]),
    xAxis: axis({type: 'value', min: Math.min(low, seen[0]) - pad, max: Math.max(high, seen[1]) + pad,
      axisLabel: {formatter: (value) => number(value, 3), showMinLabel: false, showMaxLabel: false}}),
    yAxis: axis({type: 'log', min: 0.5, max: top, name: 'values', nameGap: 38,
      axisLabel: {formatter: (value) => (value < 1 ? '' : number(value, 2))}}),
    series: [{type: 'custom', name: 'values', encode: {x: [0, 1], y: 2}, itemStyle: {color: color('integer')},
      data: counts.map((count, i) => [seen[0] + i * step, seen[0] + (i + 1) * step, count]),
      renderItem(parameters, api) {
        if (!api.value(2)) return null;
        const [left, top] = api.coord([api.value(0), api.value(2)]);
        const [right, bottom] = api.coord([api.value(1), 0.5]);
        return {type: 'rect', shape: {x: left, y: top, width: Math.max(right - left - 0.4, 1), height: bottom - top},
          style: {fill: color('integer')}};
      },
      markArea: {silent: true, itemStyle: {color: color('integer'), opacity: 0.1},
        label: {show: true, position: 'insideTop', distance: -16, color: color('muted'), fontSize: 11,
          formatter: 'codes reach'}, data: [[{xAxis: low, name: 'codes reach'}, {xAxis: high}]]},
      markLine: {silent: true, symbol: 'none', label: {show: false}, lineStyle: {color: color('float'), type: 'solid', width: 1.5},
        data: [{xAxis: low}, {xAxis: high}]}}]};
}

function candidateRanges(tensor) {
  const rows = tensor.candidates;
  const low = Math.min(...rows.map((row) => row.range[0]), tensor.seen[0]);
  const high = Math.max(...rows.map((row) => row.range[1]), tensor.seen[1]);
  const same = (row) => row.calibrator === tensor.calibrator;
  return {
    grid: {left: 16, right: 66, top: 8, bottom: 26, containLabel: true},
    tooltip: tooltip(({dataIndex}) => [rows[dataIndex].asked + (rows[dataIndex].asked === 'auto' ? ` → ${rows[dataIndex].calibrator}` : ''),
      range(rows[dataIndex].range), `${decibels(rows[dataIndex].sqnr_db)} dB`]),
    xAxis: axis({type: 'value', min: low - (high - low) * 0.02, max: high + (high - low) * 0.02,
      axisLabel: {formatter: (value) => number(value, 3), showMinLabel: false, showMaxLabel: false}}),
    yAxis: axis({type: 'category', inverse: true, data: rows.map((row) => row.asked),
      axisLabel: {color: color('text'), interval: 0}}),
    series: [{type: 'custom', encode: {x: [0, 1], y: 2},
      data: rows.map((row, i) => [row.range[0], row.range[1], i]),
      renderItem(parameters, api) {
        const row = rows[parameters.dataIndex];
        const [left, y] = api.coord([api.value(0), api.value(2)]);
        const [right] = api.coord([api.value(1), api.value(2)]);
        const {x, width} = parameters.coordSys;
        return {type: 'group', children: [
          {type: 'rect', shape: {x: left, y: y - 4, width: Math.max(right - left, 2), height: 8, r: 2},
            style: {fill: color(same(row) ? 'float' : 'absorbed')}},
          {type: 'text', style: {text: `${decibels(row.sqnr_db)} dB`, x: x + width + 6, y, textVerticalAlign: 'middle',
            fill: color(same(row) ? 'text' : 'muted'), font: `${same(row) ? '600 ' : ''}11px sans-serif`}}]};
      }}]};
}

function weightBoxes(weight) {
  const repaired = weight.before === 'repair';
  const series = (name, boxes, shade) => ({type: 'boxplot', name, boxWidth: [2, 14], data: boxes,
    itemStyle: {color: 'transparent', borderColor: color(shade), borderWidth: 1.3}});
  return {
    grid: {left: 54, right: 14, top: 30, bottom: 42}, legend: legend(),
    tooltip: tooltip(({data: box, dataIndex, seriesName}) => [`channel ${weight.shown[dataIndex]}, ${seriesName}`,
      `${number(box[1] === undefined ? NaN : box[box.length - 5], 3)} to ${number(box[box.length - 1], 3)}`,
      `median ${number(box[box.length - 3], 3)}`]),
    xAxis: axis({type: 'category', name: 'output channel', data: weight.shown.map(String)}),
    yAxis: axis({type: 'value', scale: true, axisLabel: {formatter: (value) => number(value, 3)}}),
    series: [weight.boxes_before && series(repaired ? 'before repair' : 'as given', weight.boxes_before, 'float'),
      series(!weight.boxes_before ? 'weights' : repaired ? 'repaired' : 'prepared', weight.boxes, 'integer')].filter((s) => s)};
}

function tensorPanel(title, tensor) {
  const figures = tensor.histogram && tensor.histogram.length ? [
    chart({title: 'Values', heading: 'h4', height: 250, label: `Histogram of ${tensor.name}`,
      note: `${Number(tensor.values).toLocaleString('en')} seen, log count. The lines are where the codes end.`}, () => histogram(tensor)),
    chart({title: 'What other calibrators would have chosen', heading: 'h4', height: 250,
      label: `Ranges of ${tensor.candidates.length} calibrators for ${tensor.name}`,
      note: `Orange: ${tensor.calibrator}, as it was used here.`}, () => candidateRanges(tensor)),
  ] : [];
  return h('div', {class: 'tensor'}, h('h4', {}, `${title}: `, h('span', {class: 'tensor-name'}, tensor.name)),
    facts([['type', `${tensor.dtype}, ${tensor.bits} bits`], ['scale', number(tensor.scale, 6)],
      ['zero point', tensor.zero_point], ['range', range(tensor.range)], ['calibrator', tensor.calibrator],
      isNumber(tensor.sqnr_db) && ['signal to noise', `${decibels(tensor.sqnr_db)} dB`],
      isNumber(tensor.clipped_share) && ['clipped', percent(tensor.clipped_share)],
      tensor.not_finite > 0 && ['NaN or infinite', tensor.not_finite]]),
    tensor.same_values_as && h('p', {class: 'muted small'},
      `Holds the values of ${tensor.same_values_as.join(', ') || 'a known range'}, moved: nothing of its own to show.`),
    figures.length > 0 && h('div', {class: 'grid'}, figures));
}

function weightPanel(weight) {
  const some = weight.shown.length < weight.channels;
  return h('div', {class: 'tensor'}, h('h4', {}, 'Weight: ', h('span', {class: 'tensor-name'}, weight.name)),
    facts([['type', `${weight.dtype}, ${weight.bits} bits`], ['shape', weight.shape.join(' × ')],
      ['scales', weight.scales.count === 1 ? number(weight.scales.largest, 6)
        : `${weight.scales.count}, ${number(weight.scales.smallest, 3)} to ${number(weight.scales.largest, 3)}`],
      ['range', range(weight.seen)], ['signal to noise', `${decibels(weight.sqnr_db)} dB`],
      ['widest over median channel', number(weight.unevenness, 3)]]),
    chart({title: 'Channels', heading: 'h4', height: 270, label: `Box chart of the channels of ${weight.name}`,
      note: `${some ? `${weight.shown.length} of ${weight.channels} channels, from the narrowest to the widest` : `${weight.channels} channels`}`
        + `${!weight.boxes_before ? '' : weight.before === 'repair' ? '; before and after the repairs of the float model'
          : '; as given in the file and after preparation'}.`}, () => weightBoxes(weight)));
}

function showDetail(node, from) {
  const panel = document.getElementById('detail');
  if (!panel) return;
  const before = [...new Set(node.inputs.map((name) => makers.get(name)).filter((maker) => maker))];
  const after = [...new Set(node.outputs.flatMap((name) => readers.get(name) || []))];
  const inputs = node.decision === 'float' ? [] : node.inputs.map((name) => tensors.get(name)).filter((t) => t);
  panel.replaceChildren(
    h('h3', {}, h('span', {class: 'tensor-name'}, node.name)),
    h('p', {}, node.op_type, ' · ', runsAs(node), ' · ', h('span', {class: 'muted'}, node.reason)),
    facts([node.sensitivity && ['outputs, this layer alone', `${decibels(node.sensitivity.output_sqnr_db)} dB`],
      isNumber(node.depthError) && ['against float, here', `${decibels(node.depthError)} dB`],
      isNumber(node.floatTime) && ['float', `${number(node.floatTime, 3)} µs`],
      isNumber(node.integerTime) && ['now', `${number(node.integerTime, 3)} µs`],
      node.speedup && ['speed-up', `${node.speedup.toFixed(2)}×`]]),
    node.sensitivity && node.sensitivity.hint ? h('p', {class: 'notice plain'}, node.sensitivity.hint) : '',
    neighbours('reads from', before) || '', neighbours('read by', after) || '',
    h('div', {class: 'links'}, h('button', {type: 'button', click: () => showInGraph(node)}, 'Show in the graph')),
    node.tensor ? tensorPanel('Result', node.tensor) : '',
    ...inputs.slice(0, 3).map((tensor) => tensorPanel('Input', tensor)),
    node.weight ? weightPanel(node.weight) : '',
    !node.tensor && !node.weight && !inputs.length
      ? h('p', {class: 'muted'}, 'No integer codes here: the calibration did not look at its tensors.') : '');
  dropCharts();
  if (from === 'graph' || from === 'chart') panel.scrollIntoView({block: 'nearest'});
}
