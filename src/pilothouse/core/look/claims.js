// What each list claims of a device, field by field: which claim won and by which rule. Two packed tables stand beside a
// grid: `agreed` has its rows (a column per field: winning list|lists that agree|rule), `lost` one row per other claim.
"use strict";

const Claims = { of: null };

async function startClaims() {
  const place = document.querySelector(".claims-agreed");
  if (!place) return;
  Claims.agreed = await unpack(place.textContent.trim());
  Claims.lost = await unpack(document.querySelector(".claims-lost").textContent.trim());
  Claims.of = place.dataset.of;
}

const valueIn = (head, key, row) => { const column = head.columns.find((each) => each.key === key); return column.values[column.places[row]]; };

/** The rows of `lost` that belong to a row of the grid; they stand in the grid's order. */
function lostOf(row) {
  const at = Claims.lost.columns.find((column) => column.key === "at");
  const wanted = at.values.indexOf(row);
  if (wanted < 0) return [];
  let low = 0, high = Claims.lost.rows;
  while (low < high) { const middle = (low + high) >> 1; if (at.places[middle] < wanted) low = middle + 1; else high = middle; }
  const found = [];
  for (; at.places[low] === wanted; low++) found.push(low);
  return found;
}

/** A source badge: won, agrees or lost, with the value where it differs. */
function badge(state, name, value) {
  const text = value == null ? name : `${name}: `;
  return make("span", { class: "src", "data-claim": state }, make("span", {}, make("span", { class: "sr" }, `${state} `), text, value == null ? null : make("span", { class: state === "lost" ? "lost" : null }, value)));
}

/** By field: who says so, by which rule it won, and what the others say. */
function claimsOf(row) {
  const others = Map.groupBy(lostOf(row), (each) => valueIn(Claims.lost, "field", each));
  const found = new Map();
  for (const { key } of Claims.agreed.columns) {
    const said = valueIn(Claims.agreed, key, row);
    const [winner, agreeing, rule] = (said ?? "||").split("|");
    const rest = others.get(key) ?? [], spelt = new Set(rest.map((each) => valueIn(Claims.lost, "list", each)));
    const more = rest.map((each) => badge(valueIn(Claims.lost, "state", each), `${valueIn(Claims.lost, "list", each)} row ${valueIn(Claims.lost, "row", each)}`, valueIn(Claims.lost, "value", each)));
    const badges = [...(winner ? [badge("won", winner)] : []), ...agreeing.split(", ").filter((name) => name && !spelt.has(name)).map((name) => badge("agrees", name)), ...more];
    if (badges.length) found.set(key, [make("span", { class: "claims-of" }, ...badges, rule ? make("span", { class: "faint" }, rule) : null)]);
  }
  return found;
}
