// A page that waits asks again by itself and leaves when the server sends it on; nothing moves meanwhile.
// Without script the page's own refresh does the same.
const page = document.querySelector("[data-again]");

async function ask() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (answer?.redirected) location.assign(answer.url);
}

if (page) setInterval(ask, Number(page.dataset.again) * 1000);
