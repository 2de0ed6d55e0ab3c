// The graph, drawn where the layout put its nodes.

const kNodeWidth = 92;
const kNodeHeight = 26;
const kAcross = 112;  // from node to node
const kDown = 50;
const kManyNodes = 600;  // from here on, edges have no arrows and nothing glows under the pointer
const kShape = 1.8;  // width over height of the whole drawing
const kLegible = 0.62;  // pixels a unit, below which words are left out

const drawing = {instance: null, fit: 1, zoom: 1, colors: 'precision', labels: true, moved: false};

// A deep network is a long thin strip: it is folded like a river, down one strip and up the next, so
// that it fills a screen instead of one column of it.
function fold() {
  const layers = [];
  for (const node of nodes) {
    const layer = layers[node.layer] || (layers[node.layer] = [Infinity, -Infinity]);
    layer[0] = Math.min(layer[0], node.across);
    layer[1] = Math.max(layer[1], node.across);
  }
  const spans = layers.map((layer) => layer || [0, 0]);
  const widest = Math.max(...spans.map(([low, high]) => high - low)) + 1.4;
  const strips = Math.max(1, Math.round(Math.sqrt(kShape * spans.length * kDown / (widest * kAcross))));
  const length = Math.ceil(spans.length / strips);
  const offsets = [];
  let right = 0;
  for (let strip = 0; strip * length < spans.length; ++strip) {
    const own = spans.slice(strip * length, (strip + 1) * length);
    const low = Math.min(...own.map((span) => span[0]));
    offsets.push(right - low);
    right += Math.max(...own.map((span) => span[1])) - low + 1.4;
  }
  return {length, offsets};
}

function place(node) {
  drawing.fold = drawing.fold || fold();
  const {length, offsets} = drawing.fold;
  const strip = Math.floor(node.layer / length);
  const within = node.layer % length;
  return [(node.across + offsets[strip]) * kAcross, (strip % 2 ? length - 1 - within : within) * kDown];
}

function errorShade(node) {
  const error = isNumber(node.depthError) ? node.depthError : node.localError;
  if (!isNumber(error)) return color('line');
  const share = Math.min(1, Math.max(0, (error - 10) / 40));
  return kRamp[Math.min(kRamp.length - 1, Math.floor(share * kRamp.length))];
}

function shade(node) {
  return drawing.colors === 'error' ? errorShade(node) : color(kMark[node.decision]);
}

