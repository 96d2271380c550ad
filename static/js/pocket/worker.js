// The workshop without signal. Keeps the shell: style, scripts, icons, a page that says so, and an empty editor; never a
// page with anybody's data. The server writes before this: an import of the queue, and
// SHELL = { version, files: [addresses], offline: address, editor: address }.
/* global SHELL, wake */
const KEPT = `shell-${SHELL.version}`;
const EDITOR = /^\/seller\/listings\/(new|\d+)$/;

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll([...SHELL.files, SHELL.offline, SHELL.editor].map((address) => new Request(address, { credentials: "omit" })))));
});

addEventListener("activate", (event) => {
  const old = async () => Promise.all((await caches.keys()).filter((name) => name !== KEPT).map((name) => caches.delete(name)));
  event.waitUntil(old().then(() => clients.claim()));
});

async function kept(address) {
  return (await (await caches.open(KEPT)).match(address)) ?? Response.error();
}

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return kept(EDITOR.test(new URL(request.url).pathname) ? SHELL.editor : SHELL.offline);
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(page(request));
  else if (SHELL.files.includes(pathname)) event.respondWith(kept(pathname).then((answer) => (answer.ok ? answer : fetch(request))));
});

addEventListener("sync", (event) => event.waitUntil(wake().then((came) => { if (came === "lost") throw new Error("later"); })));
