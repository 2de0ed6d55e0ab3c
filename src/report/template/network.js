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

// Runtimes run some neighbours as one kernel, and not the same ones in both models: a Clip within the
// Conv before it, an Add within the Conv. Only the sums of such neighbours compare. Every node's
// `unit` is the first of its neighbours; `times` of that one holds the sums.
const kNeverFused = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);  // into what is before it
const kTimes = ['float_us', 'quantized_us'];

function runsWith(before, reader) {
  if (reader.decision === 'absorbed') return true;
  if (kNeverFused.has(reader.op_type)) return false;
  const has = (unit, key) => unit.times[key] !== undefined;
  const complete = (unit) => kTimes.every((key) => has(unit, key));
  return !(complete(before) && complete(reader))
    && kTimes.every((key) => has(before, key) || has(reader, key));
}

function joinTimes() {
  const head = (node) => (node.unit === node ? node : head(node.unit));
  for (const node of nodes) {
    node.unit = node;
    node.times = {};
    for (const key of kTimes) if (node[key] !== undefined) node.times[key] = node[key];
  }
  for (const node of nodes) {
    const following = node.outputs.flatMap((tensor) => readers.get(tensor) || []);
    const [before, reader] = [head(node), following[0]];
    if (following.length !== 1 || reader.unit !== reader || reader === before) continue;
    if (!runsWith(before, reader)) continue;
    reader.unit = before;
    for (const key of kTimes) {
      if (reader.times[key] !== undefined) before.times[key] = (before.times[key] || 0) + reader.times[key];
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
  const times = node.unit === node ? node.times : {};
  node.floatTime = times.float_us;
  node.integerTime = times.quantized_us;
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
