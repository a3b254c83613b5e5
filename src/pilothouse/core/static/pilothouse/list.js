// A list's keys and chosen rows. Without it every part still works as plain links and forms.
const list = document.getElementById("list");
const rows = () => [...document.querySelectorAll("#list-rows tbody tr")];
const boxes = () => [...document.querySelectorAll("#list-rows tbody .check")];

const count = () => {
  const told = document.querySelector("#list-rows [data-chosen]");
  if (!told) return;
  const all = document.querySelector("#list-rows [name=all]");
  const chosen = boxes().filter((box) => box.checked).length;
  told.textContent = all.checked ? all.parentElement.textContent.trim() + " selected" : `${chosen} selected`;
  for (const box of boxes()) box.closest("tr").classList.toggle("is-picked", box.checked);
  const head = document.querySelector("#list-rows [data-all]");
  head.checked = chosen > 0 && chosen === boxes().length;
  head.indeterminate = chosen > 0 && !head.checked;
};

list?.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const box of boxes()) box.checked = event.target.checked;
  count();
});
list?.addEventListener("reset", () => setTimeout(count));
list?.addEventListener("click", (event) => {
  const shut = event.target.closest?.("[data-shut]");
  if (!shut) return;
  event.preventDefault();
  closePanel();
});

const closePanel = () => {
  const panel = document.getElementById("list-panel");
  if (!panel || panel.hidden) return false;
  panel.hidden = true;
  panel.replaceChildren();
  return true;
};

// The forms that keep a view must send what is shown now, not what was shown when the page came.
document.addEventListener("htmx:afterSettle", (event) => {
  const now = document.getElementById("list-rows");
  if (now) for (const field of document.querySelectorAll("input[data-query]")) field.value = now.dataset.query;
  if (event.target.id === "list-panel") event.target.querySelector("input:not([type=hidden])")?.focus();
  count();
});

let cursor = null;
const move = (step) => {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(cursor);
  cursor?.classList.remove("is-cursor");
  cursor = all[Math.max(0, Math.min(all.length - 1, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))];
  cursor.classList.add("is-cursor");
  cursor.querySelector("th a, td a")?.focus({ preventScroll: true });
  cursor.scrollIntoView({ block: "nearest" });
};

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => { const box = cursor?.querySelector(".check"); if (box) box.click(); },
  f: () => document.getElementById("list-filter")?.click(),
};
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && list) {
    if (!closePanel() && boxes().some((box) => box.checked)) document.querySelector("#list-rows [data-clear]")?.click();
    return;
  }
  if (event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog")) return;
  const does = KEYS[event.key];
  if (does) { event.preventDefault(); does(); return; }
  if (!boxes().some((box) => box.checked)) return;
  const verb = document.querySelector(`#list-rows .bulk [aria-keyshortcuts="${CSS.escape(event.key)}"]`);
  if (verb) { event.preventDefault(); verb.click(); }
});
count();
