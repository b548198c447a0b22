// A live page: the engine is the model of the application. Inside another page it takes on that page's theme and
// asks for the height that it needs.
function page(app, model, looks) {
  const engine = engineOf(app, model), root = document.getElementById("app");
  const frame = window.frameElement;
  const link = (state) => `${location.href.split("#")[0]}#state=${encodeURIComponent(state)}`;
  const view = mount(root, {looks, link: frame ? null : link,
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

  if (frame) settle(frame);
  window.addEventListener("hashchange", restore);
  restore();
  window.selgrad = {
    set(values) { engine.set(values); show(); },
    choose(preset) { engine.choose(preset); show(); },
    reset() { engine.reset(); show(); },
    shown: () => engine.shown(),
  };
}

function settle(frame) {
  const {documentElement: outer, body} = frame.ownerDocument;
  const theme = () => {
    const jupyter = {true: "light", false: "dark"}[body.dataset.jpThemeLight];
    document.documentElement.dataset.theme = jupyter || outer.dataset.theme || "";
  };
  theme();
  const seen = {attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"]};
  for (const e of [outer, body]) new MutationObserver(theme).observe(e, seen);
  new ResizeObserver(() => { frame.style.height = `${document.body.offsetHeight + 2}px`; }).observe(document.body);
}
