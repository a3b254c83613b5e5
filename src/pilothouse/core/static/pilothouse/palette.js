// The command palette: one field over everything. Its rows come from the server; the bar's field opens it.
const palette = document.getElementById("palette");
const field = document.getElementById("palette-q");
const rows = document.getElementById("palette-rows");
const options = () => [...rows.querySelectorAll("a[role=option]")];
const chosen = () => rows.querySelector("[aria-selected=true]");

const choose = (option) => {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) { field.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
  else field.removeAttribute("aria-activedescendant");
};

export const openPalette = (text = "") => {
  if (!palette || palette.open) return;
  field.value = text;
  palette.showModal();
  field.focus();
  field.dispatchEvent(new CustomEvent("fill"));
};

if (palette) {
  const bar = document.querySelector(".bar .find input");
  bar?.addEventListener("pointerdown", (event) => { event.preventDefault(); openPalette(); });
  bar?.addEventListener("input", () => { openPalette(bar.value); bar.value = ""; });
  palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
  rows.addEventListener("htmx:afterSwap", () => choose(options()[0]));
  rows.addEventListener("pointermove", (event) => { const option = event.target.closest("a[role=option]"); if (option && option !== chosen()) choose(option); });
  field.addEventListener("keydown", (event) => {
    const all = options();
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
