// The selection explorer without a kernel: what SelectionExplorer.look computes.
const model = {
  look({f: name, s: choice, x}, {examples, choices, span, cells, words, legend, panels, low: bottom, programs}) {
    const {tie, sides, texts} = examples[name], atTie = choices.indexOf(choice);
    const pieces = [0, 1, 2].slice(0, Math.max(2, atTie + 1)).map((i) => programs[`${name} ${i}`]);
    const index = (t) => t === tie ? atTie : sides[t < tie ? 0 : 1];
    const value = (t) => pieces[index(t)].value(t), slope = (i, t) => pieces[i].derivative(t)[0];
    const [before, after, picked] = [...sides, atTie].map((i) => slope(i, tie));
    const d = (t) => t !== tie ? slope(index(t), t) : before === after ? before : null;

    const active = pieces.map((_, i) => i).filter((i) => pieces[i].value(x) === value(x));
    const field = active.map((i) => slope(i, x)), low = Math.min(...field), high = Math.max(...field);
    const named = active.map((i) => `${i} (${[...texts, words.mean][i]})`);
    const said = {f: name, choice, tie: number(tie), at_tie: number(picked), x: number(x), value: number(value(x)),
      derivative: number(slope(index(x), x)), field: low === high ? `{${number(low)}}` : `[${number(low)}, ${number(high)}]`,
      pieces: `${active.length === 1 ? "piece" : "pieces"} ${listed(named)}`};
    for (const key of ["status", "remark", "alt"]) said[key] = filled(words[key], said);

    const t = unique([...linspace(-span, span, cells + 1), tie]), axis = {mark: "rule", look: "axis", y: 0};
    const line = (look, f) => ({mark: "line", look, points: t.map((u) => [u, f(u)])});
    const marks = [[
      axis, {mark: "rule", look: "at", x},
      line("piece-0", pieces[0].value), line("piece-1", pieces[1].value), line("function", value), line("derivative", d),
      {mark: "points", look: "beside-kink", points: unique([before, after]).filter((v) => v !== picked).map((v) => [tie, v])},
      {mark: "points", look: "ad-value", points: [[tie, picked]]},
      {mark: "handle", look: "point", x, y: bottom, sets: ["x", null], label: words.handle},
    ], [
      axis, {mark: "line", look: "ad-set", points: [[0, low], [0, high]]},
      {mark: "points", look: "ad-value", points: [[0, slope(index(x), x)]]},
    ]];
    return {status: said.status, remark: said.remark, alt: said.alt, legend,
      panels: panels.map((panel, i) => ({...panel, marks: marks[i]}))};
  },
};
