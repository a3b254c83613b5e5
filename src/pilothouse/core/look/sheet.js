// The sheet: everything about one row, and what the other tables know of the same device.
"use strict";

function openSheet(grid, row, after) {
  const sheet = document.getElementById("sheet");
  const top = grid.head.cells.find((cell) => cell.place === "top");
  const device = grid.by.has("device") ? grid.value("device", row) : null;
  const claims = grid.head.id === Claims.of ? claimsOf(row) : new Map();
  const facts = make("dl", { class: "facts" });
  for (const column of grid.head.columns) {
    if (column.aside || (column.key === "sure" && weights(grid.value("evidence", row) ?? "").length)) continue;
    const value = grid.value(column.key, row);
    if (column.key === "evidence" && weights(value ?? "").length) { facts.append(make("dt", { class: "whole" }, column.label), make("dd", { class: "whole" }, waterfall(weights(value), grid.value("sure", row)))); continue; }
    const cell = column.code ? make("span", { class: "code" }, value ?? "") : String(value ?? "");
    facts.append(make("dt", {}, column.label), make("dd", {}, value == null || value === "" ? faint(UNKNOWN) : column.key === "severity" ? severityMark(value) : column.key === "answer" ? drawing.truth([value])[0] : cell, ...(claims.get(column.key) ?? [])));
  }
  const title = make("h2", { id: "sheet-title", tabindex: "-1" }, ...draw(top, top.columns.map((key) => grid.value(key, row)), grid.head.lists));
  const close = make("button", { type: "button", class: "btn btn-bare btn-icon", "aria-label": "Close" }, symbol("i-x", "icon"));
  close.addEventListener("click", () => sheet.close());
  sheet.replaceChildren(make("div", { class: "sheet-head" }, title, close), facts, ...(device == null ? [] : related(grid, device)));
  sheet.addEventListener("close", after, { once: true });
  sheet.showModal();
  sheet.scrollTop = 0;
  title.focus();
}

/** Each thing compared as a bar that begins where the last one ended, and what they come to together (percent). */
function waterfall(told, sure) {
  const ends = told.reduce((sums, { bits }) => [...sums, sums.at(-1) + bits], [0]);
  const low = Math.min(...ends), room = Math.max(...ends) - low || 1;
  const at = (sum) => (100 * (sum - low)) / room;
  const signed = (bits) => `${bits < 0 ? "\u2212" : "+"}${Math.abs(bits).toFixed(1)}`;
  const line = (text, from, to, ink) => make("tr", {}, make("th", { scope: "row" }, text),
    make("td", {}, bars([[ink, at(Math.min(from, to)), (100 * Math.abs(to - from)) / room]], "weights", at(0))), make("td", { class: "num" }, signed(to - from)));
  return make("table", { class: "data still weighed", "data-density": "dense" },
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "What was compared"), make("th", { scope: "col" }, make("span", { class: "sr" }, "As a bar from even odds")), make("th", { scope: "col", class: "num" }, "Bits"))),
    make("tbody", {}, ...told.map(({ text, bits }, i) => line(text, ends[i], ends[i + 1], bits < 0 ? "c-against" : "c-for")), line(`Together: ${share(sure)} that both are one device`, 0, ends.at(-1), "c-dot")));
}

function* related(from, device) {
  for (const grid of Grids.values()) {
    if (grid === from || !grid.by.has("device")) continue;
    const place = grid.placeOf("device", device);
    if (place < 0) continue;
    const { places } = grid.by.get("device");
    const rows = grid.all.filter((row) => places[row] === place);
    const cells = grid.head.cells.filter((cell) => !["thing", "lists"].includes(cell.kind) && !["tag", "unit"].includes(cell.columns[0]));
    const part = (cell, row, i) => make("span", { class: ["words", "evidence"].includes(cell.kind) ? "wide" : null }, i && cell.kind === "text" ? make("span", { class: "faint" }, `${cell.head} `) : null, ...draw(cell, cell.columns.map((key) => grid.value(key, row)), grid.head.lists));
    const items = [...rows.subarray(0, 20)].map((row) => make("li", {}, ...cells.map((cell, i) => part(cell, row, i))));
    if (!rows.length) continue;
    yield make("section", {}, make("h3", {}, counted(rows.length, grid.head.noun)), make("ul", { class: "related" }, ...items), rows.length > 20 ? make("p", { class: "small soft" }, `${grouped(rows.length - 20)} more in ${grid.head.file}`) : "");
  }
}
