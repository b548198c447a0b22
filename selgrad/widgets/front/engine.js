// The application without a kernel: what base.py does, in the page. `app` is {name, title, start preset, presets,
// controls, actions, given}, `model` is {look(values, given), changed?(name, values, given), actions?}.

const START = "start", OWN = "your own", SNAP = 1e-9;

function engineOf(app, model) {
  const specs = app.controls.map((c) => ({...c})), byName = Object.fromEntries(specs.map((c) => [c.name, c]));
  const start = Object.fromEntries(specs.map((c) => [c.name, c.value]));
  let preset = START, turn = 0, blocked = [];
  const values = () => Object.fromEntries(specs.map((c) => [c.name, c.value]));

  // The value that is meant, as controls.py has it; throws for what a control does not take.
  function meant(name, value) {
    const c = byName[name];
    if (!c) throw new Error(`There is no control '${name}'; there are ${specs.map((s) => s.name).join(", ")}.`);
    if (c.options) {
      if (!c.options.includes(value)) throw new Error(`The control '${name}' takes one of ${c.options.join(", ")}, not ${JSON.stringify(value)}.`);
      return value;
    }
    if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`The control '${name}' takes a number, not ${JSON.stringify(value)}.`);
    if (c.kind === "whole" && !Number.isInteger(value)) throw new Error(`The control '${name}' takes a whole number, not ${value}.`);
    const nearest = rint(value / c.step) * c.step;
    const x = Math.abs(value - nearest) < SNAP ? nearest : value;
    return Math.min(Math.max(x, c.min), c.max) + 0;
  }

  // What the model says, with its words about the controls: {name: {hidden, max, disabled}}.
  function looked() {
    const found = model.look(values(), app.given);
    for (const c of specs) {
      Object.assign(c, (found.controls || {})[c.name]);
      if (c.max !== undefined && c.value > c.max) c.value = c.max;
    }
    blocked = found.blocked || [];
    return found;
  }

  function assign(wanted) {
    for (const [name, value] of Object.entries(wanted)) {
      const now = meant(name, value);
      if (now === byName[name].value) continue;
      byName[name].value = now;
      for (const [other, v] of Object.entries((model.changed || (() => ({})))(name, values(), app.given))) byName[other].value = v;
    }
  }

  function show(wanted, as) {
    for (const [name, value] of Object.entries(wanted)) meant(name, value);
    for (let i = 0; i < 2; i++) {
      assign(wanted);
      if (i === 0) looked();
    }
    preset = as;
  }

  const api = {
    shown() {
      const view = looked();
      return {
        app: app.name, title: app.title, turn, preset, presets: [START, ...Object.keys(app.presets), OWN],
        controls: specs.map((c) => ({...c})),
        actions: Object.entries(app.actions).map(([name, label]) => ({name, label, disabled: blocked.includes(name)})),
        status: view.status, remark: view.remark || "", alt: view.alt, legend: view.legend || [],
        table: view.table || null, panels: view.panels,
      };
    },
    set: (wanted) => show(wanted, OWN),
    choose(name) {
      if (name === OWN) return;
      if (name !== START && !app.presets[name]) throw new Error(`There is no preset '${name}'.`);
      show({...start, ...app.presets[name]}, name);
    },
    reset: () => api.choose(START),
    restore(state) {
      const found = JSON.parse(state);
      if (found.app !== app.name) throw new Error(`This is a state of '${found.app}', and the application is '${app.name}'.`);
      show({...start, ...found.values}, OWN);
    },
    // A message of the front.
    answer(message) {
      turn += 1;
      try {
        if (message.set) {
          const now = values();
          if (Object.entries(message.set).some(([name, value]) => meant(name, value) !== now[name])) api.set(message.set);
        } else if (message.choose) api.choose(message.choose);
        else if (message.reset) api.reset();
        else if (message.do) api.set(model.actions[message.do](values(), app.given));
      } catch (problem) {
        return {...api.shown(), problem: problem.message};
      }
      return api.shown();
    },
  };
  return api;
}
