// Keys of every page: find, help, going to a place, buttons that name their key, rows of a table, undo.
import { openPalette } from "./palette.js";

const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
const help = document.getElementById("keys");
help?.querySelector("[data-shut-dialog]").addEventListener("click", () => help.close());

// The buttons of this page that name a key stand in the help beside the keys of every page.
const openHelp = () => {
  const here = document.getElementById("keys-here");
  const named = [...document.querySelectorAll("[data-key]:not(:disabled)")].filter((one) => one.checkVisibility());
  here.hidden = !named.length;
  here.querySelector("dl").replaceChildren(...named.flatMap((one) => {
    const key = document.createElement("dt"), does = document.createElement("dd");
    key.append(Object.assign(document.createElement("kbd"), { textContent: one.dataset.key }));
    const words = one.cloneNode(true);
    for (const mark of words.querySelectorAll("kbd, svg")) mark.remove();
    does.textContent = words.textContent.trim() || one.getAttribute("aria-label");
    return [key, does];
  }));
  help.showModal();
};

let cursor = null;
const rows = () => [...document.querySelectorAll("table[data-keys] tbody tr:not(.group)")];
const move = (step) => {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(cursor);
  cursor?.classList.remove("is-cursor");
  cursor = all[Math.max(0, Math.min(all.length - 1, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))];
  cursor.classList.add("is-cursor");
  cursor.querySelector("a, button")?.focus({ preventScroll: true });
  cursor.scrollIntoView({ block: "nearest" });
};
const ROW = {
  j: () => move(1),
  k: () => move(-1),
  x: () => cursor?.querySelector("input[type=checkbox]")?.click(),
  e: () => cursor?.querySelector("[data-edit]")?.click(),
};

let going = 0;
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); return; }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (Date.now() - going < 1200) {
    going = 0;
    const place = document.querySelector(`.nav [data-go="${CSS.escape(event.key)}"]`);
    if (place) { event.preventDefault(); place.click(); }
    return;
  }
  if (event.key === "/") { event.preventDefault(); openPalette(); return; }
  if (event.key === "?") { event.preventDefault(); if (help) openHelp(); return; }
  if (event.key === "g") { going = Date.now(); return; }
  const undo = event.key === "u" && document.querySelector("#toasts .toast:last-child form button");
  const named = undo || document.querySelector(`[data-key="${CSS.escape(event.key)}"]:not(:disabled)`);
  if (named) { event.preventDefault(); named.click(); return; }
  if (!document.getElementById("list") && ROW[event.key] && rows().length) { event.preventDefault(); ROW[event.key](); }
});
