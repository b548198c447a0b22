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
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mend);
  else mend();
})();
