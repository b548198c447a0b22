// Keys for who speaks: on, back, the ends, and the whole screen. Without this script one scrolls.
(() => {
  "use strict";
  const slides = [...document.querySelectorAll(".slide")];
  const here = () => {
    const middle = innerHeight / 2;
    const off = slides.map((s) => Math.abs((s.getBoundingClientRect().top + s.getBoundingClientRect().bottom) / 2 - middle));
    return off.indexOf(Math.min(...off));
  };
  const go = (number) => {
    const slide = slides[Math.max(0, Math.min(slides.length - 1, number))];
    slide.scrollIntoView({ block: "center" });
    history.replaceState(null, "", `#${slide.id}`);
  };
  const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in steps) go(here() + steps[event.key] * (event.key === " " && event.shiftKey ? -1 : 1));
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(slides.length - 1);
    else if (event.key === "f" || event.key === "F") document.documentElement.requestFullscreen?.();
    else return;
    event.preventDefault();
  });
  addEventListener("resize", () => location.hash && document.querySelector(location.hash)?.scrollIntoView({ block: "center" }));
})();
