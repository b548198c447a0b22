// What the models of the applications share: numbers and lists in words, as Python writes them, and small mathematics.

// The integer nearest to x, a half to the even one.
function rint(x) {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

// x rounded to six decimals, as numpy's round.
function six(x) {
  return rint(x * 1e6) / 1e6;
}

// A number in words, as Python's format(x + 0.0, ".6g"): halves to even, no minus in front of zero.
function number(x, digits = 6) {
  x = Number(x) + 0;
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (x === 0) return "0";
  let [mantissa, exponent] = Math.abs(x).toExponential(digits - 1).split("e");
  const [exact] = Math.abs(x).toExponential(Math.min(digits + 40, 100)).split("e");
  const tail = exact.replace(".", "").slice(digits);
  if (/^50*$/.test(tail)) {  // a tie: JavaScript rounds up, Python to even
    const down = exact.replace(".", "").slice(0, digits);
    if (Number(down[digits - 1]) % 2 === 0) mantissa = `${down[0]}.${down.slice(1)}`;
  }
  const e = Number(exponent), sign = x < 0 ? "-" : "";
  const trimmed = (text) => text.includes(".") ? text.replace(/\.?0*$/, "") : text;
  if (e < -4 || e >= digits) {
    return `${sign}${trimmed(mantissa)}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
  }
  const figures = mantissa.replace(".", "");
  const text = e < 0 ? `0.${"0".repeat(-e - 1)}${figures}` : `${figures.slice(0, e + 1)}.${figures.slice(e + 1)}`;
  return sign + trimmed(text);
}

// a, b and c.
function listed(words) {
  return words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

// A whole number with commas between thousands.
function thousands(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

// (a, b), each rounded to six decimals.
function vector(v) {
  return `(${v.map((x) => number(six(x))).join(", ")})`;
}

// A template with its {slots} filled.
function filled(template, slots = {}) {
  return template.replace(/\{(\w+)\}/g, (_, name) => slots[name]);
}

// numpy's isclose.
function close(a, b) {
  return Math.abs(a - b) <= 1e-8 + 1e-5 * Math.abs(b);
}

// n numbers from a to b, as numpy's linspace.
function linspace(a, b, n) {
  const step = (b - a) / (n - 1);
  return Array.from({length: n}, (_, i) => i === n - 1 ? b : i * step + a);
}

// Sorted, each once.
function unique(numbers) {
  return [...new Set(numbers.map((x) => x + 0))].sort((a, b) => a - b);
}

// A number that is finite, or null: a null lifts the pen.
function finite(x) {
  return Number.isFinite(x) ? x : null;
}

// The corners of the convex hull of points in the plane, counter-clockwise from the least one.
function hull(points, slack = 0) {
  const p = [...new Map(points.map((q) => [q.map((x) => x + 0).join(), q])).values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (p.length < 3) return p;
  const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  const half = (list) => list.reduce((h, q) => {
    while (h.length > 1 && turn(h[h.length - 2], h[h.length - 1], q) <= slack) h.pop();
    return [...h, q];
  }, []);
  const lower = half(p), upper = half([...p].reverse());
  return [...lower.slice(0, -1), ...upper.slice(0, -1)];
}
