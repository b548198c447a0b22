// An application in an element: mount(root, {looks, send, link}) returns {update(shown), close()}.
// One message is under way at a time; what the reader does meanwhile waits, and of it only the newest values.

const PATIENCE = 6000;  // ms without an answer

function merged(queue, message) {
  const last = queue[queue.length - 1];
  if (last && last.set && message.set) Object.assign(last.set, message.set);
  else queue.push(message);
}

function mount(root, engine) {
  const queue = [];
  let busy = null, shown = null, rows = null;
  const inner = element("div", {class: "sg-app"});
  const controls = element("div", {class: "sg-controls", role: "group"});
  const card = element("div", {class: "sg-card"});
  const legend = element("ul", {class: "sg-legend", "aria-label": "Legend"});
  const drawing = element("div", {class: "sg-picture"});
  const status = element("p", {class: "sg-status", role: "status", "aria-live": "polite"});
  const remark = element("p", {class: "sg-remark"});
  const table = element("div", {class: "sg-table"});
  card.append(legend, drawing);
  inner.append(controls, element("div", {class: "sg-shown"}, status, card, remark, table));
  root.classList.add("selgrad-app");
  root.append(inner);

  function send(message) {
    merged(queue, message);
    next();
  }

  function next() {
    if (busy || !queue.length) return;
    busy = setTimeout(() => {
      busy = null;
      queue.length = 0;
      status.textContent = "No kernel answers here: run the cell of this widget, or open its page.";
    }, PATIENCE);
    engine.send(queue.shift());
  }

  const picture = new Picture(drawing, engine.looks, send);

  function build() {
    controls.setAttribute("aria-label", `${shown.title}: controls`);
    const preset = {kind: "menu", name: "preset", label: "Example", said: "Choose an example", options: shown.presets,
      value: shown.preset, hidden: false, disabled: false};
    rows = {preset: new Row(preset, (value) => send({choose: value}))};
    for (const spec of shown.controls) rows[spec.name] = new Row(spec, (value) => send({set: {[spec.name]: value}}));
    const buttons = shown.actions.map((a) => {
      const button = element("button", {type: "button", html: inHtml(a.label)});
      button.addEventListener("click", () => button.getAttribute("aria-disabled") === "true" || send({do: a.name}));
      return button;
    });
    const reset = element("button", {type: "button", title: "Go back to where this started"}, "Reset");
    reset.addEventListener("click", () => send({reset: true}));
    const copy = element("button", {type: "button", title: engine.link ? "Copy a link to what is shown" :
      "Copy what is shown as text, for from_state(...)"}, engine.link ? "Copy link" : "Copy state");
    copy.addEventListener("click", async () => {
      const values = Object.fromEntries(shown.controls.map((c) => [c.name, c.value]));
      const state = JSON.stringify({app: shown.app, values}), before = copy.textContent;
      try {
        await copied(engine.link ? engine.link(state) : state);
        copy.textContent = "Copied";
      } catch {
        copy.textContent = "Not copied";
      }
      setTimeout(() => { copy.textContent = before; }, 1500);
    });
    rows.actions = buttons;
    controls.append(rows.preset.root, ...shown.controls.map((c) => rows[c.name].root));
    if (buttons.length) controls.append(element("div", {class: "sg-buttons sg-actions"}, ...buttons));
    controls.append(element("div", {class: "sg-buttons"}, reset, copy));
  }

  // In JupyterLab arrow keys are shortcuts, but not on an element that says so itself.
  function keepKeys() {
    for (const e of root.querySelectorAll("input, select, button, [tabindex]")) e.setAttribute("data-lm-suppress-shortcuts", "true");
  }

  function draw() {
    if (!shown || !root.clientWidth) return;
    const {panels} = shown, width = root.clientWidth, below = width < (panels[0].frame === false ? 1100 : panels[1] ? 900 : 720);
    inner.classList.toggle("below", below);  // the picture, below the controls
    inner.classList.toggle("pairs", below && width > 720);  // which stand in two columns
    picture.draw(shown, below && panels[1] && width > 720 ? 0.44 : 0.6);
    legend.innerHTML = shown.legend.map(([look, words]) =>
      `<li>${sample(engine.looks[look])}<span>${inHtml(words)}</span></li>`).join("");
  }

  function drawTable() {
    const t = shown.table;
    table.hidden = !t;
    if (!t) return;
    const cells = (row, tag) => row.map((c) => `<${tag}>${inHtml(c)}</${tag.split(" ")[0]}>`).join("");
    table.innerHTML = `<table><thead><tr>${cells(t.head, 'th scope="col"')}</tr></thead><tbody>` +
      t.rows.map((row, i) => `<tr${i === t.lit ? ' class="lit" aria-current="true"' : ""}>${cells(row, "td")}</tr>`).join("") +
      "</tbody></table>";
  }

  function update(now) {
    clearTimeout(busy);
    busy = null;
    shown = now;
    if (!rows) build();
    if (!queue.length) {  // else what the reader has just set is not yet in it
      rows.preset.update({...rows.preset.spec, options: shown.presets, value: shown.preset});
      for (const spec of shown.controls) rows[spec.name].update(spec);
    }
    shown.actions.forEach((a, i) => rows.actions[i].setAttribute("aria-disabled", a.disabled));
    const words = `<span>${inHtml(shown.problem || shown.status)}</span>`;
    if (status.innerHTML !== words) status.innerHTML = words;
    remark.innerHTML = inHtml(shown.remark);
    remark.hidden = !shown.remark;
    drawTable();
    draw();
    keepKeys();
    next();
  }

  const sized = new ResizeObserver(() => draw());
  sized.observe(drawing);
  return {update, close: () => sized.disconnect()};
}
