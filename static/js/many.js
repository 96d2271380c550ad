// Many pieces in one screen: says how many boxes differ from what they held, and warns before they are lost.
const form = document.querySelector("[data-many]");
const count = document.querySelector("[data-many-count]");
const save = document.querySelector("[data-many-save]");
const plain = save?.textContent;
const started = new Map();

function boxes() {
  return form.querySelectorAll("tbody input:not([type=hidden], [type=checkbox], [disabled]), tbody select");
}

// What a box held when the page was made; a form that came back with its errors tells by its hidden numbers.
function before(box) {
  const saw = form.elements[box.name.replace(/-(price|stock)$/, "-saw_$1")];
  if (!saw) return [...box.options].find((option) => option.defaultSelected)?.value ?? box.value;
  return saw.value;
}

function differs(box) {
  const now = started.get(box);
  return /price|stock/.test(box.name) ? box.value.replace(/\./g, "") !== now : box.value !== now;
}

function tell() {
  const changed = [...boxes()].filter(differs).length;
  save.textContent = changed ? save.dataset.manySave.replace("#", changed) : plain;
  const words = changed === 1 ? count.dataset.manyOne : count.dataset.manyCount.replace("#", changed);
  count.textContent = changed ? words : "";
  return changed;
}

if (form && save) {
  for (const box of boxes()) started.set(box, before(box));
  let sent = false;
  form.addEventListener("input", tell);
  form.addEventListener("submit", () => { sent = true; });
  document.querySelector(".act a")?.addEventListener("click", () => { sent = true; });
  addEventListener("beforeunload", (event) => { if (!sent && tell()) event.preventDefault(); });
  tell();
}