function inkOn(background) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(background.slice(at, at + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#14171a' : '#ffffff';
}

// How much of the layout there is, and how many pixels a unit of it takes so that all of it shows.
function measure(box) {
  if (!drawing.extent) {
    const places = nodes.map(place);
    const ends = (i) => places.reduce(([low, high], at) => [Math.min(low, at[i]), Math.max(high, at[i])],
      [Infinity, -Infinity]);
    const [across, down] = [ends(0), ends(1)];
    drawing.extent = {left: across[0] - kAcross / 2, right: across[1] + kAcross / 2,
      top: down[0] - kDown / 2, bottom: down[1] + kDown / 2};
  }
  const {left, right, top, bottom} = drawing.extent;
  drawing.fit = Math.min(box.clientWidth * 0.98 / (right - left), box.clientHeight * 0.98 / (bottom - top));
}

// The colours that nodes have, each with the ink that is read on it: one style for many nodes draws
// faster than a style a node.
function graphCategories() {
  const fills = drawing.colors === 'error' ? [color('line'), ...kRamp]
    : Object.values(kMark).map((mark) => color(mark));
  return fills.map((fill) => ({name: fill, itemStyle: {color: fill}, label: {color: inkOn(fill)}}));
}

// First two unseen ones, which span the drawing as a single column of nodes could not, and a frame
// behind the chosen node.
const kNodesBefore = 3;

function graphNodes(categories) {
  const {left, right, top, bottom} = drawing.extent;
  const indexOf = new Map(categories.map((category, index) => [category.name, index]));
  const corner = (name, x, y) => ({id: name, name, x, y, symbolSize: 0, label: {show: false}});
  const frame = {...corner('frame', ...(selected ? place(selected) : [left, top])), itemStyle: {color: color('text')},
    symbolSize: selected ? [(kNodeWidth + 8) * drawing.fit, (kNodeHeight + 8) * drawing.fit] : 0};
  return [corner('first', left, top), corner('last', right, bottom), frame, ...nodes.map((node) => {
    const [x, y] = place(node);
    return {id: String(node.index), name: String(node.index), x, y, at: node.index,
      category: indexOf.get(shade(node))};
  })];
}

// Neighbours by a straight line; what skips layers swings around those between.
function graphLinks() {
  const skips = ([from, to]) => nodes[to].layer - nodes[from].layer > 1;
  return edges.map((edge) => ({source: String(edge[0]), target: String(edge[1]),
    ...(skips(edge) ? {lineStyle: {curveness: 0.28}} : {})}));
}

const typeLabel = (type) => (type.length <= 14 ? type : `${type.slice(0, 13)}…`);

function aboutNode(node) {
  return [node.name, `${node.op_type}, ${kRunsAs[node.decision]}`,
    isNumber(node.depthError) && `${decibels(node.depthError)} dB against float`, node.reason];
}

function graphOption() {
  measure(document.getElementById('drawing'));
  if (!drawing.moved) startView();
  const {left, right, top, bottom} = drawing.extent;
  const [width, height] = [right - left, bottom - top];
  const categories = graphCategories();
  const many = nodes.length > kManyNodes;
  return {
    tooltip: tooltip(({dataType, data: item}) => (dataType === 'node' ? nodes[item.at] && aboutNode(nodes[item.at])
      : [`${nodes[item.source].op_type} → ${nodes[item.target].op_type}`])),
    series: [{type: 'graph', layout: 'none', roam: true, nodeScaleRatio: 1, symbol: 'rect',
      width: width * drawing.fit, height: height * drawing.fit, left: 'center', top: 'middle',
      scaleLimit: {min: 0.5, max: 3 / drawing.fit}, zoom: drawing.zoom, center: drawing.center,
      edgeSymbol: ['none', many ? 'none' : 'arrow'], edgeSymbolSize: 6, categories,
      symbolSize: [kNodeWidth * drawing.fit, kNodeHeight * drawing.fit],
      lineStyle: {color: color('muted'), opacity: 0.65, width: 1.2},
      label: {show: drawing.labels, fontSize: 11, formatter: ({data: item}) => (nodes[item.at] ? typeLabel(nodes[item.at].op_type) : '')},
      emphasis: {disabled: many}, data: graphNodes(categories), links: graphLinks()}]};
}

const pixels = () => drawing.fit * drawing.zoom;  // a unit of the layout

function setView(zoom, center) {
  drawing.moved = true;
  drawing.zoom = zoom;
  drawing.center = center;
  drawing.labels = pixels() > kLegible;
  redrawGraph();
}

function redrawGraph() {
  if (drawing.instance) drawing.instance.setOption(graphOption());
}

// At its natural size, with `node` in the middle.
function centreOn(node) {
  measure(document.getElementById('drawing'));
  setView(Math.max(drawing.zoom, 1 / drawing.fit), place(node));
}

function fitGraph() {
  setView(1, undefined);
}

// Until somebody moves it: all of it if its words can be read then, otherwise its beginning.
function startView() {
  const box = document.getElementById('drawing');
  const {left, top} = drawing.extent;
  const legible = drawing.fit >= kLegible;
  drawing.zoom = legible ? 1 : 1 / drawing.fit;
  drawing.center = legible ? undefined : [left + box.clientWidth / 2, top + box.clientHeight / 2];
}

function followRoam(instance) {
  drawing.instance = instance;
  instance.on('graphroam', () => {
    const [series] = instance.getOption().series;
    drawing.moved = true;
    drawing.zoom = series.zoom;
    drawing.center = series.center;
    const labels = pixels() > kLegible;
    if (labels === drawing.labels) return;
    drawing.labels = labels;
    redrawGraph();
  });
}

function showInGraph(node) {
  centreOn(node);
  document.getElementById('graph').scrollIntoView({block: 'start'});
}

function graphLegend() {
  const entry = (decision, text) => h('span', {}, h('span', {class: `mark ${kMark[decision]}`}), text);
  return drawing.colors === 'error'
    ? [h('span', {}, '10 dB or less', h('span', {class: 'ramp', style: `background:linear-gradient(90deg,${kRamp.join(',')})`}),
      '50 dB or more, against the float network')]
    : [entry('quantized', 'on integers'), entry('absorbed', 'absorbed into the one before'), entry('float', 'float')];
}

function showGraph() {
  if (!nodes.length) return;
  const legendBox = h('div', {class: 'legend'}, graphLegend());
  const button = (text, click) => h('button', {type: 'button', click}, text);
  const colors = h('select', {'aria-label': 'Colour by', change: () => {
    drawing.colors = colors.value;
    legendBox.replaceChildren(...graphLegend());
    redrawGraph();
  }}, h('option', {value: 'precision'}, 'Colour by precision'), h('option', {value: 'error'}, 'Colour by error'));
  const zoomBy = (factor) => setView(drawing.zoom * factor, drawing.center);
  const figure = chart({title: 'Nodes', height: 620, renderer: 'canvas', ready: followRoam,
    label: `Drawing of ${nodes.length} nodes; the table of layers holds the same`,
    note: 'Drag to move, wheel or buttons to zoom, click a node for its tensors.', above: legendBox,
    resized: redrawGraph,
    click: ({dataType, data: item}) => dataType === 'node' && nodes[item.at] && select(nodes[item.at], 'graph')}, graphOption);
  figure.querySelector('.chart').id = 'drawing';
  section('graph', 'Graph', null, h('div', {class: 'tools'}, colors, button('Zoom in', () => zoomBy(1.5)),
    button('Zoom out', () => zoomBy(1 / 1.5)), button('Fit', fitGraph), button('Readable', () => setView(Math.max(1, 1 / drawing.fit), drawing.center)),
    button('Go to the chosen node', () => selected && centreOn(selected)),
    button('Open it in the table', () => document.getElementById('layers').querySelector('.tools').scrollIntoView())), figure);
  selectionListeners.push((node, from) => {
    if (from === 'graph') redrawGraph();
    else if (from !== 'start') centreOn(node);
  });
}
