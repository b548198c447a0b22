// Words: mathematics between two $ has italic letters, _ and ^ scripts. Numbers read as Python writes them.

function escaped(text) {
  return String(text).replace(/[&<>"]/g, (c) => ({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})[c]);
}

// Pieces of a text: {text, italic, script}, script 1 above the line, -1 below, 0 on it.
function pieces(text) {
  const found = [];
  const add = (text, italic, script) => {
    const last = found[found.length - 1];
    if (last && last.italic === italic && last.script === script) last.text += text;
    else found.push({text, italic, script});
  };
  String(text).split("$").forEach((part, i) => {
    if (i % 2 === 0) return part && add(part, false, 0);
    const letters = [...part.replace(/-/g, "−")];
    for (let k = 0; k < letters.length; k++) {
      let script = 0, run = [letters[k]];
      if (letters[k] === "_" || letters[k] === "^") {
        script = letters[k] === "_" ? -1 : 1;
        k += 1;
        const end = letters[k] === "{" ? letters.indexOf("}", k) : k;
        run = letters[k] === "{" ? letters.slice(k + 1, end) : [letters[k]];
        k = end;
      }
      for (const c of run) add(c, /\p{L}/u.test(c), script);
    }
  });
  return found;
}

function inHtml(text) {
  return pieces(text).map(({text, italic, script}) => {
    const inner = italic ? `<i>${escaped(text)}</i>` : escaped(text);
    return script === 0 ? inner : script > 0 ? `<sup>${inner}</sup>` : `<sub>${inner}</sub>`;
  }).join("");
}

// As tspans; a script is 0.72 of the size, and the line is found again after it.
function inSvg(text) {
  let shift = 0;
  return pieces(text).map(({text, italic, script}) => {
    const wanted = -0.36 * Math.max(script, 0) - 0.25 * Math.min(script, 0), size = script ? 0.72 : 1;
    const dy = (wanted - shift) / size;
    shift = wanted;
    const style = `${italic ? ' font-style="italic"' : ""}${script ? ' font-size="72%"' : ""}`;
    return `<tspan${dy ? ` dy="${dy.toFixed(3)}em"` : ""}${style}>${escaped(text)}</tspan>`;
  }).join("");
}

const SUBSCRIPTS = {0: "₀", 1: "₁", 2: "₂", 3: "₃", 4: "₄", 5: "₅", 6: "₆", 7: "₇", 8: "₈", 9: "₉", k: "ₖ"};

// For a screen reader, a title, a measure of length.
function asWords(text) {
  return pieces(text).map(({text, script}) =>
    script < 0 ? [...text].map((c) => SUBSCRIPTS[c] || c).join("") : text).join("");
}

function short(x) {
  return String(Number(x.toPrecision(6)) + 0).replace("-", "−");
}
