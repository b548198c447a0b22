// The picture: the panels as one SVG image, and over it what is dragged and clicked.

const OVER = ["points", "text", "node", "edge"];  // not cut off at the frame

function axes({panel, x, y, w, h, px, py}) {
  let out = panel.title ? `<text x="${round(x + w / 2)}" y="${round(y - 12)}" class="label" text-anchor="middle">${inSvg(panel.title)}</text>` : "";
  if (panel.frame === false) return out;
  const log = panel.scale === "log x";
  const [l, b] = [round(x), round(y + h)];
  out += `<path d="M${l} ${round(y)}V${b}H${round(x + w)}" fill="none" stroke="#444" stroke-width="1"/>`;
  for (const [v, words] of labelled(panel.xticks || ticksOf(panel.x, Math.max(w / 80, 5), log))) {
    const at = round(px(v));
    out += `<path d="M${at} ${b}v4" stroke="#444"/><text x="${at}" y="${b + 17}" class="tick" text-anchor="middle">${inSvg(words)}</text>`;
  }
  for (const [v, words] of labelled(panel.yticks || ticksOf(panel.y, Math.max(h / 50, 5)))) {
    const at = round(py(v));
    out += `<path d="M${l} ${at}h-4" stroke="#444"/><text x="${l - 7}" y="${at}" class="tick" text-anchor="end" dominant-baseline="middle">${inSvg(words)}</text>`;
  }
  if (panel.xlabel) out += `<text x="${round(x + w / 2)}" y="${b + 37}" class="label" text-anchor="middle">${inSvg(panel.xlabel)}</text>`;
  if (panel.ylabel) {
    const [a, m] = [l - 42, round(y + h / 2)];
    const flat = asWords(panel.ylabel).length <= 3;
    out += `<text x="${a}" y="${m}" class="label" text-anchor="middle" dominant-baseline="middle"${flat ? "" : ` transform="rotate(-90 ${a} ${m})"`}>${inSvg(panel.ylabel)}</text>`;
  }
  return out;
}

function drawn(place, looks, id) {
  const {panel, x, y, w, h} = place;
  const clip = `<clipPath id="${id}"><rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}"/></clipPath>`;
  const bars = panel.marks.filter((m) => m.mark === "heat" && m.bar).map((m) => colourBar(m, looks.heat, place, id));
  const marks = panel.marks.map((m) => OVER.includes(m.mark) ? drawMark(m, looks, place, id)
    : `<g clip-path="url(#${id})">${drawMark(m, looks, place, id)}</g>`);
  const heats = panel.marks.findIndex((m) => m.mark === "heat");
  const below = heats >= 0 ? marks.slice(0, heats + 1) : [];
  return clip + below.join("") + axes(place) + marks.slice(below.length).join("") + bars.join("");
}

// What stands for a look in the legend.
function sample(look) {
  const inner = look.marker ? marker(look, 14, 8)
    : look.box ? `<rect x="3" y="2" width="22" height="12" fill="${look.fill || "#fff"}" ${stroked(look)}/>`
    : look.stroke ? `<path d="M1 8H27" ${stroked(look)}/>`
    : `<rect x="3" y="2" width="22" height="12" fill="${look.fill}" opacity="${look.opacity}"/>`;
  return `<svg width="28" height="16" aria-hidden="true">${inner}</svg>`;
}

const SVG = "http://www.w3.org/2000/svg";
let pictures = 0;

// send({set: {...}}) is told what is dragged or clicked; draw(shown) draws.
class Picture {
  constructor(root, looks, send) {
    Object.assign(this, {root, looks, send, handles: [], places: [], dragged: null, id: `sg${++pictures}-${Math.random().toString(36).slice(2, 7)}`});
    this.image = document.createElement("div");
    this.over = document.createElementNS(SVG, "svg");
    this.over.setAttribute("class", "sg-over");
    this.over.setAttribute("role", "group");
    this.over.setAttribute("aria-label", "Points to drag");
    root.append(this.image, this.over);
    this.over.addEventListener("pointerdown", (event) => this.pressed(event));
    this.over.addEventListener("pointermove", (event) => this.moved(event));
    for (const end of ["pointerup", "pointercancel"]) this.over.addEventListener(end, () => { this.dragged = null; this.over.classList.remove("dragging"); });
  }

