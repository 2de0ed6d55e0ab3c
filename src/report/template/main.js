startTheme();
showVerdict();
showTraining();
showCandidates();
showLayers();
showGraph();
showSamples();
showReproduction();
showFooter();
if (nodes.length) {
  selectionListeners.push(showDetail);
  // The worst of those that have something to show.
  const worst = nodes.filter((node) => node.tensor && node.weight && isNumber(byError(node)))
    .sort((a, b) => byError(a) - byError(b));
  select(worst[0] || nodes[0], 'start');
}

// For tests and for scripts that want a screenshot: what was drawn, and when it was ready.
window.octavoReport = {charts, nodes, nodesBefore: kNodesBefore, drawing, drawNewCharts, readyMs: performance.now(),
  selectedName: () => selected && selected.name};
