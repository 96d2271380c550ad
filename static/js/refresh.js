// A part of the page that changes while somebody waits: fetched anew from the same address every few seconds,
// until it no longer says data-refresh. Without script a link does the same.
const SECONDS = 1000;

async function renew(id) {
  const part = document.getElementById(id);
  if (!part?.dataset.refresh) return;
  if (!document.hidden) {
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    const html = answer?.ok ? await answer.text() : "";
    const fresh = html && new DOMParser().parseFromString(html, "text/html").getElementById(id);
    if (fresh) part.replaceWith(document.adoptNode(fresh));
  }
  setTimeout(renew, (document.getElementById(id)?.dataset.refresh || 5) * SECONDS, id);
}

for (const part of document.querySelectorAll("[data-refresh]")) setTimeout(renew, part.dataset.refresh * SECONDS, part.id);
