// The phrase book of the editor: its words become buttons that write themselves into the field of the other language
// that was used last, and are looked up anew when the part is opened.
const box = document.querySelector("[data-phrases]");

function dress() {
  for (const item of box.querySelectorAll("[data-word]")) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn--line btn--s" });
    button.append(...item.childNodes);
    button.ariaLabel = box.dataset.take.replace("#", item.dataset.word);
    button.addEventListener("click", () => take(item.dataset.word));
    item.replaceChildren(button);
  }
  box.querySelector("[data-phrases-head]").hidden = !box.querySelector("[data-word]");
}

let field;

function take(word) {
  const text = field.value.trimEnd();
  field.value = text ? `${text} ${word}` : word[0].toUpperCase() + word.slice(1);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

async function lookUp() {
  const { to, phrases } = box.dataset;
  const from = to === "en" ? "id" : "en";
  const text = ["title", "stones", "description"].map((name) => box.closest("form").elements[`${name}_${from}`].value).join(" ");
  const answer = await fetch(`${phrases}?${new URLSearchParams({ to, text: text.slice(0, 1000) })}`).catch(() => null);
  if (!answer?.ok || answer.redirected) return; // without signal the words of the last save stay
  box.querySelector("[data-phrases-list]").innerHTML = await answer.text();
  dress();
}

if (box) {
  const part = box.closest("details");
  field = box.closest("form").elements[`title_${box.dataset.to}`];
  part.addEventListener("focusin", ({ target }) => { if (target.name?.endsWith(`_${box.dataset.to}`)) field = target; });
  part.addEventListener("toggle", () => part.open && lookUp());
  dress();
}
