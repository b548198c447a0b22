// A live page: the engine is the model of the application.
function page(app, model, looks) {
  const engine = engineOf(app, model), root = document.getElementById("app");
  const link = (state) => `${location.href.split("#")[0]}#state=${encodeURIComponent(state)}`;
  const embedded = location.href.startsWith("about:");
  const view = mount(root, {looks, link: embedded ? null : link,
    send: (message) => setTimeout(() => view.update(engine.answer(message)))});
  const show = (problem) => view.update({...engine.shown(), ...(problem ? {problem} : {})});

  function restore() {
    const [, state] = location.hash.split("#state=");
    try {
      if (state) engine.restore(decodeURIComponent(state));
      show();
    } catch (problem) {
      show(`The link is not understood: ${problem.message}`);
    }
  }

  window.addEventListener("hashchange", restore);
  restore();
  window.selgrad = {
    set(values) { engine.set(values); show(); },
    choose(preset) { engine.choose(preset); show(); },
    reset() { engine.reset(); show(); },
    shown: () => engine.shown(),
  };
}
