// The marks of a panel as SVG text. `at` is the panel's place (layout.js), `looks` the table of looks.

const PT = 1.25;  // points to pixels, of widths and sizes

const round = (v) => Math.round(v * 10) / 10;

function stroked(look) {
  const width = (look.width ?? 1) * PT, dash = look.dash ? look.dash.map((d) => round(d * width)).join(" ") : "";
  return `stroke="${look.stroke}" stroke-width="${round(width)}"` +
    `${dash ? ` stroke-dasharray="${dash}"` : ""}${look.opacity != null ? ` opacity="${look.opacity}"` : ""}`;
}

// One marker around (x, y): o disc, s square, + and x crosses, P filled plus.
function marker(look, x, y) {
  const r = look.size * PT / 2, [a, b] = [round(x), round(y)];
  const paint = `fill="${look.fill}" stroke="${look.stroke}" stroke-width="${round((look.width ?? 1) * PT)}"`;
  switch (look.marker) {
    case "s": return `<rect x="${round(x - r)}" y="${round(y - r)}" width="${round(2 * r)}" height="${round(2 * r)}" ${paint}/>`;
    case "+": return `<path d="M${round(x - r)} ${b}H${round(x + r)}M${a} ${round(y - r)}V${round(y + r)}" ${paint}/>`;
    case "x": return `<path d="M${round(x - r)} ${round(y - r)}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}" ${paint}/>`;
    case "P": {
      const t = r / 3;
      return `<path d="M${round(x - t)} ${round(y - r)}h${2 * t}v${r - t}h${r - t}v${2 * t}h${t - r}v${r - t}h${-2 * t}` +
        `v${t - r}h${t - r}v${-2 * t}h${r - t}z" ${paint}/>`;
    }
    default: return `<circle cx="${a}" cy="${b}" r="${round(r)}" ${paint}/>`;
  }
}

// A path through points in data coordinates; null lifts the pen.
function path(points, at) {
  let d = "", pen = false;
  for (const p of points) {
    if (p === null || p[0] === null || p[1] === null) { pen = false; continue; }
    d += `${pen ? "L" : "M"}${round(at.px(p[0]))} ${round(at.py(p[1]))}`;
    pen = true;
  }
  const [first, last] = [points[0], points[points.length - 1]];
  return points.length > 2 && first && last && first[0] === last[0] && first[1] === last[1] ? `${d}Z` : d;
}

function colours(stops) {
  const rgb = stops.map((s) => [1, 3, 5].map((i) => parseInt(s.slice(i, i + 2), 16)));
  return Array.from({length: 256}, (_, v) => {
    const t = v / 255 * (stops.length - 1), i = Math.min(Math.floor(t), stops.length - 2);
    return rgb[i].map((a, c) => Math.round(a + (t - i) * (rgb[i + 1][c] - a)));
  });
}

