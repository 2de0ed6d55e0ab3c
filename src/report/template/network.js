// Nodes, tensors and weights joined, as the sections need them.

const nodes = (data.graph && data.graph.nodes) || [];
const edges = (data.graph && data.graph.edges) || [];
const tensors = new Map(((data.tensors && data.tensors.tensors) || []).map((t) => [t.name, t]));
const weights = new Map(((data.weights && data.weights.weights) || []).map((w) => [w.node, w]));
const makers = new Map();
const readers = new Map();
nodes.forEach((node, index) => {
  node.index = index;
  for (const tensor of node.outputs) makers.set(tensor, node);
  for (const tensor of node.inputs) {
    if (!readers.has(tensor)) readers.set(tensor, []);
    readers.get(tensor).push(node);
  }
});
const sensitivities = new Map(
  ((data.analysis && data.analysis.layers) || []).map((layer) => [layer.node, layer]));

// Whether `reader`, the only one that reads what `node` makes, was run together with it: absorbed,
// or fused by the runtime in one of the two models, so that only their sums compare.
function runsWith(node, reader) {
  if (reader.decision === 'absorbed') return true;
  const lacks = (key, other) => node[key] === undefined && other[key] !== undefined;
  const swapped = (a, b) => lacks(a, reader) && node[b] !== undefined;
  return swapped('float_us', 'quantized_us') || swapped('quantized_us', 'float_us');
}

function joinTimes() {
  for (const node of nodes) node.unit = node;
  const head = (node) => (node.unit === node ? node : head(node.unit));
  for (const node of nodes) {
    const following = node.outputs.flatMap((tensor) => readers.get(tensor) || []);
    if (following.length !== 1 || !runsWith(node, following[0])) continue;
    if (head(following[0]) !== head(node)) head(following[0]).unit = head(node);
  }
  for (const node of nodes) {
    const unit = head(node);
    node.unit = unit;
    for (const key of ['float_us', 'quantized_us']) {
      if (node[key] === undefined) continue;
      unit.times = unit.times || {};
      unit.times[key] = (unit.times[key] || 0) + node[key];
    }
  }
}
joinTimes();

for (const node of nodes) {
  node.weight = weights.get(node.name);
  // What an absorbed activation makes is what its producer's codes stand for.
  const absorbing = node.outputs.flatMap((tensor) => readers.get(tensor) || [])
    .find((reader) => reader.decision === 'absorbed');
  const made = [...node.outputs, ...(absorbing ? absorbing.outputs : [])];
  node.tensor = node.decision === 'absorbed' ? undefined
    : made.map((name) => tensors.get(name)).find((tensor) => tensor);
  node.sensitivity = sensitivities.get(node.name);
  const times = node.unit === node ? node.times : undefined;
  node.floatTime = times && times.float_us;
  node.integerTime = times && times.quantized_us;
  node.speedup = node.floatTime && node.integerTime ? node.floatTime / node.integerTime : undefined;
  node.localError = lowest([node.weight && node.weight.sqnr_db, node.tensor && node.tensor.sqnr_db]);
  node.depthError = node.tensor && node.tensor.depth_sqnr_db;
}

function lowest(values) {
  const known = values.filter(isNumber);
  return known.length ? Math.min(...known) : undefined;
}

const kRunsAs = {quantized: 'integers', absorbed: 'absorbed', float: 'float'};
const kMark = {quantized: 'integer', absorbed: 'absorbed', float: 'float'};

function runsAs(node) {
  const type = node.decision === 'quantized' && (node.weight || node.tensor);
  return [h('span', {class: `mark ${kMark[node.decision]}`}),
    type ? type.dtype : kRunsAs[node.decision]];
}

// Listeners of the selection: the table, the graph and the panel of details.
const selectionListeners = [];
let selected = null;
function select(node, from) {
  if (selected === node && from !== 'start') return;
  selected = node;
  for (const listener of selectionListeners) listener(node, from);
}
