// Where the panels of a picture stand, in CSS pixels, and how data become pixels.

const GAP = 14, BAR = 64, LEAST = 110, NARROW = 225;

// Ticks at 1, 2 or 5 times a power of ten, about `count` of them; powers of ten on a logarithmic axis.
function ticksOf([low, high], count, log) {
  if (log) {
    const found = [];
    for (let e = Math.ceil(Math.log10(low) - 1e-9); e <= Math.log10(high) + 1e-9; e++) found.push(10 ** e);
    return found;
  }
  const rough = (high - low) / count, unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((s) => s * unit >= rough);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  return found;
}

function labelled(ticks) {
  return ticks.map((t) => Array.isArray(t) ? t : [t, short(t)]);
}

function margins(panel) {
  if (panel.frame === false) return {left: 4, right: 4, top: panel.title ? 30 : 4, bottom: 4};
  const bar = panel.marks.some((m) => m.mark === "heat" && m.bar) ? BAR : 0;
  return {left: panel.ylabel ? 58 : 40, right: 16 + bar, top: panel.title ? 32 : 12, bottom: panel.xlabel ? 46 : 30};
}

// {height, panels: [{panel, x, y, w, h, px, py, ux, uy}]}: the inner rectangles; px, py to pixels, ux, uy back.
// Panels stand beside each other; where that leaves one of them too little, one below the other.
function laidOut(panels, width, most) {
  const outer = widths(panels, width);
  if (panels.every((p, i) => outer[i] >= (p.width < 0.3 ? LEAST : NARROW))) return inARow(panels, outer, most, 0);
  const found = [];
  let height = 0;
  for (const panel of panels) {
    const row = inARow([panel], [width], Math.max(most / panels.length, 200), height);
    found.push(...row.panels);
    height += row.height;
  }
  return {height, panels: found};
}

// The room is shared out by the panels' widths, and none gets less than LEAST.
function widths(panels, width) {
  const shares = panels.map((p) => p.width || 1), sum = shares.reduce((a, b) => a + b, 0);
  const room = width - GAP * (panels.length - 1), fair = shares.map((s) => room * s / sum);
  const given = fair.map((w) => Math.max(w, LEAST)), excess = given.reduce((a, b) => a + b, 0) - room;
  const widest = given.indexOf(Math.max(...given));
  return given.map((w, i) => i === widest ? w - excess : w);
}

function inARow(panels, outer, most, top) {
  const inner = panels.map((panel, i) => {
    const m = margins(panel), w = Math.max(outer[i] - m.left - m.right, 40);
    const ratio = panel.equal ? (panel.y[1] - panel.y[0]) / (panel.x[1] - panel.x[0]) : panel.aspect;
    return {m, w, ratio, needed: (ratio ? w * ratio : Math.min(0.66 * w, most)) + m.top + m.bottom};
  });
  const height = Math.round(Math.min(most, Math.max(...inner.map((p) => p.needed))));
  let left = 0;
  const found = panels.map((panel, i) => {
    const {m, ratio} = inner[i];
    let {w} = inner[i], h = height - m.top - m.bottom, x = left + m.left, y = top + m.top;
    if (ratio) {
      const fits = Math.min(w, h / ratio);
      x += (w - fits) / 2;
      y += (h - fits * ratio) / 2;
      w = fits;
      h = fits * ratio;
    }
    left += outer[i] + GAP;
    return placed(panel, x, y, w, h);
  });
  return {height, panels: found};
}

function placed(panel, x, y, w, h) {
  const log = panel.scale === "log x", [x0, x1] = log ? panel.x.map(Math.log10) : panel.x, [y0, y1] = panel.y;
  return {
    panel, x, y, w, h,
    px: (v) => x + w * ((log ? Math.log10(v) : v) - x0) / (x1 - x0),
    py: (v) => y + h * (y1 - v) / (y1 - y0),
    ux: (p) => { const v = x0 + (p - x) / w * (x1 - x0); return log ? 10 ** v : v; },
    uy: (p) => y1 - (p - y) / h * (y1 - y0),
  };
}
