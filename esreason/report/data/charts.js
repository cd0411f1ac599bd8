// Three plots over the rows that the filters leave; `draw` of the page calls `charts(rows)`.
const DASHES = ["none", "10 4", "6 3 2 3", "14 4", "4 3", "10 3 3 3", "2 3"];
const PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#8a6bd1"], MOST_POINTS = 3000;
const BOX = {w: 480, h: 300, left: 60, right: 12, top: 12, bottom: 44};
const nice = x => x >= 1e6 ? (x / 1e6).toPrecision(2).replace(/\.0$/, "") + "M" : x >= 1e3 ? (x / 1e3).toPrecision(2).replace(/\.0$/, "") + "k" : String(+x.toPrecision(2));

function element(parent, tag, attributes, text) {
  const e = document.createElementNS(SVG, tag);
  for (const k in attributes) e.setAttribute(k, attributes[k]);
  if (text !== undefined) e.textContent = text;
  parent.append(e);
  return e;
}
function frame(id, label, xlabel, xs, names, log) {
  const svg = $(id), f = log ? Math.log10 : v => v; svg.replaceChildren(); svg.setAttribute("aria-label", label + ".");
  const low = f(Math.min(...xs)), high = f(Math.max(...xs)), pad = high > low ? (high - low) * .06 : .5;
  const x = v => BOX.left + (f(v) - low + pad) / (high - low + 2 * pad) * (BOX.w - BOX.left - BOX.right);
  const y = v => BOX.h - BOX.bottom - v * (BOX.h - BOX.top - BOX.bottom);
  for (const v of [0, .25, .5, .75, 1]) { element(svg, "line", {class: "grid", x1: BOX.left, x2: BOX.w - BOX.right, y1: y(v), y2: y(v)}); element(svg, "text", {x: BOX.left - 8, y: y(v) + 4, "text-anchor": "end"}, 100 * v + " %"); }
  const marks = names || (log ? [...Array(19).keys()].flatMap(k => [1, 3].map(m => m * 10 ** (k - 2))).filter(v => f(v) >= low - pad && f(v) <= high + pad).map(v => [v, nice(v)]) : xs.map(v => [v, nice(v)]));
  marks.forEach(([v, text]) => { element(svg, "line", {class: "tick", x1: x(v), x2: x(v), y1: y(0), y2: y(0) + 4}); element(svg, "text", {x: x(v), y: y(0) + 18, "text-anchor": "middle"}, text); });
  element(svg, "text", {class: "axis", x: (BOX.left + BOX.w - BOX.right) / 2, y: BOX.h - 6, "text-anchor": "middle"}, xlabel);
  return {svg, x, y};
}
function lines(id, label, xlabel, players, names) {
  const xs = [...new Set(players.flatMap(p => p.points.map(q => q.x)))].sort((a, b) => a - b), plot = frame(id, label, xlabel, xs, names);
  $(id + "-key").replaceChildren(...players.map((p, i) => {
    const colour = p.kind === "null" ? "var(--null)" : PALETTE[i % PALETTE.length], at = p.points.sort((a, b) => a.x - b.x), dash = p.kind === "null" ? "2 4" : DASHES[i % DASHES.length];
    element(plot.svg, "polyline", {points: at.map(q => plot.x(q.x) + "," + plot.y(q.y)).join(" "), fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash});
    for (const q of at) element(element(plot.svg, "circle", {cx: plot.x(q.x), cy: plot.y(q.y), r: 4, fill: colour}), "title", {}, p.name + ": " + percent(q.y) + " of " + q.n);
    plot.svg.setAttribute("aria-label", plot.svg.getAttribute("aria-label") + " " + p.name + ": " + at.map(q => (names ? names[q.x][1] : q.x) + ": " + percent(q.y)).join(", ") + ".");
    const item = make("span", p.name), swatch = document.createElementNS(SVG, "svg"); swatch.setAttribute("viewBox", "0 0 36 12"); swatch.setAttribute("aria-hidden", "true");
    element(swatch, "line", {x1: 0, x2: 36, y1: 6, y2: 6, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash}); item.prepend(swatch); return item;
  }));
}
// Rows of several seeds are pooled; seven players, those with most points first, and random play stay.
function pooled(rows, pointsOf) {
  const players = new Map();
  for (const row of rows) for (const [x, score, n] of pointsOf(row)) {
    if (!players.has(row.player)) players.set(row.player, {name: row.player, kind: row.kind, sums: new Map(), total: 0, all: 0});
    const p = players.get(row.player), s = p.sums.get(x) || [0, 0];
    s[0] += score * n; s[1] += n; p.sums.set(x, s); p.total += score * n; p.all += n;
  }
  const found = [...players.values()].map(p => ({...p, points: [...p.sums].map(([x, [sum, n]]) => ({x, y: sum / n, n}))}));
  const models = found.filter(p => p.kind !== "null").sort((a, b) => b.points.length - a.points.length || b.total / b.all - a.total / a.all);
  return [[...models.slice(0, 7), ...found.filter(p => p.kind === "null" && p.name === "random")], models.length];
}
const cut = (shown, all, what) => all > shown ? " " + shown + " of " + all + " " + what + " are drawn." : "";

