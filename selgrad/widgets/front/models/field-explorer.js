// The field explorer without a kernel: what ties at x, everything AD could return, Clarke's bounds and the verdict.

const model = (() => {
  const EPS = 2 ** -52, ULPS = 4, ZERO = 1e-9;

  // The indices that the program takes at x, by node.
  function taken(F, rules, x, count) {
    const found = new Array(count).fill(null), s = F.indices(...x);
    rules.forEach((rule, i) => { found[rule.node] = s[i]; });
    return found;
  }

  // The active pieces of every kinked line: a switching value within a few roundings of zero leaves a choice.
  function activeAt(F, rules, x) {
    const nodes = F.nodes(...x), z = F.compared(nodes), s = taken(F, rules, x, nodes.length), d = F.slopes(nodes, s);
    const size = [];
    nodes.forEach((v, k) => {
      size.push(v === null ? 0 : (d[k] || []).reduce((sum, w, e) => sum + Math.abs(w) * size[F.of[k][e]], Math.abs(v)));
    });
    const active = rules.map(({node, by, sign}) => {
      const read = F.of[node].map((j) => ULPS * EPS * size[j]);
      if (by === "nothing") return [s[node]];
      if (by === "extreme") {
        const most = Math.max(...z[node].map((v) => sign * v));
        return z[node].map((v, e) => e).filter((e) => most - sign * z[node][e] <= read[e]);
      }
      const at = by === "side" ? read[0] : read.reduce((sum, r) => sum + r, 0);
      if (by === "side") return Math.abs(z[node][0]) <= at ? [0, 1] : [Number(s[node])];
      const low = z[node].filter((v) => v > at).length, hits = z[node].filter((v) => Math.abs(v) <= at).length;
      return Array.from({length: hits + 1}, (_, e) => low + e);
    });
    return {nodes, s, active};
  }

  // The derivative along given indices: the backward column of Algorithm 2.
  function derivativeAlong(F, nodes, s, out) {
    const d = F.slopes(nodes, s), v = new Array(nodes.length).fill(0);
    v[out] = 1;
    for (let k = nodes.length - 1; k >= F.p; k--) {
      if (d[k] !== null) d[k].forEach((w, e) => { v[F.of[k][e]] += w * v[k]; });
    }
    return [v[0] + 0, v[1] + 0];
  }

  // One derivative for every choice of active pieces.
  function everything(F, {rules, out}, at) {
    let choices = [at.s];
    rules.forEach(({node}, i) => {
      choices = choices.flatMap((s) => at.active[i].map((piece) => s.with ? s.with(node, piece) :
        s.map((now, k) => k === node ? piece : now)));
    });
    return choices.map((s) => derivativeAlong(F, at.nodes, s, out));
  }

  // The corners of the hull, where points within rounding of each other are one.
  function extreme(points) {
    const size = Math.max(...points.flat().map(Math.abs)) || 1, cell = 1e-12 * size, seen = new Set();
    const apart = points.filter((p) => {
      const name = p.map((v) => rint(v / cell) + 0).join();
      return !seen.has(name) && seen.add(name);
    });
    return hull(apart, 1e-12 * size * size);
  }

  // Clarke's bounds, each as vertices in order; null where this page does not know them.
  function clarkeAt(known, at, x, field) {
    const ties = at.active.reduce((sum, pieces) => sum + pieces.length - 1, 0);
    const sides = known.rules.some(({by}, i) => by === "side" && at.active[i].length > 1);
    if (ties === 0 || (ties === 1 && !sides)) return {inner: field, outer: field, exact: true};
    const name = known.affine ? at.active.map((pieces) => pieces.join(",")).join(";") : x.map((v) => number(v)).join(",");
    return known.faces[name] || null;
  }

  // The distance of p to the hull of vertices in order.
  function distanceTo(vertices, [p, q]) {
    let inside = vertices.length > 2, least = Infinity;
    vertices.forEach(([a, b], i) => {
      const [c, d] = vertices[(i + 1) % vertices.length], [u, v] = [c - a, d - b], long = u * u + v * v;
      const t = long === 0 ? 0 : Math.min(Math.max(((p - a) * u + (q - b) * v) / long, 0), 1);
      inside = inside && u * (q - b) - v * (p - a) >= 0;
      least = Math.min(least, Math.hypot(a + t * u - p, b + t * v - q));
    });
    return inside ? 0 : least;
  }

  function verdictOf(field, clarke, ad) {
    const far = {field: distanceTo(field, [0, 0])};
    if (clarke === null) return {kind: far.field > ZERO ? (field.length > 1 ? "regular" : "smooth") : "not known", said: "unknown", far};
    far.inner = distanceTo(clarke.inner, [0, 0]);
    far.outer = distanceTo(clarke.outer, [0, 0]);
    const said = distanceTo(clarke.inner, ad) <= ZERO ? "in" : distanceTo(clarke.outer, ad) <= ZERO ? "unknown" : "out";
    const kind = far.inner <= ZERO ? "clarke-critical" : far.field <= ZERO ?
      (far.outer <= ZERO ? "undecided" : "artificial-critical") : field.length > 1 ? "regular" : "smooth";
    return {kind, said, far};
  }

  // A square around points and 0, on a grid of halves.
  function squareAround(points, pad) {
    const every = [[0, 0], ...points];
    const middle = [0, 1].map((i) => {
      const at = every.map((p) => p[i]);
      return rint(2 * ((Math.max(...at) + Math.min(...at)) / 2)) / 2;
    });
    const reach = Math.max(...every.map((p) => Math.max(Math.abs(p[0] - middle[0]), Math.abs(p[1] - middle[1]))));
    const half = Math.ceil(2 * (reach + pad)) / 2;
    return middle.map((m) => [m - half, m + half]);
  }

  function wholeBetween(low, high) {
    const found = Array.from({length: Math.floor(high) - Math.ceil(low) + 1}, (_, i) => Math.ceil(low) + i);
    return found.length <= 7 ? found : found.filter((t) => t % 2 === 0);
  }

  function outlined(look, around) {
    if (around.length === 1) return [{mark: "points", look: `${look}-point`, points: around}];
    const line = {mark: "line", look, points: [...around, around[0]]};
    return around.length > 2 ? [{mark: "area", look: `${look}-area`, points: around}, line] : [line];
  }

  function fieldRemark(T, field, clarke, {kind, far}) {
    const many = (n) => n === 1 ? T.one : filled(T.many, {n});
    if (clarke === null) return filled(T["not here"], {field: many(field.length)});
    const away = Object.fromEntries(Object.entries(far).map(([name, d]) => [name, number(six(d))]));
    const exact = clarke.exact;
    return filled(T.remark, {sentence: T.kinds[kind], zero: filled(exact ? T.zero : T["zero, bounds"], away),
      sets: filled(exact ? T.exact : T.bounds, {field: many(field.length), inner: many(clarke.inner.length)})});
  }

  function look(values, given) {
    const T = given.words, F = given.programs[values.program], known = given.faces[values.program];
    const x = [values.x1, values.x2], at = activeAt(F, known.rules, x);
    const ad = derivativeAlong(F, at.nodes, at.s, known.out), field = extreme(everything(F, known, at));
    const clarke = clarkeAt(known, at, x, field), verdict = verdictOf(field, clarke, ad);
    const status = filled(T.status, {x: vector(x), kind: verdict.kind, ad: vector(ad), said: T[verdict.said]});
    const inner = clarke ? clarke.inner : [], outer = clarke ? clarke.outer : [], exact = clarke && clarke.exact;
    const alt = filled(T.alt, {plane: filled(T.plane, {program: values.program}), field: listed(field.map(vector)),
      inner: inner.length ? listed(inner.map(vector)) : "", status});
    const plane = {...given.plane, title: given.titles[values.program], marks: [...given.walls[given.walled[values.program]],
      {mark: "handle", look: "point", x: x[0], y: x[1], sets: ["x1", "x2"], label: T.drag}]};
    const [[left, right], [low, high]] = squareAround([...field, ...outer, ad], 0.4);
    const sets = [["ad-set", field], ...(exact || !clarke ? [] : [["clarke-outer", outer]]), ...(clarke ? [["clarke-inner", inner]] : [])];
    const outlines = sets.flatMap(([name, around]) => outlined(name, around));
    const dual = {...given.dual, x: [left, right], y: [low, high], xticks: wholeBetween(left, right), yticks: wholeBetween(low, high),
      marks: [...outlines.filter(({mark}) => mark === "area"), ...outlines.filter(({mark}) => mark !== "area"),
        {mark: "points", look: "ad-gradient", points: [ad]}, {mark: "points", look: "zero", points: [[0, 0]]}]};
    return {status, remark: fieldRemark(T, field, clarke, verdict), alt, legend: exact ? given.exact : given.legend,
      table: null, panels: [plane, dual], controls: {}};
  }

  return {look};
})();