  // It may take a share of the window's height.
  draw(shown, share) {
    this.shown = shown;
    const width = Math.max(this.root.clientWidth, 240);
    const most = Math.min(Math.max(window.innerHeight * share, 340), 760);
    const {height, panels} = laidOut(shown.panels, width, most);
    this.places = panels;
    this.image.innerHTML = `<svg role="img" aria-labelledby="${this.id}-t ${this.id}-d" width="${width}" height="${height}" ` +
      `viewBox="0 0 ${width} ${height}"><title id="${this.id}-t">${escaped(shown.title)}</title>` +
      `<desc id="${this.id}-d">${escaped(shown.alt)}</desc>` +
      panels.map((place, i) => drawn(place, this.looks, `${this.id}-${i}`)).join("") + "</svg>";
    for (const [name, value] of [["width", width], ["height", height], ["viewBox", `0 0 ${width} ${height}`]]) this.over.setAttribute(name, value);
    this.over.classList.toggle("clicks", panels.some((p) => p.panel.click));
    this.drawHandles();
  }

  // The handles stay the same elements, so that what is focused or dragged stays so.
  drawHandles() {
    const wanted = this.places.flatMap((place) => place.panel.marks.filter((m) => m.mark === "handle").map((mark) => ({place, mark})));
    while (this.handles.length > wanted.length) this.handles.pop().g.remove();
    while (this.handles.length < wanted.length) {
      const g = document.createElementNS(SVG, "g"), handle = {g};
      g.setAttribute("role", "slider");
      g.setAttribute("tabindex", "0");
      g.setAttribute("class", "sg-handle");
      g.addEventListener("keydown", (event) => this.pressedKey(event, handle));
      this.over.append(g);
      this.handles.push(handle);
    }
    wanted.forEach(({place, mark}, i) => {
      const handle = this.handles[i], {g} = handle;
      const again = !handle.mark || handle.mark.look !== mark.look;
      Object.assign(handle, {place, mark});
      if (again) g.innerHTML = `<circle r="15" class="grip"/><circle r="11" class="ring"/>${marker(this.looks[mark.look], 0, 0)}`;
      if (!(this.dragged && this.dragged.handle === handle)) g.setAttribute("transform", `translate(${round(place.px(mark.x))} ${round(place.py(mark.y))})`);
      const set = mark.sets.map((name) => name && this.spec(name)), first = set.find(Boolean);
      const said = set.filter(Boolean).map((c) => `${symbolOf(c)} = ${short(c.value)}`).join(", ");
      for (const [name, value] of [["aria-label", asWords(mark.label)], ["aria-valuemin", first.min], ["aria-valuemax", first.max],
        ["aria-valuenow", first.value], ["aria-valuetext", said]]) g.setAttribute(name, value);
      g.style.cursor = set[0] && set[1] ? "move" : set[0] ? "ew-resize" : "ns-resize";
    });
  }

  spec(name) {
    return this.shown.controls.find((c) => c.name === name);
  }

  point(event) {
    const box = this.over.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  // The values that a place in a panel gives to controls, on their grids; the place that they stand for.
  set(sets, place, [x, y]) {
    const values = {}, wanted = [place.ux(x), place.uy(y)];
    sets.forEach((name, i) => {
      const c = name && this.spec(name);
      if (c) values[name] = Math.min(Math.max(Math.round(wanted[i] / c.step) * c.step, c.min), c.max);
    });
    this.send({set: values});
    return values;
  }

  pressed(event) {
    if (event.button) return;
    const at = this.point(event), g = event.target.closest(".sg-handle");
    const handle = g && this.handles.find((h) => h.g === g);
    if (handle) {
      g.focus();
      const {place, mark} = handle;
      this.dragged = {handle, off: [place.px(mark.x) - at[0], place.py(mark.y) - at[1]]};
      this.over.classList.add("dragging");
    } else {
      const place = this.places.find((p) => p.panel.click && at[0] >= p.x - 6 && at[0] <= p.x + p.w + 6 && at[1] >= p.y - 6 && at[1] <= p.y + p.h + 6);
      if (!place) return;
      this.set(place.panel.click, place, at);
      this.dragged = {place};
    }
    this.over.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  moved(event) {
    if (!this.dragged) return;
    const at = this.point(event), {handle, off, place} = this.dragged;
    if (!handle) return this.set(place.panel.click, place, at);
    const to = [at[0] + off[0], at[1] + off[1]], {mark} = handle;
    const values = this.set(mark.sets, handle.place, to);
    const [a, b] = mark.sets.map((name) => name && values[name]);
    handle.g.setAttribute("transform", `translate(${round(handle.place.px(a ?? mark.x))} ${round(handle.place.py(b ?? mark.y))})`);
  }

  pressedKey(event, {mark}) {
    const [dx, dy] = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key] || [0, 0];
    const [h, v] = mark.sets, name = dx ? h : v;
    if (!(dx || dy)) return;
    event.preventDefault();
    if (!name) return;
    const c = this.spec(name), size = c.step * (event.shiftKey ? 4 : 1);
    this.send({set: {[name]: Math.min(Math.max((Math.round(c.value / c.step) + (dx + dy) * size / c.step) * c.step, c.min), c.max)}});
  }
}