function byLevel(rows, env) {
  const [players, all] = pooled(rows.filter(r => r.env === env && r.tasks === "test"), r => [[r.level, r.score, r.n]]);
  const few = new Set(players.flatMap(p => p.points.map(q => q.x))).size < 2;
  $("level-figure").hidden = few; if (few) return;
  $("level-caption").textContent = "Success on " + env + " by level." + cut(7, all, "players");
  lines("by-level", "Success on " + env + " by level", "level", players);
}
function byHorizon(rows, env) {
  const of = rows.filter(r => r.env === env && r.horizon.length), level = of.length ? (of.find(r => r.kind !== "null") || of[0]).level : null;
  const group = of.filter(r => r.level === level && r.mode === of.find(o => o.level === level).mode), bins = group.length ? group[0].horizon : [];
  $("horizon-figure").hidden = bins.length < 2; if (bins.length < 2) return;
  const [players, all] = pooled(group, r => r.horizon.map(([low, , score, n]) => [bins.findIndex(b => b[0] === low), score, n]).filter(p => p[0] >= 0));
  $("horizon-caption").textContent = "Success on " + env + " level " + level + " by the steps that the solver needs." + cut(7, all, "players");
  lines("by-horizon", "Success on " + env + " level " + level + " by horizon", "steps of the solver", players, bins.map(([low, high], i) => [i, low === high ? low : low + "–" + high]));
}
function byCost(rows) {
  const points = rows.filter(r => r.tokens > 0).slice(0, MOST_POINTS);
  $("cost-figure").hidden = !points.length; if (!points.length) return;
  document.querySelectorAll("#cost-figure .key span").forEach(s => { s.hidden = !points.some(r => r.kind === s.textContent); });
  const costs = points.map(r => r.tokens / r.n), plot = frame("by-cost", "Score by tokens an episode, " + points.length + " rows", "tokens an episode", costs, null, true);
  $("cost-caption").textContent = "Score against the tokens that an episode takes, all environments that are shown." + cut(MOST_POINTS, rows.filter(r => r.tokens > 0).length, "rows");
  plot.svg.setAttribute("class", points.length > 500 ? "many" : "");
  points.forEach((r, i) => element(element(plot.svg, "circle", {class: r.kind, cx: plot.x(costs[i]), cy: plot.y(r.score), r: points.length > 500 ? 2 : 5}), "title", {}, r.player + " on " + r.env + " level " + r.level + ": " + percent(r.score) + ", " + nice(costs[i]) + " tokens"));
}
function charts(rows) {
  const models = rows.filter(r => r.kind !== "null"), model = models.find(r => r.horizon.length > 2) || models[0], env = $("env").value || (model ? model.env : "");
  byLevel(rows, env); byHorizon(rows, env); byCost(rows);
}
