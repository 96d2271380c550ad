// The line on top of the editor that says where everything is. Its sentences stand in data-words, "#" for what changes.
import { status, waits } from "./queue.js";

const box = document.querySelector("[data-saved]");
const words = JSON.parse(box?.dataset.words ?? "{}");
const place = box?.querySelector("[role=status]");
const acts = box?.querySelector("[data-saved-acts]");

export const clock = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Makassar" });
export const word = (name, value = "") => (words[name] ?? "").replace("#", value);
const counted = (name, count) => word(count === 1 ? `${name}1` : name, count);

function sentences({ draft, photos, publishing, held }) {
  const isLost = status === "lost" || !navigator.onLine;
  const kept = !draft?.step && !photos ? word("start") : waits(draft) ? word("phone", clock(draft.typed)) : draft.at ? word("server", draft.at) : "";
  if (status === "signed-out") return ["warn", word("out")];
  if (draft?.state === "conflict") return ["warn", draft.sentence, word("both")];
  if (draft?.state === "refused") return ["warn", word("refused"), draft.sentence];
  if (publishing) return ["warn", isLost ? counted("lost", photos) : "", counted("publishing", photos)];
  if (isLost) return ["warn", photos ? counted("lost", photos) : word("off"), held ? word("held") : kept || word("phone", clock(draft.typed))];
  return ["ok", photos ? counted("sending", photos) : "", kept];
}

// acts: [[name of the word, what it does or where it leads], …] become buttons and links after the sentence.
export function say(facts, doing) {
  if (!box) return;
  const [kind, ...parts] = sentences(facts);
  const text = parts.filter(Boolean).join(" ");
  if (place.textContent !== text) place.textContent = text;
  box.className = `note note--${kind}`;
  box.hidden = !text;
  acts.replaceChildren(...doing.map(([name, act]) => made(name, act)));
}

function made(name, act) {
  const isLink = typeof act === "string";
  const element = document.createElement(isLink ? "a" : "button");
  Object.assign(element, { className: "btn btn--line btn--s", textContent: word(name) }, isLink ? { href: act } : { type: "button", onclick: act });
  return element;
}
