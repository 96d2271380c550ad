// Hearts. What somebody saved is known to this browser alone; /saved?ids=3,7 shows the pieces, and can be sent to others.
const KEY = "saved", MOST = 60;

function read() {
  try { return JSON.parse(localStorage.getItem(KEY) ?? "[]").filter(Number.isInteger); } catch { return []; }
}

function write(ids) {
  try { localStorage.setItem(KEY, JSON.stringify(ids.slice(-MOST))); } catch { /* no room: the heart stays as it was */ }
}

function works(button, id) {
  const show = () => { button.ariaPressed = read().includes(id); };
  button.addEventListener("click", () => {
    const others = read().filter((other) => other !== id);
    const saves = others.length === read().length;
    write(saves ? [...others, id] : others);
    show();
    if (saves) import("./seen.js").then(({ tell }) => tell("save", id));
  });
  show();
}

function heart(title) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "ib save", ariaLabel: document.body.dataset.save.replace("#", title) });
  button.innerHTML = '<svg class="i" aria-hidden="true"><use href="#i-heart"/></svg>';
  return button;
}

for (const card of document.querySelectorAll(".card")) {
  const link = card.querySelector("a");
  const id = Number(link?.pathname.match(/\/p\/(\d+)-/)?.[1]);
  if (!id) continue;
  const button = heart(link.textContent);
  works(button, id);
  card.append(button);
}

const own = document.querySelector("[data-save-piece]");
if (own) {
  own.hidden = false;
  works(own, Number(own.dataset.savePiece));
}

// Without numbers in its address the page shows what this browser holds.
const page = document.querySelector("[data-saved-page]");
if (page && !new URLSearchParams(location.search).has("ids") && read().length) location.replace(`?ids=${read().reverse()}`);
