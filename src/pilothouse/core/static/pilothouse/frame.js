// What every page of the server does: toasts that leave, theme at once, a day that stays through links.
import "./keys.js";
import "./card.js";

const root = document.documentElement;

const theme = document.getElementById("theme");
theme?.form.addEventListener("submit", (event) => {
  event.preventDefault();
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  const form = new FormData(theme.form);
  form.set("theme", root.dataset.theme);
  fetch(theme.form.action, { method: "POST", body: new URLSearchParams(form), headers: { "HX-Request": "true" } });
});

document.addEventListener("click", (event) => { if (event.target.closest?.("[data-print]")) print(); });

const STAYS = 8000;
const leave = (toast) => {
  let timer = setTimeout(() => toast.remove(), STAYS);
  const wait = () => clearTimeout(timer);
  const go = () => { clearTimeout(timer); timer = setTimeout(() => toast.remove(), STAYS); };
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, wait);
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, go);
};
const toasts = document.getElementById("toasts");
if (toasts) {
  for (const toast of toasts.children) leave(toast);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.classList?.contains("toast")) leave(node);
  }).observe(toasts, { childList: true });
}

const day = root.dataset.asOf;
if (day) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || link.origin !== location.origin || link.hasAttribute("data-now") || link.hash) return;
    const url = new URL(link.href);
    if (!url.searchParams.has("as_of")) { url.searchParams.set("as_of", day); link.href = url; }
  }, { capture: true });
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "get") event.detail.parameters.as_of = day;
  });
}

document.addEventListener("click", (event) => { if (event.target.closest?.("[data-print]")) window.print(); });
root.classList.add("has-script");

// A form behind a button: its first field has the focus, only one is open, Esc shuts it.
document.addEventListener("toggle", (event) => {
  const deed = event.target;
  if (!deed.matches?.("details.deed") || !deed.open) return;
  for (const other of document.querySelectorAll("details.deed[open]")) if (other !== deed) other.open = false;
  deed.querySelector(".input")?.focus();
}, { capture: true });
document.addEventListener("keydown", (event) => {
  const deed = event.key === "Escape" && document.querySelector("details.deed[open]");
  if (deed) { deed.open = false; deed.querySelector("summary").focus(); }
});
