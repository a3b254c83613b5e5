// A big table in the reader's browser: search, filter, sort, scroll, open, download. Needs packed.js and cells.js.
"use strict";

const Grids = new Map();
const OVERSCAN = 10;

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
    // On paper the heads are words, since a browser leaves buttons out of a head that it repeats.
    this.buttons = [];
    this.head.cells.forEach((cell, i) => {
      const key = cell.sort || cell.columns[0];
      const button = make("button", { type: "button" }, cell.head);
      button.addEventListener("click", () => this.sortBy({ key, down: this.sort?.key === key && !this.sort.down }));
      heads[i].replaceChildren(button);
      this.buttons.push(button);
    });
  }

  /** Sort by {key, down}, or take the first order again (null); head and list of orders say which. */
  sortBy(order) {
    this.sort = order;
    this.head.cells.forEach((cell, i) => {
      const head = this.table.tHead.rows[0].cells[i];
      head.removeAttribute("aria-sort");
      head.querySelector("svg")?.remove();
      if (order?.key !== (cell.sort || cell.columns[0])) return;
      head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      head.firstChild.append(symbol(order.down ? "i-sortdown" : "i-up", "icon"));
    });
    this.order.value = order ? `${order.key}${order.down ? " down" : ""}` : "";
    this.choose();
  }

  /** The heads fold away on a phone; this list of orders takes their place. */
  drawOrders() {
    const options = this.head.cells.flatMap((cell) => {
      const key = cell.sort || cell.columns[0];
      return [make("option", { value: key }, cell.head), make("option", { value: `${key} down` }, `${cell.head}, last first`)];
    });
    this.order = make("select", { class: "input" }, make("option", { value: "" }, "as given"), ...options);
    this.order.addEventListener("change", () => {
      const [key, down] = this.order.value.split(" ");
      this.sortBy(key ? { key, down: Boolean(down) } : null);
    });
    return make("label", { class: "orders" }, make("span", {}, "Sort by"), this.order);
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
    this.adder.addEventListener("left", () => add.setAttribute("aria-expanded", "false"));
    this.adder.addEventListener("close", () => { add.setAttribute("aria-expanded", "false"); add.focus(); });
    this.clearing = make("button", { type: "button", class: "btn btn-bare" }, "Clear");
    this.clearing.hidden = true;
    this.clearing.addEventListener("click", () => { this.input.value = ""; this.show([]); this.input.focus(); });
    const save = make("button", { type: "button", class: "btn btn-bare push" }, symbol("i-down2", "icon"), "Download these rows");
    save.addEventListener("click", () => this.download());
    bar.append(find, this.drawOrders(), this.chips, ...(this.adder.querySelector("option") ? [add] : []), this.clearing, save, this.adder);
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
    form.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !form.contains(event.relatedTarget) && event.relatedTarget.getAttribute("aria-controls") !== id) { form.hidden = true; form.dispatchEvent(new Event("left")); }
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
    if (cell.place === "top") return make("th", { scope: "row", "data-p": "top", title: values.filter(Boolean).join(" ") }, make("button", { type: "button", class: "open", tabindex: "-1" }, ...parts));
    const css = { percent: "num", number: "num", code: "code" }[cell.kind];
    return make("td", { "data-p": cell.place, class: css, title: ["words", "text", "owner", "evidence", "pair"].includes(cell.kind) ? values.filter(Boolean).join(", ") || null : null }, ...parts);
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
      for (const button of this.buttons) button.replaceWith(button.textContent);
    });
    addEventListener("afterprint", () => {
      this.printing = false;
      this.buttons.forEach((button, i) => this.table.tHead.rows[0].cells[i].replaceChildren(button));
      this.draw();
    });
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

/** Unpack and draw every grid of the page; searches are prepared while the reader looks. */
async function startGrids() {
  for (const host of document.querySelectorAll("[data-grid]")) {
    const head = await unpack(host.querySelector(".grid-rows").textContent.trim());
    Grids.set(head.id, new Grid(host, head));
    host.dataset.ready = "true";
  }
  await startClaims();
  document.documentElement.dataset.ready = "true";
  const columns = [...Grids.values()].flatMap((grid) => grid.head.columns).filter((column) => typeof column.values[0] !== "number");
  const prepare = () => { const column = columns.pop(); if (column) { searchable(column); (window.requestIdleCallback ?? setTimeout)(prepare); } };
  (window.requestIdleCallback ?? setTimeout)(prepare);
}
