// A big table in the reader's browser: unpack, search, filter, sort, scroll, open, download. No request, no library.
// Each column is a sorted dictionary of values and, per row, the place of its value (see core/grid.py).
"use strict";

const Grids = new Map();
const UNKNOWN = "unknown";
const SEVERITY = { critical: ["Critical", 4], high: ["High", 3], medium: ["Medium", 2], low: ["Low", 1], none: ["Unknown", 0] };
const TRUTH = { affected: "Affected", possible: "Possible", clear: "Not affected", silent: "Says nothing" };
const OVERSCAN = 10;

const grouped = (n) => n.toLocaleString("en-US");
const counted = (n, noun) => `${grouped(n)} ${noun}${n === 1 ? "" : "s"}`;
const squash = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "");

/** An element with attributes and children; text is never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** A symbol of the sprite. */
function symbol(id, css = null) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  if (css) svg.setAttribute("class", css);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${id}`);
  svg.append(use);
  return svg;
}

function disc(held) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of [["width", 8], ["height", 8], ["viewBox", "0 0 8 8"]]) svg.setAttribute(name, value);
  const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  for (const [name, value] of [["class", held ? "c-held" : "c-gone"], ["cx", 4], ["cy", 4], ["r", 3.25]]) circle.setAttribute(name, value);
  svg.append(circle);
  return svg;
}

/** Base64 of gzip of: length of the head, the head as JSON, the columns' places. */
async function unpack(base64) {
  const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(base64) : Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const plain = new Response(bytes).body.pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(plain).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const kinds = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };
  for (const column of head.columns) column.places = new kinds[column.width](buffer, 4 + length + column.at, head.rows);
  return head;
}

/** All values of a column as one long string, so that one search walks them all. */
function searchable(column) {
  if (column.index) return column.index;
  const starts = new Uint32Array(column.values.length + 1);
  const parts = new Array(column.values.length);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    const value = column.values[i];
    const text = value == null ? UNKNOWN : column.code ? squash(value) : value.toLowerCase();
    parts[i] = text;
    starts[i] = at;
    at += text.length + 1;
  }
  starts[parts.length] = at;
  column.index = { text: parts.join("\n"), starts };
  return column.index;
}

/** Which values of a column hold the word: one byte a value, or null when none does. */
function holding(column, word) {
  const needle = column.code ? squash(word) : word.toLowerCase();
  if (!needle) return null;
  const { text, starts } = searchable(column);
  let at = text.indexOf(needle);
  if (at < 0) return null;
  const hits = new Uint8Array(column.values.length);
  let place = 0;
  while (at >= 0) {
    let low = place, high = hits.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= at) low = middle; else high = middle - 1;
    }
    hits[low] = 1;
    place = low + 1;
    if (place >= hits.length) break;
    at = text.indexOf(needle, starts[place]);
  }
  return hits;
}

/** Rows of `rows` in the order of a column's places; equal ones keep their order. Counting sort. */
function sorted(rows, column, down) {
  const size = column.values.length;
  const unknown = size && column.values[size - 1] == null ? size - 1 : -1;
  // What is unknown comes last in either direction.
  const key = (row) => { const p = column.places[row]; return down && p !== unknown ? size - 1 - (unknown >= 0 ? 1 : 0) - p : p; };
  const counts = new Uint32Array(size + 1);
  for (const row of rows) counts[key(row) + 1]++;
  for (let i = 0; i < size; i++) counts[i + 1] += counts[i];
  const order = new Uint32Array(rows.length);
  for (const row of rows) order[counts[key(row)]++] = row;
  return order;
}

/** A cell of CSV; what a spreadsheet would run as a formula is disarmed with an apostrophe. */
function csv(value) {
  let text = value == null ? "" : String(value);
  if (/^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+([.,]\d+)?$/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

class Grid {
  constructor(host, head) {
    this.host = host;
    this.head = head;
    this.by = new Map(head.columns.map((column) => [column.key, column]));
    this.filters = [];
    this.words = [];
    this.sort = null;
    this.cursor = -1;
    this.all = Uint32Array.from({ length: head.rows }, (_, i) => i);
    this.rows = this.all;
    this.view = host.querySelector(".grid-view");
    this.table = host.querySelector("table");
    this.body = host.querySelector("tbody");
    this.status = host.querySelector(".grid-status");
    this.table.setAttribute("aria-rowcount", head.rows + 1);
    this.drawHeads();
    this.drawFilters();
    for (const part of host.querySelectorAll(".needs-script")) part.hidden = false;
    this.listen();
    this.tell();
    this.draw();
    this.measure();
  }

  // ---- values

  value(key, row) {
    const column = this.by.get(key);
    return column.values[column.places[row]];
  }

  /** The place of a value in its column, or -1. */
  placeOf(key, value) {
    const column = this.by.get(key);
    column.lookup ??= new Map(column.values.map((each, place) => [each, place]));
    return column.lookup.get(value) ?? -1;
  }

  // ---- choosing rows

  matching(filters, words) {
    let rows = this.all;
    if (filters.length) {
      const tests = filters.map(({ key, value }) => [this.by.get(key).places, this.placeOf(key, value)]);
      rows = rows.filter((row) => tests.every(([places, place]) => places[row] === place));
    }
    for (const word of words) {
      const found = [];
      for (const column of this.head.columns) {
        if (typeof column.values[0] === "number") continue;
        const hits = holding(column, word);
        if (hits) found.push([column.places, hits]);
      }
      const pass = new Uint8Array(this.head.rows);
      for (const [places, hits] of found) for (const row of rows) if (hits[places[row]]) pass[row] = 1;
      rows = rows.filter((row) => pass[row]);
    }
    return rows;
  }

  choose() {
    const rows = this.matching(this.filters, this.words);
    this.rows = this.sort ? sorted(rows, this.by.get(this.sort.key), this.sort.down) : rows;
    this.cursor = -1;
    this.view.scrollTop = 0;
    this.tell();
    this.draw();
  }

  tell() {
    const { noun, rows, beyond, file } = this.head;
    const some = this.rows.length === rows ? counted(rows, noun) : `${grouped(this.rows.length)} of ${counted(rows, noun)}`;
    this.status.textContent = beyond ? `${some}; ${grouped(beyond)} more in ${file}` : some;
    const paper = this.host.querySelector(".print-only");
    if (paper) paper.textContent = `${counted(Math.max(0, this.rows.length - this.head.first) + beyond, `more ${noun}`)} in the report on screen and in ${file}.`;
  }

  // ---- drawing

  drawHeads() {
    const heads = this.table.tHead.rows[0].cells;
    this.head.cells.forEach((cell, i) => {
      const key = cell.sort || cell.columns[0];
      const button = make("button", { type: "button" }, cell.head);
      button.addEventListener("click", () => {
        this.sort = { key, down: this.sort?.key === key ? !this.sort.down : false };
        for (const head of heads) { head.removeAttribute("aria-sort"); head.querySelector("svg")?.remove(); }
        heads[i].setAttribute("aria-sort", this.sort.down ? "descending" : "ascending");
        button.append(symbol(this.sort.down ? "i-sortdown" : "i-up", "icon"));
        this.choose();
      });
      heads[i].replaceChildren(button);
    });
  }

  drawFilters() {
    const bar = this.host.querySelector(".filters");
    this.input = make("input", { type: "search", placeholder: this.head.search, autocomplete: "off", spellcheck: "false" });
    const find = make("label", { class: "find filter-find" }, symbol("i-filter", "icon"), make("span", { class: "sr" }, `Search in ${this.head.noun}s`), this.input);
    let waiting = 0;
    this.input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.search(this.input.value), 60);
    });
    this.chips = make("span", { class: "chips" });
    this.adder = this.drawAdder();
    const add = make("button", { type: "button", class: "btn btn-bare", "aria-expanded": "false", "aria-controls": this.adder.id }, symbol("i-plus", "icon"), "Add filter");
    add.addEventListener("click", () => {
      this.adder.hidden = !this.adder.hidden;
      add.setAttribute("aria-expanded", String(!this.adder.hidden));
      if (!this.adder.hidden) this.adder.querySelector("select").focus();
    });
    this.adder.addEventListener("close", () => { add.setAttribute("aria-expanded", "false"); add.focus(); });
    this.clearing = make("button", { type: "button", class: "btn btn-bare" }, "Clear");
    this.clearing.hidden = true;
    this.clearing.addEventListener("click", () => { this.input.value = ""; this.show([]); this.input.focus(); });
    const save = make("button", { type: "button", class: "btn btn-bare push" }, symbol("i-down2", "icon"), "Download these rows");
    save.addEventListener("click", () => this.download());
    bar.append(find, this.chips, ...(this.adder.querySelector("option") ? [add] : []), this.clearing, save, this.adder);
  }

  drawAdder() {
    const id = `${this.head.id}-adder`;
    const fields = this.head.columns.filter((column) => column.filter && column.values.length > 1);
    const field = make("select", { class: "input", id: `${id}-field` }, ...fields.map((column) => make("option", { value: column.key }, column.label)));
    const value = make("select", { class: "input", id: `${id}-value` });
    const fill = () => value.replaceChildren(...this.commonest(field.value).map(([place, n]) => {
      const column = this.by.get(field.value);
      return make("option", { value: place }, `${this.word(column, column.values[place])} (${grouped(n)})`);
    }));
    field.addEventListener("change", fill);
    const form = make("form", { class: "overlay adder", id, hidden: true, "aria-label": "Add filter" },
      make("div", { class: "field" }, make("label", { for: field.id }, "Field"), field),
      make("div", { class: "field" }, make("label", { for: value.id }, "Value"), value),
      make("button", { type: "submit", class: "btn" }, "Add filter"));
    const close = () => { form.hidden = true; form.dispatchEvent(new Event("close")); };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const column = this.by.get(field.value);
      this.show([...this.filters.filter((f) => f.key !== column.key), { key: column.key, value: column.values[value.value] }]);
      close();
    });
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); close(); } });
    if (fields.length) fill();
    return form;
  }

  /** The values of a column with their counts, most frequent first, at most 500. */
  commonest(key) {
    const column = this.by.get(key);
    const counts = new Uint32Array(column.values.length);
    for (const place of column.places) counts[place]++;
    return [...counts.entries()].sort((a, b) => b[1] - a[1]).slice(0, 500);
  }

  drawChips() {
    this.chips.replaceChildren(...this.filters.map((filter) => {
      const column = this.by.get(filter.key);
      const word = this.word(column, filter.value);
      const remove = make("button", { type: "button", "aria-label": `Remove filter ${column.label} is ${word}` }, symbol("i-x", "icon"));
      remove.addEventListener("click", () => { this.show(this.filters.filter((f) => f !== filter)); this.input.focus(); });
      return make("span", { class: "chip" }, make("span", {}, `${column.label} `, make("i", {}, "is"), ` ${word}`), remove);
    }));
    this.clearing.hidden = !this.filters.length && !this.words.length;
    this.host.querySelectorAll("[data-view]").forEach((link, i) => {
      const where = Object.entries(this.head.views[i].where);
      const same = !this.words.length && where.length === this.filters.length && where.every(([k, v]) => this.filters.some((f) => f.key === k && f.value === v));
      if (same) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
  }

  word(column, value) {
    if (value == null) return UNKNOWN;
    if (column.key === "severity") return SEVERITY[value][0].toLowerCase();
    return String(value);
  }

  /** Replace all filters; those whose value occurs nowhere are kept and find nothing. */
  show(filters) {
    this.filters = filters.filter(({ key }) => this.by.has(key));
    this.words = this.input.value.trim().split(/\s+/).filter(Boolean);
    this.drawChips();
    this.choose();
  }

  search(text) {
    this.words = text.trim().split(/\s+/).filter(Boolean);
    this.drawChips();
    this.choose();
  }

  measure() {
    const row = this.body.querySelector("tr[aria-rowindex]");
    const height = row?.getBoundingClientRect().height;
    if (height && height !== this.height) { this.height = height; this.draw(); }
  }

  draw() {
    if (this.printing) return;
    if (!this.rows.length) return this.drawNothing();
    const height = this.height || 35;
    const shown = Math.ceil((this.view.clientHeight || 600) / height);
    const first = Math.max(0, Math.min(Math.floor(this.view.scrollTop / height) - OVERSCAN, this.rows.length - 1));
    const last = Math.min(this.rows.length, first + shown + 2 * OVERSCAN);
    const focused = this.body.contains(document.activeElement);
    const lines = [this.gap(first * height)];
    for (let at = first; at < last; at++) lines.push(this.line(at));
    lines.push(this.gap((this.rows.length - last) * height));
    this.body.replaceChildren(...lines.filter(Boolean));
    this.drawn = [first, last];
    if (focused) this.body.querySelector(".is-cursor .open")?.focus({ preventScroll: true });
  }

  drawNothing() {
    const without = [...this.filters.map((filter) => [`${this.by.get(filter.key).label} is ${this.word(this.by.get(filter.key), filter.value)}`, this.matching(this.filters.filter((f) => f !== filter), this.words).length]),
      ...(this.words.length ? [[`the search for “${this.words.join(" ")}”`, this.matching(this.filters, []).length]] : [])];
    const [name, n] = without.sort((a, b) => b[1] - a[1])[0] ?? ["", 0];
    const state = make("div", { class: "state" }, make("b", {}, `No ${this.head.noun} matches`), name ? make("p", { class: "soft" }, "Without ", make("b", {}, name), ` there would be ${grouped(n)}.`) : null);
    this.body.replaceChildren(make("tr", { class: "gap" }, make("td", { colspan: this.head.cells.length }, state)));
  }

  gap(height) {
    if (!height) return null;
    const cell = make("td", { colspan: this.head.cells.length });
    cell.style.height = `${height}px`;
    return make("tr", { class: "gap", "aria-hidden": "true" }, cell);
  }

  line(at) {
    const row = this.rows[at];
    const line = make("tr", { "aria-rowindex": at + 2, class: at === this.cursor ? "is-cursor" : null }, ...this.head.cells.map((cell) => this.cell(cell, row)));
    line.dataset.at = at;
    return line;
  }

  cell(cell, row) {
    const values = cell.columns.map((key) => this.value(key, row));
    const parts = draw(cell, values, this.head.lists);
    if (cell.place === "top") return make("th", { scope: "row", "data-p": "top" }, make("button", { type: "button", class: "open", tabindex: "-1" }, ...parts));
    const css = { percent: "num", number: "num", code: "code" }[cell.kind];
    return make("td", { "data-p": cell.place, class: css, title: cell.kind === "words" || cell.kind === "text" ? values[0] : null }, ...parts);
  }

  // ---- hands

  listen() {
    let asked = false;
    this.view.addEventListener("scroll", () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => { asked = false; this.draw(); });
    }, { passive: true });
    new ResizeObserver(() => { this.measure(); this.draw(); }).observe(this.view);
    this.body.addEventListener("click", (event) => {
      const line = event.target.closest("tr[data-at]");
      if (line && !String(getSelection())) { this.move(Number(line.dataset.at)); this.open(Number(line.dataset.at)); }
    });
    this.view.addEventListener("keydown", (event) => this.key(event));
    for (const link of this.host.querySelectorAll("[data-view]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.input.value = "";
        this.show(Object.entries(this.head.views[link.dataset.view].where).map(([key, value]) => ({ key, value })));
      });
    }
    addEventListener("beforeprint", () => {
      this.body.replaceChildren(...Array.from({ length: Math.min(this.head.first, this.rows.length) }, (_, at) => this.line(at)));
      this.printing = true;
    });
    addEventListener("afterprint", () => { this.printing = false; this.draw(); });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.view.clientHeight / (this.height || 35)) - 2);
    const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: page, PageUp: -page };
    if (event.target.closest("thead") && event.key !== "j" && event.key !== "k" && event.key !== "/") return;
    if (event.key in steps) this.move(this.cursor < 0 ? Math.ceil(this.view.scrollTop / (this.height || 35)) : this.cursor + steps[event.key], true);
    else if (event.key === "Home") this.move(0, true);
    else if (event.key === "End") this.move(this.rows.length - 1, true);
    else if (event.key === "/") this.input.focus();
    else if (event.key === "Enter" && event.target === this.view && this.cursor >= 0) this.open(this.cursor);
    else return;
    event.preventDefault();
  }

  move(to, focus = false) {
    if (!this.rows.length) return;
    this.cursor = Math.max(0, Math.min(to, this.rows.length - 1));
    const head = this.table.tHead.offsetHeight;
    const top = this.cursor * this.height, bottom = top + this.height;
    if (top < this.view.scrollTop) this.view.scrollTop = top;
    else if (bottom + head > this.view.scrollTop + this.view.clientHeight) this.view.scrollTop = bottom + head - this.view.clientHeight;
    this.draw();
    if (focus) this.body.querySelector(".is-cursor .open")?.focus({ preventScroll: true });
  }

  open(at) {
    openSheet(this, this.rows[at], () => this.body.querySelector(".is-cursor .open")?.focus({ preventScroll: true }));
  }

  download() {
    const columns = this.head.columns.filter((column) => !column.aside);
    const lines = [columns.map((column) => csv(column.label)).join(",")];
    for (const row of this.rows) lines.push(columns.map((column) => csv(column.values[column.places[row]])).join(","));
    const link = make("a", { download: this.head.file.replace(/\.csv$/, "-view.csv"), href: URL.createObjectURL(new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

// ---- cells: the same markup as templates/kit/cell.html

const faint = (text) => make("span", { class: "faint" }, text);

function severityMark(severity, text) {
  const [word, ticks] = SEVERITY[severity];
  return make("span", { class: "sev", "data-sev": severity }, ticks ? symbol(`sev-${ticks}`) : null, text ?? word);
}

function initials(name) {
  const words = name.replaceAll(".", " ").split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  if (!words.length) return "?";
  return (words.length === 1 ? words[0].slice(0, 2) : words[0][0] + words.at(-1)[0]).toUpperCase();
}

const drawing = {
  thing: ([title, detail]) => [title ?? UNKNOWN, ...(detail ? [" ", make("span", { class: "soft" }, detail)] : [])],
  pair: ([title, at], lists, top) => [top ? title ?? UNKNOWN : make("span", { class: "strong" }, title ?? UNKNOWN), make("span", { class: "soft under" }, at)],
  severity: ([severity, score]) => [severityMark(severity), ...(score == null ? [] : [" ", faint(score.toFixed(1))])],
  truth: ([truth]) => [make("span", { class: "truth", "data-truth": truth }, symbol(`t-${truth}`), TRUTH[truth])],
  vulnerability: ([id, kev]) => [make("span", { class: "code" }, id ?? UNKNOWN), ...(kev === "known exploited" ? [" ", make("span", { class: "tag", "data-tone": "crit" }, "exploited")] : [])],
  exposure: ([text, severity]) => [severity ? severityMark(severity, text) : faint(text)],
  owner: ([name, post]) => [name ? make("span", { class: "owner" }, make("span", { class: "owner-mark", "aria-hidden": "true" }, initials(name)), make("span", { class: "owner-name" }, name), ...(post ? [" ", make("span", { class: "owner-post" }, post)] : [])) : faint("none needed")],
  lists: ([held], lists) => [make("span", { class: "dots", "aria-hidden": "true" }, ...lists.map((name) => disc((held ?? "").split(" + ").includes(name)))), make("span", { class: "sr" }, held ?? "")],
  percent: ([value]) => [value == null ? UNKNOWN : share(value)],
  words: ([text]) => [make("span", { class: "clamp" }, text || UNKNOWN)],
};

/** A share in percent, never rounded to none or all. */
function share(value) {
  const text = value > 0 && value < 0.1 ? "under 0.1" : value > 0 && value < 1 ? value.toFixed(1) : value > 99 && value < 100 ? Math.min(value, 99.9).toFixed(1) : value.toFixed(0);
  return `${text}\u00a0%`;
}

function draw(cell, values, lists) {
  if (drawing[cell.kind]) return drawing[cell.kind](values, lists, cell.place === "top");
  return [values[0] == null || values[0] === "" ? faint(UNKNOWN) : String(values[0])];
}

// ---- the sheet: everything about one row, and what the other tables know of the same device

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

/** Unpack and draw every grid of the page; searches are prepared while the reader looks. */
async function startGrids() {
  for (const host of document.querySelectorAll("[data-grid]")) {
    const head = await unpack(host.querySelector(".grid-rows").textContent.trim());
    Grids.set(head.id, new Grid(host, head));
    host.dataset.ready = "true";
  }
  document.documentElement.dataset.ready = "true";
  const columns = [...Grids.values()].flatMap((grid) => grid.head.columns).filter((column) => typeof column.values[0] !== "number");
  const prepare = () => { const column = columns.pop(); if (column) { searchable(column); (window.requestIdleCallback ?? setTimeout)(prepare); } };
  (window.requestIdleCallback ?? setTimeout)(prepare);
}
