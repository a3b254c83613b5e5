// What a cell looks like: the same markup as templates/kit/cell.html; a browser test compares the two.
"use strict";

const SEVERITY = { critical: ["Critical", 4], high: ["High", 3], medium: ["Medium", 2], low: ["Low", 1], none: ["Unknown", 0] };
const TRUTH = { affected: "Affected", possible: "Possible", clear: "Not affected", silent: "Says nothing" };

const grouped = (n) => n.toLocaleString("en-US");
const counted = (n, noun) => `${grouped(n)} ${noun}${n === 1 ? "" : "s"}`;

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
  evidence: ([text]) => [make("span", { class: "evidence" }, bars(spans(text ?? ""), "weights", EVEN), make("span", { class: "clamp" }, text || UNKNOWN))],
  words: ([text]) => [text ? make("span", { class: "clamp" }, text) : faint(UNKNOWN)],
};

/** A share in percent, never rounded to none or all. */
function share(value) {
  const text = value > 0 && value < 0.1 ? "under 0.1" : value > 0 && value < 1 ? value.toFixed(1) : value > 99 && value < 100 ? Math.min(value, 99.9).toFixed(1) : value.toFixed(0);
  return `${text}\u00a0%`;
}

const EVEN = 33, BIT = 9, WEIGHED = /\s*(?:for: |against: )?(.+?) \(([+\u2212-])(\d+(?:\.\d+)?)(?: bits)?\)[,;.]*/gi;

/** The weighed parts of an evidence in bits, as core/evidence.py reads them. */
const weights = (text) => [...text.matchAll(WEIGHED)].map(([, said, sign, bits]) => ({ text: said, bits: sign === "+" ? Number(bits) : -Number(bits) }));

/** Everything for, then everything against, in percent of the bar's width. */
function spans(text) {
  const sum = (side) => weights(text).reduce((all, { bits }) => all + Math.max(0, side * bits), 0);
  const right = Math.min(100 - EVEN, BIT * sum(1)), left = Math.min(EVEN, BIT * sum(-1));
  return [["c-for", EVEN, right], ["c-against", EVEN - left, left]].filter(([, , width]) => width).map(([ink, ...ends]) => [ink, ...ends.map((each) => Math.round(100 * each) / 100)]);
}

/** Pieces of a bar with the line of even odds. */
function bars(pieces, css, even) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of [["class", css], ["width", "100%"], ["height", 10], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
  for (const [ink, at, width] of [...pieces, ["c-even", even, null]]) {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of [["class", ink], ["x", `${at}%`], ["width", width == null ? 1 : `${width}%`], ["height", 10], ["fill", "url(#hatch)"]]) rect.setAttribute(name, value);
    svg.append(rect);
  }
  return svg;
}

function draw(cell, values, lists) {
  if (drawing[cell.kind]) return drawing[cell.kind](values, lists, cell.place === "top");
  return [values[0] == null || values[0] === "" ? faint(UNKNOWN) : String(values[0])];
}
