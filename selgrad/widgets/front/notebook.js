// In a notebook the engine is the kernel.
function render({model, el}) {
  const app = mount(el, {looks: model.get("looks"), send: (message) => model.send(message)});
  const show = () => app.update(model.get("shown"));
  model.on("change:shown", show);
  show();
  return () => {
    model.off("change:shown", show);
    app.close();
  };
}

export default {render};
