// The curve explorer without a kernel: what CurveExplorer.look computes. The kinks of a program, and what both sets are
// along each piece of them, are the engine's; off the kinks both sets are the gradient.

const model = (() => {
  const NARROW = 1e-11, ON = 1e-12;

  const minus = (p, q) => [p[0] - q[0], p[1] - q[1]];
  const dot = (p, q) => p[0] * q[0] + p[1] * q[1];
  const cross = (p, q) => p[0] * q[1] - p[1] * q[0];

  // Where on the way from a to b kinks are met, those it runs inside of left out: numbers in (0, 1).
  function met(a, b, pieces) {
    const d = minus(b, a), found = [];
    for (const {ends: [p, q]} of pieces) {
      const w = minus(q, p), c = cross(d, w);
      if (Math.abs(c) <= ON * Math.hypot(...d) * Math.hypot(...w)) continue;
      const t = cross(minus(p, a), w) / c, u = cross(minus(p, a), d) / c;
      if (t > NARROW && t < 1 - NARROW && u > -NARROW && u < 1 + NARROW) found.push(t);
    }
    return found.sort((s, t) => s - t).filter((t, i, all) => i === 0 || t - all[i - 1] > NARROW);
  }

  // The vertices of the field at x: those of the piece of a wall that x is on, else the gradient.
  function fieldAt(x, which, F, pieces) {
    const on = pieces.find(({ends: [p, q]}) => {
      const w = minus(q, p), size = Math.hypot(...w), along = dot(minus(x, p), w) / size;
      return Math.abs(cross(minus(x, p), w)) / size <= ON && along > 0 && along < size;
    });
    if (!on) return [F.derivative(...x)];
    const vertices = on.sets[which === 1 ? 1 : 0];
    if (which < 2 || vertices.length === 1) return vertices;
    return [...vertices, vertices.reduce((sum, v) => [sum[0] + v[0], sum[1] + v[1]])];  // tied slopes added
  }

  function profileOf(F, kinks, which, corners) {
    const t = [0], points = [corners[0]], rises = [], largest = [0], smallest = [0];
    let gap = 0;
    for (let leg = 0; leg < 2; leg++) {
      const a = corners[leg], d = minus(corners[leg + 1], a), at = (s) => [a[0] + s * d[0], a[1] + s * d[1]];
      const cuts = [0, ...met(a, corners[leg + 1], kinks.pieces), 1];
      for (let n = 0; n + 1 < cuts.length; n++) {
        const [l, r] = [cuts[n], cuts[n + 1]], vertices = fieldAt(at((l + r) / 2), which, F, kinks.pieces);
        const along = vertices.map((v) => dot(v, d) * (r - l)), [low, high] = [Math.min(...along), Math.max(...along)];
        t.push((leg + r) / 2);
        points.push(at(r));
        rises.push(F.value(...at(r)) - F.value(...at(l)));
        largest.push(largest[largest.length - 1] + high);
        smallest.push(smallest[smallest.length - 1] + low);
        gap += Math.max(Math.abs(low - rises[rises.length - 1]), Math.abs(high - rises[rises.length - 1]));
      }
    }
    const values = points.map((x) => F.value(...x));
    return {t, points, increment: values.map((v) => v - values[0]), largest, smallest, gap};
  }

  const nine = (x) => rint(x * 1e9) / 1e9;
  const places = (points) => points.map((p) => p.map((x) => Math.floor(nine(x) * 1e4 + 0.5) / 1e4));

  function look(values, {texts, legend, plane, growth, fields, span, beside, apart, kinks, programs}) {
    const F = programs[values.program], own = kinks[values.program], letters = ["a", "b", "c"];
    const corners = letters.map((p) => [values[`${p}1`], values[`${p}2`]]);
    const {t, points, increment, largest, smallest, gap} = profileOf(F, own, fields.indexOf(values.field), corners);
    const end = t.length - 1, parts = end, inner = (_, i) => t[i] > 0 && t[i] !== 0.5 && t[i] < 1;
    const said = {rise: increment[end], low: smallest[end], high: largest[end], gap};
    for (const name in said) said[name] = number(nine(said[name]));
    const status = filled(gap <= 1e-9 ? texts.right : texts.wrong, said);
    const remark = filled(texts.remark, {parts, s: parts === 1 ? "" : "s",
      ...Object.fromEntries(letters.map((p, i) => [p, vector(corners[i])]))});

    const marks = [...own.walls];
    marks.push({mark: "line", look: "curve", points: corners}, {mark: "points", look: "crossing", points: places(points.filter(inner))});
    const taken = [];
    letters.forEach((p, i) => {
      const [x, y] = corners[i], letter = p.toUpperCase();
      marks.push({mark: "handle", look: "curve-point", x, y, sets: [`${p}1`, `${p}2`], label: `Point ${letter}`});
      const at = beside.map(([dx, dy]) => [x + dx, y + dy]).find(([u, v]) => Math.max(Math.abs(u), Math.abs(v)) <= span &&
        taken.every(([a, b]) => Math.max(Math.abs(u - a), Math.abs(v - b)) > apart));
      taken.push(at);
      marks.push({mark: "text", look: "letter", x: at[0], y: at[1], text: letter});
    });

    const line = (y) => places(t.map((s, i) => [s, y[i]])), every = [...largest, ...smallest, ...increment];
    const low = nine(Math.min(...every)), high = nine(Math.max(...every)), pad = 0.05 * (high - low) + 0.1;
    const right = {
      ...growth, y: [Math.floor(2 * (low - pad)) / 2, Math.ceil(2 * (high + pad)) / 2],
      marks: [
        {mark: "area", look: "between", points: [...line(largest), ...line(smallest).reverse()]},
        {mark: "rule", look: "axis", y: 0},
        {mark: "line", look: "growth", points: line(increment)},
        ...[largest, smallest].map((y) => ({mark: "line", look: "integral", points: line(y)})),
        {mark: "points", look: "crossing", points: line(increment).filter(inner)},
      ],
    };
    return {status, remark, alt: filled(texts.alt, {program: values.program, status, remark}), legend, panels: [{...plane, title: own.title, marks}, right]};
  }

  return {look};
})();
