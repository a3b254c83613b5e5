// The owner's card beside an owner (`data-card` names its address), after a moment of hover or of focus by keyboard. The pointer may
// move onto it, Esc shuts it, it stays as long as either is there (WCAG 2.2, 1.4.13). A finger follows the link instead.
const WAIT = 350, GRACE = 250, GAP = 4, EDGE = 8;
const card = Object.assign(document.createElement("div"), { id: "owner-card", className: "overlay owner-card", popover: "manual", role: "tooltip" });
let owner = null;
let timer = 0;

const place = () => {
  const at = owner.getBoundingClientRect(), high = card.offsetHeight + GAP;
  const above = at.bottom + high > innerHeight && at.top > high;
  card.style.top = `${above ? at.top - high : at.bottom + GAP}px`;
  card.style.left = `${Math.max(EDGE, Math.min(at.left, innerWidth - card.offsetWidth - EDGE))}px`;
};

const isOpen = () => card.isConnected && card.matches(":popover-open");
const shut = () => {
  clearTimeout(timer);
  owner?.removeAttribute("aria-describedby");
  owner = null;
  if (isOpen()) card.hidePopover();
};

const open = async (link) => {
  shut();
  owner = link;
  if (!card.isConnected) document.getElementById("main").append(card);
  await window.htmx.ajax("GET", link.dataset.card, { source: card, target: card, swap: "innerHTML" }).catch(() => {});
  if (owner !== link || !link.isConnected || card.firstElementChild?.dataset.of !== link.dataset.card) return;
  card.showPopover();
  place();
  link.setAttribute("aria-describedby", card.id);
};

const soon = (does, ms) => { clearTimeout(timer); timer = setTimeout(does, ms); };
const linkOf = (event) => event.target.closest?.("[data-card]");
const focused = () => owner?.matches(":focus-visible");

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const link = linkOf(event);
  if (card.contains(event.target) || (link && link === owner)) clearTimeout(timer);
  else if (link) soon(() => open(link), WAIT);
});
document.addEventListener("pointerout", (event) => {
  if ((linkOf(event) || card.contains(event.target)) && !focused()) soon(shut, GRACE);
});
document.addEventListener("focusin", (event) => {
  const link = linkOf(event);
  if (link?.matches(":focus-visible")) soon(() => open(link), WAIT);
});
document.addEventListener("focusout", (event) => {
  if (linkOf(event) && !card.matches(":hover")) soon(shut, GRACE);
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !isOpen()) return;
  event.preventDefault();
  event.stopPropagation();
  shut();
}, { capture: true });
addEventListener("scroll", () => { if (isOpen()) place(); }, { capture: true, passive: true });
document.addEventListener("htmx:afterSwap", () => { if (owner && !owner.isConnected) shut(); });
