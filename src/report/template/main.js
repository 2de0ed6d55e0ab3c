startTheme();
showVerdict();
showCandidates();
showLayers();
showGraph();
showSamples();
showReproduction();
showFooter();
if (nodes.length) {
  selectionListeners.push(showDetail);
  const weighted = nodes.filter((node) => isNumber(byError(node)));
  weighted.sort((a, b) => byError(a) - byError(b));
  select(weighted[0] || nodes[0], 'start');
}
startView();
drawNewCharts();

// For tests and for scripts that want a screenshot: what was drawn, and when it was ready.
window.octavoReport = {charts, nodes, drawing, readyMs: performance.now(),
  selectedName: () => selected && selected.name};
