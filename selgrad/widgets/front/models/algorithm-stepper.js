// The algorithm stepper: what selgrad/widgets/stepper.py says, from the programs that were emitted.
const model = (() => {
  const FORWARD = "forward", WIDE = 15;

  const sub = (k) => [...String(k)].map((c) => "₀₁₂₃₄₅₆₇₈₉"[c]).join("");

  const symbol = (k) => k > 9 ? `$x_{${k}}$` : `$x_${k}$`;

  // The states of Algorithm 2: before the loop, then after each instruction. {node, slopes: [[j, d]], state by node}.
  function stepsOf(F, x, first, output, mode) {
    const s = [], kinked = F.kinked, m = x.length;
    F.indices(...x.slice(0, first)).forEach((index, n) => { s[kinked[n]] = index; });
    const slopes = F.slopes(x, s), before = x.map((_, k) => k).slice(first);
    const along = (k) => [...F.of[k].reduce((found, j, n) => found.set(j, (found.get(j) || 0) + slopes[k][n]), new Map())];
    const forward = mode === FORWARD;
    const state = x.map((_, k) => !forward ? [k === output ? 1 : 0] : k < first ? x.slice(0, first).map((_, i) => i === k ? 1 : 0) : null);
    const done = [{node: null, slopes: [], state: [...state]}];
    for (const k of forward ? before : before.reverse()) {
      const d = along(k);
      if (forward) state[k] = d.reduce((sum, [j, slope]) => sum.map((v, i) => v + slope * state[j][i]), Array(first).fill(0));
      else for (const [j, slope] of d) state[j] = [state[j][0] + state[k][0] * slope];
      done.push({node: k, slopes: d, state: [...state]});
    }
    return done;
  }

  const inBox = (v) => number(v, 5).replace("-", "−");

  function rowOf(values) {
    if (values === null) return "·";
    const text = values.map((v) => number(v)).join(", ");
    return values.length === 1 ? text : `(${text})`;
  }

  // `name` = a number or a row of numbers, in lines that fit into a box.
  function wrapped(name, values) {
    if (values === null || values.length === 1) return [`${name} = ${values === null ? "·" : inBox(values[0])}`];
    const lines = [`${name} = (${inBox(values[0])},`];
    values.slice(1).forEach((value, n) => {
      const word = inBox(value) + (n + 2 === values.length ? ")" : ","), last = lines.length - 1, more = `${lines[last]} ${word}`;
      if (more.replace(/[$_{}]/g, "").length > WIDE) lines.push(word);
      else lines[last] = more;
    });
    return lines;
  }

  function wordsOf(step, mode, graph, texts) {
    const forward = mode === FORWARD, k = step.node, first = graph.p;
    if (k === null) return filled(texts[`start ${mode}`], {output: `x${sub(graph.output)}`});
    const slopes = step.slopes.map(([j, d]) => filled(texts.slope, {k: sub(k), j, d: number(d)}));
    const results = forward ? [filled(texts.dx, {k: sub(k), row: rowOf(step.state[k])})]
      : step.slopes.map(([j]) => filled(texts.v, {j, row: rowOf(step.state[j])}));
    const ended = k === (forward ? graph.nodes.length - 1 : first);
    const answer = forward ? step.state[graph.output] : step.state.slice(0, first).flat();
    return filled(texts.step, {
      line: graph.lines[k], kink: graph.nodes[k].kind === "kink" ? texts.kink : "",
      slopes: slopes.length ? listed(slopes) : texts["no slope"], result: results.length ? listed(results) : texts["v stays"],
      end: ended ? filled(texts.end, {row: rowOf(answer)}) : "",
    });
  }

  function look(values, given) {
    const {program, mode, step: n} = values, {texts, graphs} = given, graph = graphs[program], first = graph.p;
    const F = {...given.programs[program], kinked: graph.nodes.map((_, k) => k).filter((k) => graph.nodes[k].kind === "kink")};
    const here = [values.x0, values.x1, values.x2].slice(0, first), count = graph.nodes.length;
    const inside = F.fault(...here) === "" && F.nodes(...here).every(Number.isFinite);
    const x = inside ? F.nodes(...here) : graph.nodes.map((_, k) => k < first ? here[k] : null);
    const steps = inside ? stepsOf(F, x, first, graph.output, mode)
      : Array(1 + count - first).fill({node: null, slopes: [], state: Array(count).fill(null)});
    const last = steps.length - 1, at = Math.min(n, last), step = steps[at], forward = mode === FORWARD;
    const status = inside ? filled(texts.status, {n: at, last, mode, words: wordsOf(step, mode, graph, texts)}) : texts.outside;

    const places = graph.places[mode] || graph.places.backward;
    const handled = new Map(steps.slice(1, at + 1).flatMap(({node, slopes}) => slopes.map(([j, d]) => [`${j} ${node}`, d])));
    const edges = places.edges.map(({from, to, points, at}) => ({
      mark: "edge", points, at, lit: to === step.node && step.slopes.some(([j]) => j === from),
      text: handled.has(`${from} ${to}`) ? inBox(handled.get(`${from} ${to}`)) : "",
    }));
    const said = [];
    const nodes = graph.nodes.map((node, k) => {
      const value = x[k] === null ? null : [x[k]], name = forward ? symbol(k).replace("x", "dx") : `$v$[${k}]`;
      const entry = filled(texts[forward ? "dx" : "v"], {k: sub(k), j: k, row: rowOf(step.state[k])});
      said.push(`x${sub(k)} = ${rowOf(value)}, ${entry}`);
      return {mark: "node", x: places.at[k][0], y: places.at[k][1], ...node, box: places.box, lit: k === step.node,
        lines: [...wrapped(symbol(k), value), ...wrapped(name, step.state[k])]};
    });
    return {
      status, remark: texts.remark, alt: filled(texts.alt, {graph: graph.graph, status, nodes: said.join("; ")}), legend: given.legend,
      panels: [{...places.panel, marks: [...edges, ...nodes]}],
      controls: {step: {max: last}, ...Object.fromEntries([0, 1, 2].map((i) => [`x${i}`, {hidden: i >= first}]))},
      blocked: [...(at === 0 ? ["back"] : []), ...(at === last ? ["next"] : [])],
    };
  }

  // Another program starts at its own inputs, and it or another mode at the first step.
  function changed(name, values, given) {
    const found = name === "program" || name === "mode" ? {step: 0} : {};
    if (name === "program") given.graphs[values.program].start.forEach((value, i) => { found[`x${i}`] = value; });
    return found;
  }

  const actions = {
    back: ({step}) => ({step: Math.max(step - 1, 0)}),
    next: ({step}) => ({step: step + 1}),
  };

  return {look, changed, actions};
})();
