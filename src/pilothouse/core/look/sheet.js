// The sheet: everything about one row, and what the other tables know of the same device.
"use strict";

function openSheet(grid, row, after) {
  const sheet = document.getElementById("sheet");
  const top = grid.head.cells.find((cell) => cell.place === "top");
  const facts = make("dl", { class: "facts" });
  for (const column of grid.head.columns) {
    if (column.aside) continue;
    const value = grid.value(column.key, row);
    const cell = column.code ? make("span", { class: "code" }, value ?? "") : String(value ?? "");
    facts.append(make("dt", {}, column.label), make("dd", {}, value == null || value === "" ? faint(UNKNOWN) : column.key === "severity" ? severityMark(value) : column.key === "answer" ? drawing.truth([value])[0] : cell));
  }
  const title = make("h2", { id: "sheet-title", tabindex: "-1" }, ...draw(top, top.columns.map((key) => grid.value(key, row)), grid.head.lists));
  const close = make("button", { type: "button", class: "btn btn-bare btn-icon", "aria-label": "Close" }, symbol("i-x", "icon"));
  close.addEventListener("click", () => sheet.close());
  const device = grid.by.has("device") ? grid.value("device", row) : null;
  sheet.replaceChildren(make("div", { class: "sheet-head" }, title, close), facts, ...(device == null ? [] : related(grid, device)));
  sheet.addEventListener("close", after, { once: true });
  sheet.showModal();
  sheet.scrollTop = 0;
  title.focus();
}

function* related(from, device) {
  for (const grid of Grids.values()) {
    if (grid === from || !grid.by.has("device")) continue;
    const place = grid.placeOf("device", device);
    if (place < 0) continue;
    const { places } = grid.by.get("device");
    const rows = grid.all.filter((row) => places[row] === place);
    const cells = grid.head.cells.filter((cell) => !["thing", "lists"].includes(cell.kind) && !["tag", "unit"].includes(cell.columns[0]));
    const part = (cell, row, i) => make("span", { class: cell.kind === "words" ? "wide" : null }, i && cell.kind === "text" ? make("span", { class: "faint" }, `${cell.head} `) : null, ...draw(cell, cell.columns.map((key) => grid.value(key, row)), grid.head.lists));
    const items = [...rows.subarray(0, 20)].map((row) => make("li", {}, ...cells.map((cell, i) => part(cell, row, i))));
    if (!rows.length) continue;
    yield make("section", {}, make("h3", {}, counted(rows.length, grid.head.noun)), make("ul", { class: "related" }, ...items), rows.length > 20 ? make("p", { class: "small soft" }, `${grouped(rows.length - 20)} more in ${grid.head.file}`) : "");
  }
}
