// The run's data, elements made without HTML text, and how numbers are written.
//
// Names of nodes, tensors, files and samples come from models and data that anybody may have made.
// They become text nodes and attribute values here, and nothing in this page assigns HTML.

const data = JSON.parse(document.getElementById('run').textContent);
const run = data.run;

// An element. Functions among the attributes are listeners; children are elements, texts or lists.
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat(3)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

// At most `digits` significant ones, without a trailing ".00".
function number(value, digits = 4) {
  if (!isNumber(value)) return '–';
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e7)) {
    return value.toExponential(Math.max(0, digits - 2)).replace('e+', 'e');
  }
  return String(Number(value.toPrecision(digits)));
}
const percent = (share) => (isNumber(share) ? `${(100 * share).toFixed(2)} %` : '–');
const decibels = (value) => (isNumber(value) ? value.toFixed(1) : '–');
const milliseconds = (value) => `${number(value, 3)} ms`;
function bytes(value) {
  if (!isNumber(value)) return '–';
  if (value < 1e3) return `${value} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  return value < 1e9 ? `${(value / 1e6).toFixed(2)} MB` : `${(value / 1e9).toFixed(1)} GB`;
}
const range = (ends) => (ends ? `${number(ends[0], 3)} to ${number(ends[1], 3)}` : '–');
const fileName = (path) => String(path || '').split('/').filter(Boolean).pop() || '';

// Long names keep their end, which is what tells them apart.
function shortened(name, longest) {
  return name.length <= longest ? name : `…${name.slice(name.length - longest + 1)}`;
}

// One word of a POSIX shell's command line.
function shellWord(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${String(text).replaceAll("'", "'\\''")}'`;
}

function command(text) {
  const button = h('button', {type: 'button', 'aria-label': 'Copy the command', click: async () => {
    await copyText(text);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  }}, 'Copy');
  // A line ends between words, not at the hyphens of a flag.
  const words = text.split(/(\s+)/).map((word) => (word.trim() ? h('span', {class: 'word'}, word) : word));
  return h('div', {class: 'command'}, h('pre', {}, words), button);
}

// navigator.clipboard is not there for pages opened from a file in every browser.
async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = h('textarea', {style: 'position:fixed;opacity:0'});
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

// A section with an entry in the bar at the top.
function section(id, title, lead, ...children) {
  document.getElementById('contents').append(h('a', {href: `#${id}`}, title));
  const element = h('section', {id, 'aria-labelledby': `${id}-title`},
    h('h2', {id: `${id}-title`}, title), lead && h('p', {class: 'lead'}, lead), children);
  document.getElementById('main').append(element);
  return element;
}

// What stands where a part of the report is missing.
function absent(what, how) {
  return h('div', {class: 'absent'}, h('p', {}, what), how && command(how));
}

function facts(entries, kind = '') {
  return h('dl', {class: `facts ${kind}`}, entries.filter((entry) => entry).map(([name, ...value]) =>
    h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

// A table that sorts by any column. Columns: {title, value(row), cell(row)?, align?, class?, help?};
// undefined values come last whatever the direction. Options: {label, limit, select(row), chosen(row),
// class}. Gives {element, show(rows), mark(row)}.
function table(columns, rows, options = {}) {
  const limit = options.limit || Infinity;
  let shown = rows;
  let sorted = {column: null, up: true};
  let all = false;
  let marked = null;
  const body = h('tbody');
  const headings = columns.map((column) => h('th', {scope: 'col', class: column.align},
    h('button', {type: 'button', title: column.help, click: () => sort(column)}, column.title)));
  const lines = new Map();

  function order() {
    if (!sorted.column) return shown;
    const direction = sorted.up ? 1 : -1;
    const keyed = shown.map((row) => [sorted.column.value(row), row]);
    const missing = (value) => value === undefined || value === null || Number.isNaN(value);
    keyed.sort(([a], [b]) => {
      if (missing(a) || missing(b)) return missing(a) - missing(b);
      if (typeof a === 'string') return direction * a.localeCompare(b, undefined, {numeric: true});
      return direction * (a - b);
    });
    return keyed.map(([, row]) => row);
  }
  function line(row) {
    const select = options.select && (() => options.select(row));
    const chosen = options.chosen && options.chosen(row);
    const element = h('tr', {class: `${select ? 'selectable' : ''} ${chosen ? 'chosen' : ''}`.trim(),
      tabindex: select ? 0 : undefined, 'aria-selected': select ? row === marked : undefined,
      click: select, keydown: select && ((event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        select();
      })},
      columns.map((column) => h('td',
        {class: [column.align, column.class].filter(Boolean).join(' ') || undefined,
          title: column.class ? column.value(row) : undefined},
        column.cell ? column.cell(row) : column.value(row))));
    lines.set(row, element);
    return element;
  }
  function draw() {
    const ordered = order();
    lines.clear();
    const visible = all ? ordered : ordered.slice(0, limit);
    body.replaceChildren(...visible.map(line));
    if (visible.length < ordered.length) {
      body.append(h('tr', {class: 'more-rows'}, h('td', {colspan: columns.length},
        h('button', {type: 'button', click: () => { all = true; draw(); }},
          `Show all ${ordered.length}`))));
    }
  }
  function sort(column) {
    sorted = {column, up: sorted.column === column ? !sorted.up : true};
    headings.forEach((heading, i) => heading.setAttribute('aria-sort',
      columns[i] !== column ? 'none' : sorted.up ? 'ascending' : 'descending'));
    draw();
  }
  draw();
  return {
    element: h('table', {class: options.class, 'aria-label': options.label},
      h('thead', {}, h('tr', {}, headings)), body),
    show(chosen) { shown = chosen; draw(); },
    mark(row, scroll) {
      if (lines.has(marked)) lines.get(marked).setAttribute('aria-selected', 'false');
      marked = row;
      if (!lines.has(row) && shown.includes(row)) { all = true; draw(); }
      const element = lines.get(row);
      if (!element) return;
      element.setAttribute('aria-selected', 'true');
      if (!scroll) return;
      // Only the table scrolls, not the page.
      const scroller = element.closest('.scroller');
      if (scroller) scroller.scrollTop = Math.max(0, element.offsetTop - scroller.clientHeight / 2);
    },
  };
}
