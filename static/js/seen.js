// Tells the shop that a piece was looked at or saved: its number, and where it would go. Nothing about who did it.
const { seen, market } = document.body.dataset;
const piece = document.querySelector("[data-piece]")?.dataset;

export function tell(deed, listing) {
  if (!seen || isOneOfUs()) return;
  const body = new URLSearchParams({ deed, listing, market, country: piece?.country ?? "" });
  fetch(seen, { method: "POST", body, credentials: "omit", keepalive: true }).catch(() => {});
}

// This browser has opened a workshop's page or the back office (site.js).
function isOneOfUs() {
  try { return localStorage.getItem("works-here"); } catch { return false; }
}

// A page that was shown for a second was looked at; one that lies behind others, or was fetched ahead, was not yet.
let timer;
function look() {
  clearTimeout(timer);
  if (document.hidden || document.prerendering) return;
  timer = setTimeout(() => {
    document.removeEventListener("visibilitychange", look);
    tell("view", piece.piece);
  }, 1000);
}

if (piece) {
  document.addEventListener("visibilitychange", look);
  document.addEventListener("prerenderingchange", look);
  look();
}
