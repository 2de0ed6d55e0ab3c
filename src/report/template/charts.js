// Charts: one function around the library, that redraws them when theme or width change.

const charts = [];

const colors = new Map();  // of the theme at hand

function color(name) {
  if (!colors.has(name)) {
    colors.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  }
  return colors.get(name);
}

// Lowest to highest; a cut of cividis, which all kinds of colour vision see in the same order.
const kRamp = ['#fde945', '#c8b866', '#8f8a78', '#575d6d', '#1a386f'];

// A tooltip's content: a list of texts, the first one strong. An element, never HTML text.
function tip(lines) {
  const [first, ...rest] = lines.filter((line) => line);
  return h('div', {style: 'max-width:22rem;white-space:normal;overflow-wrap:anywhere'},
    h('strong', {}, first), rest.map((line) => h('div', {}, line)));
}

function axis(option) {
  return {
    nameLocation: 'middle', nameGap: 28, nameTextStyle: {color: color('muted'), fontSize: 12},
    axisLabel: {color: color('muted'), fontSize: 11, hideOverlap: true, ...option.axisLabel},
    axisLine: {show: true, lineStyle: {color: color('line')}}, axisTick: {show: false},
    splitLine: {show: option.type !== 'category', lineStyle: {color: color('line'), opacity: 0.7}},
    ...Object.fromEntries(Object.entries(option).filter(([key]) => key !== 'axisLabel')),
  };
}

function tooltip(lines, option = {}) {
  return {backgroundColor: color('raised'), borderColor: color('line'), confine: true,
    textStyle: {color: color('text'), fontSize: 12},
    formatter: (parameters) => {
      const shown = lines(Array.isArray(parameters) ? parameters[0] : parameters);
      return shown ? tip(shown) : null;
    },
    ...option};
}

function legend() {
  return {top: 0, right: 0, itemWidth: 14, itemHeight: 9,
    textStyle: {color: color('muted'), fontSize: 12}};
}

// A figure with a heading, a note and a chart; `build` gives the library's option each time that it
// is drawn. `settings`: {title, note, label, height, renderer, click(parameters), heading}.
function chart(settings, build) {
  const box = h('div', {class: 'chart', role: 'img', 'aria-label': settings.label || settings.title,
    style: `height:${settings.height || 280}px`});
  const figure = h('figure', {class: 'figure'}, h('figcaption', {},
    h(settings.heading || 'h3', {}, settings.title), settings.note && h('p', {}, settings.note)),
    settings.above, box);
  const entry = {title: settings.title, box, build, settings, instance: null};
  charts.push(entry);
  nearby.observe(box);
  return figure;
}

function draw(entry) {
  if (!entry.box.isConnected) return;
  if (!entry.instance) {
    // Drawn as elements, a chart is sharp at any size; thousands of them would be slow.
    const renderer = entry.settings.renderer || (nodes.length > 600 ? 'canvas' : 'svg');
    entry.instance = echarts.init(entry.box, null, {renderer});
    if (entry.settings.click) entry.instance.on('click', entry.settings.click);
    if (entry.settings.ready) entry.settings.ready(entry.instance);
  }
  entry.instance.setOption({animation: false,
    textStyle: {fontFamily: getComputedStyle(document.body).fontFamily}, ...entry.build()}, true);
}

// Again, those that were drawn before.
function redrawCharts() {
  for (const entry of charts) if (entry.instance) draw(entry);
}

function drawNewCharts() {
  for (const entry of charts) if (!entry.instance) draw(entry);
}

// Only with a box of its own does a drawing shrink with its width; see the styles for print.
function scaleWithPaper() {
  for (const svg of document.querySelectorAll('.chart svg')) {
    svg.setAttribute('viewBox', `0 0 ${parseFloat(svg.getAttribute('width'))} ${parseFloat(svg.getAttribute('height'))}`);
  }
}

// Charts are drawn when they come near: a page with thousands of marks is there at once all the same.
const nearby = new IntersectionObserver((seen) => {
  for (const {target, isIntersecting} of seen) {
    if (!isIntersecting) continue;
    nearby.unobserve(target);
    const entry = charts.find(({box}) => box === target);
    if (entry && !entry.instance) draw(entry);
  }
}, {rootMargin: '500px'});

// Those whose elements are gone from the page.
function dropCharts() {
  for (let i = charts.length - 1; i >= 0; --i) {
    if (charts[i].box.isConnected) continue;
    if (charts[i].instance) charts[i].instance.dispose();
    charts.splice(i, 1);
  }
}

function resizeCharts() {
  for (const entry of charts) {
    // A page that is not shown has no width, and says so before it has one again.
    if (!entry.instance || !entry.box.clientWidth) continue;
    entry.instance.resize();
    if (entry.settings.resized) entry.settings.resized(entry.instance);
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  colors.clear();
  document.getElementById('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
  redrawCharts();
}

function startTheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  document.documentElement.dataset.theme = dark.matches ? 'dark' : 'light';
  const button = document.getElementById('theme');
  const current = () => document.documentElement.dataset.theme;
  button.textContent = dark.matches ? 'Light' : 'Dark';
  button.addEventListener('click', () => setTheme(current() === 'dark' ? 'light' : 'dark'));
  dark.addEventListener('change', () => setTheme(dark.matches ? 'dark' : 'light'));
  let before = null;
  window.addEventListener('beforeprint', () => {
    before = current();
    setTheme('light');
    drawNewCharts();
    scaleWithPaper();
  });
  window.addEventListener('afterprint', () => {
    for (const svg of document.querySelectorAll('.chart svg')) svg.removeAttribute('viewBox');
    setTheme(before);
  });
  let waiting = 0;
  window.addEventListener('resize', () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(resizeCharts);
  });
}
