// What the ranges were calibrated on: are there enough samples, and which of them set the ranges?

function convergenceChart(convergence) {
  const line = (name, values, shade, type) => ({type: 'line', name, symbol: 'none', itemStyle: {color: color(shade)},
    lineStyle: {type, width: 2}, data: values.map((value, i) => [convergence.samples[i], value])});
  return chart({title: 'How fast ranges settle', height: 300,
    note: `Width of what the first samples span, as a share of what all do.${convergence.slowest ? ` Slowest: ${shortened(convergence.slowest, 40)}.` : ''}`}, () => ({
    grid: {left: 54, right: 20, top: 30, bottom: 44}, legend: legend(),
    tooltip: tooltip(({dataIndex}) => [`${convergence.samples[dataIndex]} samples`,
      `mean of all tensors ${percent(convergence.mean[dataIndex])}`,
      `slowest tensor ${percent(convergence.least[dataIndex])}`], {trigger: 'axis'}),
    xAxis: axis({type: 'value', name: 'samples'}),
    yAxis: axis({type: 'value', max: 1, scale: true, axisLabel: {formatter: (value) => `${Math.round(100 * value)} %`}}),
    series: [line('mean of all tensors', convergence.mean, 'integer', 'solid'),
      line('slowest tensor', convergence.least, 'float', 'dashed')]}));
}

function settled(convergence) {
  const half = Math.floor((convergence.mean.length - 1) / 2);
  const share = convergence.mean[half];
  return share >= 0.98 ? `Half of the samples would have given ${percent(share)} of the ranges' width: they are enough.`
    : `Half of the samples give only ${percent(share)} of the ranges' width: more samples would still move them.`;
}

const selectCommand = (count) => `octavo select ${modelPath()} --from ${dataPath('calibration')}${targetFlag()}`
  + ` --count ${Math.max(1, Math.min(32, Math.ceil(count / 2)))} -o picked.yaml --run ${folderPath()}`;

function picture(sample, tensorCount) {
  const name = sample.name ? fileName(sample.name) : `sample ${sample.index}`;
  return h('figure', {}, sample.thumbnail && h('img', {src: sample.thumbnail, alt: `Sample ${sample.index}${sample.label === undefined ? '' : `, label ${sample.label}`}`}),
    h('figcaption', {title: `${sample.name || ''}${sample.label === undefined ? '' : `, label ${sample.label}`}`}, name, h('br'),
      `sets ${sample.extremes} of ${2 * tensorCount}`));
}

function fewerSamples(samples) {
  return h('div', {}, h('h3', {}, 'Would fewer samples do?'),
    h('p', {class: 'muted small', style: 'margin:0.3rem 0 0.6rem'},
      'This picks those that stand for the others and finds near-duplicates; the next report shows what was chosen and what was dropped:'),
    command(`${selectCommand(samples.count)} &&\n${withFlag('--calibration', 'picked.yaml')} && ${reportCommand()}`));
}

function showSamples() {
  const samples = data.samples;
  if (!samples) return;
  const {convergence} = samples;
  section('calibration', 'Calibration',
    `${samples.count} samples, ${samples.tensors} tensors. ${convergence.mean.length ? settled(convergence) : ''}`,
    h('div', {class: data.selection ? '' : 'grid'}, convergence.mean.length > 1 ? convergenceChart(convergence) : '',
      !data.selection && fewerSamples(samples)),
    h('h3', {style: 'margin-top:1.3rem'}, 'Samples that set the most ranges'),
    h('p', {class: 'muted small'}, `How many of the ${2 * samples.tensors} smallest and largest values of all tensors each was the first to reach. `
      + `${samples.setting_a_range} of the ${samples.count} samples reached any; the rest changed no range.`),
    h('div', {class: 'pictures'}, samples.shown.map((sample) => picture(sample, samples.tensors))),
    data.selection && selectionPart(data.selection));
}
