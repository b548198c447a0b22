// Formulas as SVG: reads [[tex, display], ...] as JSON, writes a JSON list of SVG texts, in the same order.
// usage: node formulas.js NODE_MODULES
"use strict";
const { readFileSync } = require("node:fs");

const options = {
  loader: { load: ["input/tex-full", "output/svg"] },
  tex: { packages: { "[-]": ["noundefined", "noerrors"] } }, // what is wrong is an error, not red text
  svg: { fontCache: "local" },
  startup: { typeset: false },
};

require(`${process.argv[2]}/mathjax`).init(options).then((MathJax) => {
  const adaptor = MathJax.startup.adaptor;
  const drawn = JSON.parse(readFileSync(0, "utf8")).map(([tex, display]) =>
    adaptor.innerHTML(MathJax.tex2svg(tex, { display })));
  process.stdout.write(JSON.stringify(drawn));
});
