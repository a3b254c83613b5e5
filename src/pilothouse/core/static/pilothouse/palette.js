// The command palette: one field over everything. Its rows come from the server; the bar's field opens it.
const palette = document.getElementById("palette");
const field = document.getElementById("palette-q");
const rows = document.getElementById("palette-rows");
const kind = document.getElementById("palette-kind");
const only = document.getElementById("palette-only");
const options = () => [...rows.querySelectorAll("a[role=option]")];
const chosen = () => rows.querySelector("[aria-selected=true]");

const choose = (option) => {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) { field.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
  else field.removeAttribute("aria-activedescendant");
};

const fill = () => field.dispatchEvent(new CustomEvent("fill"));

// One kind alone, or with an empty name all of them.
const refine = (name) => {
  kind.value = name;
  only.hidden = !name;
  only.firstElementChild.textContent = name;
  document.getElementById("announced").textContent = name ? `Only ${name}` : "Everything";
  field.focus();
  fill();
};

export const openPalette = (text = "") => {
  if (!palette || palette.open) return;
  field.value = text;
  palette.showModal();
  refine("");
};

if (palette) {
  const bar = document.querySelector(".bar .find input");
  bar?.addEventListener("pointerdown", (event) => { event.preventDefault(); openPalette(); });
  bar?.addEventListener("input", () => { openPalette(bar.value); bar.value = ""; });
  palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
  rows.addEventListener("htmx:afterSwap", () => choose(options()[0]));
  rows.addEventListener("pointermove", (event) => { const option = event.target.closest("a[role=option]"); if (option && option !== chosen()) choose(option); });
  only.querySelector("button").addEventListener("click", () => refine(""));
  field.addEventListener("keydown", (event) => {
    const all = options();
    const of = chosen()?.closest("[role=group]")?.getAttribute("aria-label");
    if (event.key === "Tab" && !event.shiftKey && of && of !== kind.value) { event.preventDefault(); refine(of); return; }
    if (kind.value && (event.key === "Backspace" && !field.value || event.key === "Tab" && event.shiftKey)) { event.preventDefault(); refine(""); return; }
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(all[(at + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length]);
    }
  });
  field.form.addEventListener("submit", (event) => {
    const option = chosen();
    if (option?.href) { event.preventDefault(); option.click(); } else if (field.form.hasAttribute("data-nowhere")) event.preventDefault();
  });
}
