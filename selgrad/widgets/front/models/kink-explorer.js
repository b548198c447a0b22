// The kink explorer without a kernel: what KinkExplorer.look computes.
const model = {
  look(values, {words, legend, panel, kinked, span, cells, near, most, programs}) {
    const said = values.f, n = values.n, {value, derivative} = programs[said];
    const prescribed = Array.from({length: n}, (_, i) => [values[`a_${i + 1}`], values[`v_${i + 1}`]]);
    const nothing = Array(2 * most).fill(0);
    const w = [...nothing];
    prescribed.forEach(([a, v], i) => { w[2 * i] = a; w[2 * i + 1] = v - derivative(a, ...nothing)[0]; });
    const f = (t) => value(t, ...w), d = (t) => derivative(t, ...w)[0];
    const kinks = unique([...prescribed.map(([a]) => a), ...(kinked.includes(said) ? [0] : [])]);
    const at = new Map(kinks.map((a) => [a, {ad: d(a), before: d(a - near), after: d(a + near)}]));
    const t = unique([...linspace(-span, span, cells + 1), ...kinks]);
    const slope = t.map((x) => {
      if (!at.has(x)) return d(x);
      const {before, after} = at.get(x);
      return close(before, after) ? (before + after) / 2 : NaN;
    });
    const limits = kinks.flatMap((a) => {
      const {ad, before, after} = at.get(a);
      return unique([six(before), six(after)]).filter((x) => !close(x, ad)).map((x) => [a, x]);
    });
    const marks = [
      {mark: "rule", look: "axis", y: 0},
      {mark: "line", look: "function", points: t.map((x) => [x, f(x)])},
      {mark: "line", look: "derivative", points: t.map((x, i) => [x, finite(slope[i])])},
      {mark: "points", look: "beside-kink", points: limits},
      {mark: "points", look: "ad-value", points: kinks.map((a) => [a, at.get(a).ad])},
      ...prescribed.map(([a, v], i) => ({mark: "handle", look: "ad-value", x: a, y: v,
        sets: [`a_${i + 1}`, `v_${i + 1}`], label: filled(words.handle, {i: i + 1})})),
    ];
    const sentences = [filled(words.function, {f: said})], places = [...new Set(prescribed.map(([a]) => a))];
    for (const a of places) {
      const {ad, before, after} = at.get(a);
      sentences.push(filled(close(before, after) ? words.smooth : words.kink,
        {a: number(a), d: number(six(before)), ad: number(ad)}));
    }
    if (places.length < prescribed.length) sentences.push(words.together);
    const status = sentences.join(" ");
    const controls = {};
    for (let i = 1; i <= most; i++) controls[`a_${i}`] = controls[`v_${i}`] = {hidden: i > n};
    return {status, alt: filled(words.alt, {f: said, status}), legend, panels: [{...panel, marks}], controls};
  },
};
