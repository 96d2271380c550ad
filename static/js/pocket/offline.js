// The page without signal: what waits on this phone, each with the way to go on with it.
import { clock } from "./note.js";
import { listen, waiting } from "./queue.js";
import { person } from "./start.js";

const list = document.querySelector("[data-waiting-list]");

async function draw() {
  await person;
  const { drafts, photos } = await waiting();
  document.querySelector("[data-nothing]").hidden = drafts.length + photos.length > 0;
  list.replaceChildren(...drafts.map((draft) => row(draft, photos.filter((photo) => photo.draft === draft.key).length)));
}

function row(draft, count) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.className = "link";
  link.href = draft.listing ? `/seller/listings/${draft.listing}` : `/seller/listings/new?draft=${draft.key}`;
  link.textContent = draft.title || list.dataset.nameless;
  const more = document.createElement("span");
  more.className = "mut sm";
  more.textContent = [list.dataset.typed.replace("#", clock(draft.typed)), count ? list.dataset.photos.replace("#", count) : ""].filter(Boolean).join(", ");
  item.append(link, " ", more);
  return item;
}

draw();
listen(draw);
addEventListener("online", () => setTimeout(() => location.reload(), 500));
