// All that it takes to make the same again.

function dataFacts() {
  return Object.entries(run.data || {}).flatMap(([role, entry]) => [
    [`${role} data`, entry.path, isNumber(entry.samples) ? ` (${entry.samples} samples)` : ''],
    [`${role} hash`, entry.samples_hash ? `${entry.samples_hash} of the samples as the network saw them` : entry.hash || 'unreadable'],
  ]);
}

function stagesChart(stages) {
  return chart({title: 'Time of each stage', height: 70 + 30 * stages.length}, () => ({
    grid: {left: 16, right: 130, top: 6, bottom: 8, containLabel: true},
    tooltip: tooltip(({dataIndex}) => [stages[dataIndex].name, `${number(stages[dataIndex].seconds, 3)} s`,
      `most memory ${bytes(stages[dataIndex].peak_memory_bytes)}`]),
    xAxis: axis({type: 'value', show: false}),
    yAxis: axis({type: 'category', inverse: true, data: stages.map((stage) => stage.name), axisLabel: {color: color('text'), interval: 0}}),
    series: [{type: 'bar', barMaxWidth: 16, itemStyle: {color: color('integer')}, data: stages.map((stage) => stage.seconds || 0),
      label: {show: true, position: 'right', color: color('text'), fontSize: 11, formatter: ({dataIndex: i}) => (isNumber(stages[i].seconds)
        ? `${number(stages[i].seconds, 3)} s, ${bytes(stages[i].peak_memory_bytes)}` : 'not finished')}}]}));
}

function showReproduction() {
  const machine = run.machine || {};
  const stages = run.stages || [];
  section('reproduction', 'Reproduction', null, run.command && command(commandLine()),
    facts([['octavo', run.octavo_version || '–'],
      ...Object.entries(run.runtimes || {}).map(([name, version]) => [name, version]),
      ['model', (run.model && run.model.path) || '–', run.model && isNumber(run.model.bytes) ? ` (${bytes(run.model.bytes)})` : ''],
      ['model hash', (run.model && run.model.hash) || 'unreadable'], ...dataFacts(),
      ['seed', training ? training.options.seed : run.seed === null || run.seed === undefined ? 'none: nothing is drawn at random' : run.seed],
      ['started', run.started || '–'], isNumber(run.seconds) && ['took', `${number(run.seconds, 3)} s`],
      ['machine', machine.processor || '–', isNumber(machine.cores) ? `, ${machine.cores} cores` : ''],
      isNumber(machine.memory_bytes) && ['memory', bytes(machine.memory_bytes)], ['system', machine.system || '–']], 'wide'),
    stages.length > 0 && h('div', {class: 'grid'}, stagesChart(stages),
      h('p', {class: 'muted small'}, 'The hashes are XXH128 of a file, as xxh128sum prints it, and XXH64 over the inputs of all samples, in order, after decoding and preprocessing.')));
}

function showFooter() {
  const licence = JSON.parse(document.getElementById('licence').textContent);
  document.getElementById('footer').append(
    h('p', {}, `Made by octavo ${run.octavo_version || ''}. Nothing on this page is loaded from anywhere.`),
    h('details', {}, h('summary', {}, `Charts by Apache ECharts ${echarts.version}, under the Apache License 2.0`),
      h('pre', {}, licence)));
}
