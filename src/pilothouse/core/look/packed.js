// A packed table: unpack, search, sort. Each column is a sorted dictionary of values and, per row, the place of
// its value (core/grid.py writes it). No request, no library.
"use strict";

const UNKNOWN = "unknown";

const squash = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "");

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