function heatImage(mark, look) {
  const bytes = atob(mark.levels), map = colours(look.stops), canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [mark.columns, mark.rows];
  const context = canvas.getContext("2d"), image = context.createImageData(mark.columns, mark.rows);
  for (let row = 0; row < mark.rows; row++) {
    for (let column = 0; column < mark.columns; column++) {
      const [r, g, b] = map[bytes.charCodeAt(row * mark.columns + column)];
      image.data.set([r, g, b, 255], 4 * ((mark.rows - 1 - row) * mark.columns + column));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

function colourBar(mark, look, at, id) {
  const x = round(at.x + at.w + 16), [y, h] = [round(at.y), round(at.h)];
  const stops = look.stops.map((s, i) =>
    `<stop offset="${i / (look.stops.length - 1)}" stop-color="${s}"/>`).join("");
  const middle = y + h / 2;
  return `<linearGradient id="${id}-bar" x1="0" x2="0" y1="1" y2="0">${stops}</linearGradient>` +
    `<rect x="${x}" y="${y}" width="11" height="${h}" fill="url(#${id}-bar)" stroke="#777" stroke-width="0.6"/>` +
    `<text x="${x + 16}" y="${y + h}" class="tick">${inSvg(mark.bar.low)}</text>` +
    `<text x="${x + 16}" y="${y + 9}" class="tick">${inSvg(mark.bar.high)}</text>` +
    `<text x="${x + 24}" y="${middle}" class="label" text-anchor="middle" dominant-baseline="middle" ` +
    `transform="rotate(-90 ${x + 24} ${middle})">${inSvg(mark.bar.label)}</text>`;
}

// Graphs of programs are laid out in pixels at a type size of 13, and drawn smaller or a little larger with the panel.
const sizeOf = (at) => Math.min(1.15, at.w / (at.panel.x[1] - at.panel.x[0]));

// A node of a graph: a box with lines of words; a kink by its form and its ground.
function node(mark, looks, at) {
  const look = {...looks[`node-${mark.kind}`], ...(mark.output ? looks["node-output"] : {}), ...(mark.lit ? looks.lit : {})};
  const s = sizeOf(at), [w, h] = mark.box.map((v) => v * s), x = at.px(mark.x), y = at.py(mark.y), tip = 8 * s;
  const [l, r, t, b] = [x - w / 2, x + w / 2, y - h / 2, y + h / 2].map(round);
  const paint = `fill="${look.fill}" stroke="${look.stroke}" stroke-width="${round(look.width * PT)}"`;
  const shape = mark.kind === "kink"
    ? `<path d="M${round(l - tip)} ${round(y)}L${l} ${t}H${r}L${round(r + tip)} ${round(y)}L${r} ${b}H${l}Z" ${paint}/>`
    : `<rect x="${l}" y="${t}" width="${round(w)}" height="${round(h)}" rx="${mark.kind === "input" ? 0 : round(7 * s)}" ${paint}/>`;
  const lines = [...mark.title, ...mark.lines], first = y + (0.35 * 13 - 17 * (lines.length - 1) / 2) * s;
  return shape + lines.map((line, i) => `<text x="${round(x)}" y="${round(first + 17 * i * s)}" text-anchor="middle" ` +
    `font-size="${round(13 * s)}"${i < mark.title.length ? ' font-weight="600"' : ""}>${inSvg(line)}</text>`).join("");
}

// A smooth path through points: at each it runs as the way from the point before to the one after.
function smooth(points, at) {
  const p = points.map(([x, y]) => [at.px(x), at.py(y)]), last = p.length - 1;
  const toward = (i) => {
    const [a, b] = [p[Math.max(i - 1, 0)], p[Math.min(i + 1, last)]], size = 3 * Math.hypot(b[0] - a[0], b[1] - a[1]);
    return [(b[0] - a[0]) / size, (b[1] - a[1]) / size];
  };
  return p.slice(1).reduce((d, q, i) => {
    const o = p[i], size = Math.hypot(q[0] - o[0], q[1] - o[1]), s = toward(i), e = toward(i + 1);
    return `${d}C${[o[0] + size * s[0], o[1] + size * s[1], q[0] - size * e[0], q[1] - size * e[1], ...q].map(round).join(" ")}`;
  }, `M${p[0].map(round).join(" ")}`);
}

// A curve with a number on it.
function edge(mark, looks, at) {
  const look = mark.lit ? {...looks.edge, ...looks.lit} : looks.edge, [x, y] = mark.at;
  return `<path d="${smooth(mark.points, at)}" fill="none" ${stroked(look)}/>` + (mark.text ? `<text x="${round(at.px(x))}" ` +
    `y="${round(at.py(y))}" text-anchor="middle" dominant-baseline="central" class="halo" font-size="${round(12.5 * sizeOf(at))}" ` +
    `font-weight="${mark.lit ? 700 : 400}">${inSvg(mark.text)}</text>` : "");
}

function drawMark(mark, looks, at, id) {
  const look = looks[mark.look || mark.mark] || {};
  switch (mark.mark) {
    case "line": return `<path d="${path(mark.points, at)}" fill="none" stroke-linejoin="round" ${stroked(look)}/>`;
    case "points": return mark.points.filter((p) => p && p[0] !== null && p[1] !== null)
      .map(([x, y]) => marker(look, at.px(x), at.py(y))).join("");
    case "area": return `<path d="${path(mark.points, at)}Z" fill="${look.fill}" opacity="${look.opacity}"/>`;
    case "rule": {
      const [a, b] = mark.x != null ? [round(at.px(mark.x)), null] : [null, round(at.py(mark.y))];
      const d = a !== null ? `M${a} ${round(at.y)}V${round(at.y + at.h)}` : `M${round(at.x)} ${b}H${round(at.x + at.w)}`;
      return `<path d="${d}" ${stroked(look)}/>`;
    }
    case "text": return `<text x="${round(at.px(mark.x))}" y="${round(at.py(mark.y))}" class="halo" ` +
      `dominant-baseline="middle" text-anchor="${mark.anchor || "middle"}" font-size="${look.size * PT}" ` +
      `font-weight="${look.weight || 400}" fill="${look.fill}">${inSvg(mark.text)}</text>`;
    case "heat": {
      const [x0, x1, y0, y1] = mark.extent;
      return `<image href="${heatImage(mark, look)}" x="${round(at.px(x0))}" y="${round(at.py(y1))}" ` +
        `width="${round(at.px(x1) - at.px(x0))}" height="${round(at.py(y0) - at.py(y1))}" ` +
        `preserveAspectRatio="none" style="image-rendering:pixelated"/>`;
    }
    case "node": return node(mark, looks, at);
    case "edge": return edge(mark, looks, at);
    default: return "";
  }
}
