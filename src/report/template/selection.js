// Which samples `octavo select` chose, what each stands for, and what looks the same.

const sampleTitle = (sample) => `${sample.name || `sample ${sample.index}`}${sample.label === undefined ? '' : `, label ${sample.label}`}`;

function smallPicture(sample, kind) {
  return sample.thumbnail ? h('img', {class: kind, src: sample.thumbnail, alt: sampleTitle(sample), title: sampleTitle(sample)})
    : h('span', {class: `${kind} mono`, title: sampleTitle(sample)}, `#${sample.index}`);
}

function pickFigure(pick, grouped) {
  const more = pick.stands_for - pick.others.length;
  return h('figure', {class: 'pick'}, smallPicture(pick, 'kept-sample'),
    h('div', {class: 'others'}, pick.others.map((other) => smallPicture(other, 'dropped-sample')),
      more > 0 && h('span', {class: 'muted'}, `+${more}`)),
    h('figcaption', {title: sampleTitle(pick)}, fileName(pick.name),
      grouped && h('div', {}, pick.stands_for ? `stands for ${counted(pick.stands_for, 'other')}` : 'stands for itself')));
}

function alikeFigure(pair) {
  return h('figure', {class: 'pick'}, smallPicture(pair.first, 'kept-sample'), smallPicture(pair.second, 'kept-sample'),
    h('figcaption', {title: `${sampleTitle(pair.first)} and ${sampleTitle(pair.second)}`},
      `${fileName(pair.first.name)}, ${fileName(pair.second.name)}`,
      h('div', {}, pair.correlation === 1 ? 'the same input' : `correlation ${number(pair.correlation, 3)}`)));
}

const kMethods = {cluster: 'one of each group that does alike to the network’s activations',
  random: 'drawn at random', balanced: 'as many of each label'};

function selectionPart(selection) {
  const grouped = selection.method === 'cluster';
  const {alike} = selection;
  const shown = (list, all) => (list.length < all ? ` The first ${list.length} are shown.` : '');
  return h('div', {id: 'selection'},
    h('h3', {style: 'margin-top:1.3rem'}, 'Samples chosen and dropped'),
    h('p', {class: 'muted small'}, `${selection.chosen} of ${counted(selection.samples, 'sample')} were chosen, ${kMethods[selection.method] || selection.method}`
      + ` (${fileName(selection.recipe)}).${grouped ? ' Each with some of those that it stands for, which were dropped; largest groups first.' : ''}`
      + shown(selection.picks, selection.chosen)),
    h('div', {class: 'picks'}, selection.picks.map((pick) => pickFigure(pick, grouped))),
    selection.dropped.length > 0 && [h('h4', {}, 'Dropped'),
      h('p', {class: 'muted small'}, `${selection.samples - selection.chosen} samples.${shown(selection.dropped, selection.samples - selection.chosen)}`),
      h('div', {class: 'others'}, selection.dropped.map((sample) => smallPicture(sample, 'dropped-sample')))],
    alike.pairs > 0 && [h('h4', {}, 'Nearly alike'),
      h('p', {class: 'muted small'}, `${counted(alike.pairs, 'pair')} of samples, ${alike.identical} of them the same input: they add little to a calibration.`
        + shown(alike.shown, alike.pairs)),
      h('div', {class: 'picks'}, alike.shown.map(alikeFigure))]);
}
