// The controls: real inputs with typeset labels; a slider and a box for a number.

// The symbol that a label ends with: a₁ of "Kink 1 at $a_1$".
function symbolOf(spec) {
  return asWords(spec.label).split(" ").pop();
}

function element(tag, attributes = {}, ...children) {
  const found = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "html") found.innerHTML = value;
    else found.setAttribute(name, value);
  }
  found.append(...children);
  return found;
}

// Each application of a notebook has a copy of this script: numbers alone would name rows of several alike.
const rowsHere = Math.random().toString(36).slice(2, 8);
let rows = 0;

// One row: `update(spec)` shows the present value; `send(value)` is told what the reader wants.
class Row {
  constructor(spec, send) {
    this.spec = spec;
    this.root = element("div", {class: `sg-row sg-${spec.kind}`, title: spec.said});
    const id = `sg-row-${rowsHere}-${++rows}`;
    this[spec.kind](spec, send, id);
    this.update(spec);
  }

  number(spec, send, id) {
    this.slider = element("input", {type: "range", id, min: spec.min, max: spec.max, step: spec.step});
    this.box = element("input", {type: "number", step: spec.kind === "whole" ? 1 : "any", min: spec.min, max: spec.max,
      "aria-label": `${asWords(spec.label)}, as a number`});
    this.slider.addEventListener("input", () => {
      this.box.value = this.slider.value;
      send(Number(this.slider.value));
    });
    const typed = () => {
      const x = Number(this.box.value);
      if (this.box.value !== "" && Number.isFinite(x)) send(x);
      else this.box.value = this.spec.value;
    };
    this.box.addEventListener("change", typed);
    this.root.append(element("label", {for: id, html: inHtml(spec.label)}), this.slider, this.box);
  }

  whole(spec, send, id) {
    this.number(spec, send, id);
  }

  menu(spec, send, id) {
    this.select = element("select", {id}, ...spec.options.map((o) => element("option", {}, o)));
    this.select.addEventListener("change", () => send(this.select.value));
    this.root.append(element("label", {for: id, html: inHtml(spec.label)}), this.select);
  }

  choice(spec, send, id) {
    this.radios = spec.options.map((o) => element("input", {type: "radio", name: id, value: o}));
    this.radios.forEach((radio) => radio.addEventListener("change", () => send(radio.value)));
    const labels = spec.options.map((o, i) => element("label", {}, this.radios[i], element("span", {html: inHtml(o)})));
    this.root.append(element("span", {class: "sg-label", id: `${id}-l`, html: inHtml(spec.label)}),
      element("div", {role: "radiogroup", "aria-labelledby": `${id}-l`}, ...labels));
  }

  update(spec) {
    this.spec = spec;
    this.root.hidden = spec.hidden;
    for (const input of this.root.querySelectorAll("input, select")) input.disabled = spec.disabled;
    if (this.slider) {
      this.slider.max = this.box.max = spec.max;
      if (Number(this.slider.value) !== spec.value) this.slider.value = spec.value;
      if (Number(this.box.value) !== spec.value || this.box.value === "") this.box.value = spec.value;
      this.slider.setAttribute("aria-valuetext", `${symbolOf(spec)} = ${short(spec.value)}`);
    }
    if (this.select) this.select.value = spec.value;
    if (this.radios) this.radios.forEach((radio) => { radio.checked = radio.value === spec.value; });
  }
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", {style: "position:fixed;opacity:0"});
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("the clipboard is closed");
  }
}
