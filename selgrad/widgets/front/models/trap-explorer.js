// The trap explorer without a kernel: algorithm (8) from many starts, in the bits of each precision.

const model = (() => {
  // SplitMix64 (draws.py), with 64-bit words as two of 32 bits. Of a product the high word; the low one is Math.imul.
  const GAMMA = [0x9E3779B9, 0x7F4A7C15];
  function high(a, b, c, d) {  // of (a 2^32 + b) (c 2^32 + d) modulo 2^64, by halves of 16 bits
    const b0 = b & 0xFFFF, b1 = b >>> 16, d0 = d & 0xFFFF, d1 = d >>> 16;
    const p = Math.imul(b0, d0) >>> 0, q = (Math.imul(b1, d0) >>> 0) + (p >>> 16), r = (Math.imul(b0, d1) >>> 0) + (q & 0xFFFF);
    return (Math.imul(b1, d1) + (q >>> 16) + (r >>> 16) + Math.imul(a, d) + Math.imul(b, c)) >>> 0;
  }

  // The word that the state (a, b) gives: its high half, and the low one in `word`.
  let word = 0;
  function mixed(a, b) {
    let x = (b ^ ((b >>> 30) | (a << 2))) >>> 0, y = (a ^ (a >>> 30)) >>> 0;
    y = high(y, x, 0xBF58476D, 0x1CE4E5B9);
    x = Math.imul(x, 0x1CE4E5B9) >>> 0;
    [y, x] = [(y ^ (y >>> 27)) >>> 0, (x ^ ((x >>> 27) | (y << 5))) >>> 0];
    y = high(y, x, 0x94D049BB, 0x133111EB);
    x = Math.imul(x, 0x133111EB) >>> 0;
    word = (x ^ ((x >>> 31) | (y << 1))) >>> 0;
    return (y ^ (y >>> 31)) >>> 0;
  }

  // Output number i of the generator with the seed (a, b).
  function splitmix(a, b, i) {
    const low = b + (Math.imul(GAMMA[1], i + 1) >>> 0), carry = low > 0xFFFFFFFF ? 1 : 0;
    return mixed((a + high(GAMMA[0], GAMMA[1], 0, i + 1) + carry) >>> 0, low >>> 0);
  }

  // The number of two terms that each step of trajectory j draws: the first bit of its word.
  const picked = new Map();
  function picksOf(j, steps) {
    if (!picked.has(j)) {
      const a = splitmix(0, 0, j), b = word, found = new Uint8Array(steps);
      for (let k = 0; k < steps; k++) found[k] = splitmix(a, b, k) >>> 31;
      picked.set(j, found);
    }
    return picked.get(j);
  }

  // One start in each cell of the map, always the same ones.
  const scattered = {};
  function startsOf(columns, rows, [low, high]) {
    const uniform = (n) => {
      const first = splitmix(0, 0, n);
      return (first * 2 ** 21 + (word >>> 11)) * 2 ** -53;
    };
    return scattered[`${columns}x${rows}`] ||= Array.from({length: columns * rows}, (_, n) => [
      low + (high - low) * (n % columns + uniform(n)) / columns,
      (Math.floor(n / columns) + uniform(columns * rows + n)) / rows]);
  }

  // What each precision is: its rounding, the bits of its significand, its least exponent.
  const FORMATS = {float64: [53, -1022], float32: [24, -126], float16: [11, -14]};

  const view = new DataView(new ArrayBuffer(8));
  function exponentOf(x) {  // floor(log2(x)), for x > 0
    view.setFloat64(0, x);
    const e = (view.getUint16(0) >> 4) - 1023;
    return e > -1023 ? e : Math.floor(Math.log2(x));
  }

  // The float next to x, towards minus infinity (-1) or infinity (1).
  function next(x, way, dtype) {
    const [bits, least] = FORMATS[dtype], size = Math.abs(x), outwards = x === 0 || (x > 0) === (way > 0);
    const e = size === 0 ? least : exponentOf(size), gap = 2 ** (Math.max(e, least) - bits + 1);
    return x + way * (!outwards && size === 2 ** e && e > least ? gap / 2 : gap);
  }

  const SCHEDULES = [(k) => 1 / (k + 1), (k) => 1 / Math.sqrt(k + 1), () => 0.5];  // in the order of the menu

  function problemOf(values, given, dtype) {
    const traps = [...new Set(values.n === 2 ? [values.a_1, values.a_2] : [values.a_1])];
    const F = given.programs[`${traps.length} ${dtype}`], alpha = SCHEDULES[given.schedules.indexOf(values.schedule)];
    const places = traps.map((a) => F.real(a));
    const data = [-1, 1].map((way) => [F.real(1 + values.noise * way), ...places.flatMap((a) => [a, F.real(1 - a)])]);
    const fine = dtype !== "float16";
    return {traps, noise: values.noise, schedule: values.schedule, dtype, F, alpha, places, data,
      size: fine ? given.fine : given.coarse, steps: Array.from({length: given.fine[2]}, (_, k) => F.real(alpha(k)))};
  }

  // Algorithm (8) from x0, trajectory number j: the last iterate, and all of them in `out`.
  function end({F, noise, data, steps}, x0, c, count, j, out) {
    const x = [F.real(x0)], picks = noise === 0 ? null : picksOf(j, steps.length);
    return F.descend(x, F.real(c), steps, count, data, picks, out)[0];
  }

  // (k, x0 by row) for the starts that arrive at a trap at step k, for every way to draw k terms.
  function curvesOf({traps, noise, alpha}, given) {
    const ways = noise === 0 ? [1] : [1 - noise, 1 + noise], found = [];
    for (let k = 1; k <= given.longest[noise > 0 ? 1 : 0]; k++) {
      for (const a of traps) {
        for (let word = 0; word < ways.length ** k; word++) {
          const drawn = Array.from({length: k}, (_, j) => ways[Math.floor(word / ways.length ** (k - 1 - j)) % ways.length]);
          const curve = Array.from({length: given.rows}, (_, row) => {
            const c = (row + 1) / given.rows;
            let x = a;
            for (let j = k - 1; j >= 0; j--) {
              const gamma = c * alpha(j);
              x = gamma < 1 ? (x - gamma * drawn[j]) / (1 - gamma) : NaN;
            }
            return x >= given.span[0] && x <= given.span[1] ? x : NaN;
          });
          found.push([k, curve]);
        }
      }
    }
    return found;
  }

  // The starts next to the curves: [x0, c, trapped], for the three floats nearest to each.
  function besideOf(problem, curves, given) {
    const near = curves.flatMap(([, curve]) => curve.map((x, row) => [problem.F.real(x), (row + 1) / given.rows]))
      .filter(([x]) => Number.isFinite(x));
    const every = [-1, 0, 1].flatMap((way) => near.map(([x, c]) => [way ? next(x, way, problem.dtype) : x, c]));
    return every.map(([x, c], j) => [x, c, problem.places.includes(end(problem, x, c, given.short, j))]);
  }

  function cellsOf(problem, given) {
    const [columns, rows, steps] = problem.size, starts = startsOf(columns, rows, given.span);
    const levels = new Uint8Array(starts.length), trapped = [];
    starts.forEach(([x0, c], j) => {
      const x = end(problem, x0, c, steps, j);
      levels[j] = Math.floor(Math.min(Math.abs(x - 1), given.farthest) / given.farthest * 255 + 0.5);
      if (problem.places.includes(x)) trapped.push([x0, c]);
    });
    return {columns, rows, levels, trapped, count: starts.length};
  }

  const four = (x) => Math.floor(x * 1e4 + 0.5) / 1e4;
  const point = (x, y) => Number.isNaN(x) ? null : [four(x), four(y)];

  function base64(bytes) {
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  }

  // What the plane of starts shows, whatever start is chosen.
  function mapOf(values, given) {
    const problem = problemOf(values, given, values.dtype), curves = curvesOf(problem, given), stroke = given.stroke;
    const cells = cellsOf(problem, given);
    const beside = given.precisions.map((dtype) => besideOf(dtype === values.dtype ? problem : problemOf(values, given, dtype), curves, given));
    const own = beside[given.precisions.indexOf(values.dtype)].filter(([, , at]) => at);
    const lines = (name, first) => curves.filter(([k, curve]) => (k === 1) === first && curve.some((x) => !Number.isNaN(x)))
      .map(([, curve]) => ({mark: "line", look: name, points: curve.map((x, row) => point(x, (row + 1) / given.rows)).filter((_, row) => row % 2 === 1)}));
    const marks = [
      {mark: "heat", rows: cells.rows, columns: cells.columns, levels: base64(cells.levels), extent: [...given.span, 0, 1], bar: given.bar},
      ...lines("preimage", false), ...lines("preimage-first", true),
      {mark: "line", look: "beside-preimage", points: own.flatMap(([x, c]) => {
        const [a, b] = point(x, c);
        return [[a - stroke, b], [a + stroke, b], null];
      })},
      {mark: "points", look: "trapped", points: cells.trapped.map(([x, c]) => point(x, c))},
    ];
    return {problem, marks, curves: curves.length, cells, beside: beside.map((every) => [every.filter(([, , at]) => at).length, every.length])};
  }

  const kept = new Map();
  function mapKept(values, given) {
    const {n, a_1, a_2, noise, schedule, dtype} = values, name = JSON.stringify([a_1, n === 2 ? a_2 : null, noise, schedule, dtype]);
    if (!kept.has(name)) {
      if (kept.size > 7) kept.delete(kept.keys().next().value);
      kept.set(name, mapOf(values, given));
    }
    return kept.get(name);
  }

  // The trajectories from the chosen start, each with the start itself.
  function runs(problem, values, given) {
    const steps = given.fine[2], x0 = problem.F.real(values.x0);
    return Array.from({length: problem.noise === 0 ? 1 : given.draws}, (_, j) => {
      const out = new Array(steps);
      end(problem, values.x0, values.c, steps, j, out);
      return [x0, ...out];
    });
  }

  function ends(problem, paths, values, given) {
    const T = given.words, path = paths[0], steps = given.fine[2], x = path[steps];
    const slots = {x0: number(values.x0), c: number(values.c), end: number(x)};
    if (!problem.places.includes(x)) {
      const many = paths.length > 1 ? filled(T.many, {n: paths.length}) : "";
      return filled(T.free, {...slots, k: steps, many});
    }
    const k = path.indexOf(x);
    return filled(T.trapped, {...slots, k, steps: k === 1 ? "step" : "steps"});
  }

  function remarkOf({problem, cells, beside}, given) {
    const T = given.words, [, near] = beside[given.precisions.indexOf(problem.dtype)];
    const said = [filled(T.counts, {dtype: problem.dtype, cells: thousands(cells.trapped.length),
      starts: thousands(cells.count), near: thousands(near),
      beside: listed(given.precisions.map((dtype, i) => filled(T.in, {n: thousands(beside[i][0]), dtype})))})];
    if (given.outside[problem.schedule]) said.push(T.outside);
    if (problem.dtype === "float16") {
      said.push(filled(T.coarse, {why: T.float16, few: thousands(given.coarse[0] * given.coarse[1]),
        short: given.coarse[2], all: thousands(given.fine[0] * given.fine[1]), long: given.fine[2]}));
    }
    return said.join(" ");
  }

  function look(values, given) {
    const T = given.words, map = mapKept(values, given), {problem} = map, {x0, c} = values;
    const paths = runs(problem, values, given), lines = paths.map((path) => path.map((x, k) => point(k + 1, x)));
    const status = ends(problem, paths, values, given), names = values.n === 2 ? ["a_1", "a_2"] : ["a_1"];
    const handle = (name, x, y) => {
      const [look, sets, label] = given.handles[name];
      return {mark: "handle", look, x, y, sets, label};
    };
    const plane = {...given.plane, marks: [...map.marks, handle("start", x0, c)]};
    const path = {...given.path, marks: [
      {mark: "rule", look: "minimum", y: 1},
      ...problem.traps.map((a) => ({mark: "rule", look: "trap", y: a})),
      ...lines.slice(1).map((points) => ({mark: "line", look: "path", points})),
      {mark: "line", look: "path-first", points: lines[0]},
      {mark: "points", look: "iterate", points: lines[0].slice(0, given.dots)},
      ...names.map((name) => handle(name, given.at, values[name])),
      handle("x0", 1, x0)]};
    return {status, remark: remarkOf(map, given), alt: filled(T.alt, {curves: map.curves, status}), legend: given.legend,
      table: null, panels: [plane, path],
      controls: {a_2: {hidden: values.n < 2}}};
  }

  return {look};
})();
