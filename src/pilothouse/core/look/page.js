// What every page does: light or dark, print, links that set a filter, and the room one is in.
"use strict";

(() => {
  const root = document.documentElement;
  const remembered = () => { try { return localStorage.getItem("pilothouse-theme"); } catch { return null; } };
  const theme = remembered();
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  document.getElementById("theme")?.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("pilothouse-theme", root.dataset.theme); } catch { /* A page from a file may not remember. */ }
  });
  document.getElementById("print")?.addEventListener("click", () => print());

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-where]");
    const grid = link && Grids.get(link.dataset.show);
    if (!grid) return;
    grid.input.value = "";
    grid.show(JSON.parse(link.dataset.where).map(([key, value]) => ({ key, value })));
  });

  const links = new Map([...document.querySelectorAll(".nav a[href^='#']")].map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  const mark = () => {
    const now = [...links.keys()].find((id) => seen.has(id));
    for (const [id, link] of links) if (id === now) link.setAttribute("aria-current", "location"); else link.removeAttribute("aria-current");
  };
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) seen.add(entry.target.id); else seen.delete(entry.target.id);
    mark();
  }, { rootMargin: "-15% 0px -60% 0px" });
  for (const id of links.keys()) { const place = document.getElementById(id); if (place) watch.observe(place); }

  for (const part of document.querySelectorAll("button.needs-script")) part.hidden = false;
  startGrids();
})();
