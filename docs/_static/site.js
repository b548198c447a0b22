// What the theme leaves to be said to a reader who hears the page; and a search that asks no server.
(() => {
  "use strict";
  if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") {
    // excerpts are fetched page by page, which browsers refuse to pages opened from the file system
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }
  const mend = () => {
    for (const summary of document.querySelectorAll("details > summary")) {
      if (summary.textContent.trim()) continue;
      const link = summary.closest("li")?.querySelector("a");
      summary.setAttribute("aria-label", `Pages of ${link ? link.textContent.trim() : "this part"}`);
    }
    for (const button of document.querySelectorAll(".search-button-field")) button.removeAttribute("aria-label");
    const list = (element) => {
      element.setAttribute("role", "list");
      for (const entry of element.children) entry.setAttribute("role", "listitem");
    };
    document.querySelectorAll(".citation-list, dt.sig > dl").forEach(list);
  };
  // Colab has no selgrad: say what to run there before the reader leaves.
  const colab = (event) => {
    const link = event.target.closest("a[href*='colab.research.google.com/github/']");
    if (!link) return;
    event.preventDefault();
    const [, owner, name] = link.href.match(/\/github\/([^/]+)\/([^/]+)\//);
    const command = `%pip install -q "selgrad[lab] @ git+https://github.com/${owner}/${name}"`;
    const dialog = document.createElement("dialog");
    dialog.className = "colab";
    dialog.setAttribute("aria-labelledby", "colab-title");
    dialog.innerHTML = `<h2 id="colab-title">On Colab</h2>
      <p>selgrad is not installed there. Run this in a cell of its own before the first one:</p>
      <pre tabindex="0"></pre>
      <p><button type="button" class="btn btn-secondary">Copy</button>
      <a class="btn btn-primary" target="_blank" rel="noopener">Open on Colab</a>
      <button type="button" class="btn btn-outline-secondary">Close</button></p>`;
    dialog.querySelector("pre").textContent = command;
    dialog.querySelector("a").href = link.href;
    const [copy, close] = dialog.querySelectorAll("button");
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command);
      copy.textContent = "Copied";
    });
    close.addEventListener("click", () => dialog.close());
    dialog.querySelector("a").addEventListener("click", (e) => { e.stopPropagation(); dialog.close(); });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };
  document.addEventListener("click", colab);

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mend);
  else mend();
})();
