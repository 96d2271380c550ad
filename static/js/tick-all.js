// A list of ticks: one box for all of them, and a button that says how many are ticked.
// label[data-all=name] around the box; input[data-rest=n] stands for n more that the page does not show;
// button[data-count="Change # pieces"][data-none].
for (const label of document.querySelectorAll("label[data-all]")) {
  const all = label.querySelector("input");
  const form = label.closest("form");
  const boxes = [...form.querySelectorAll(`input[name="${label.dataset.all}"]`)];
  const rest = form.querySelector("input[data-rest]");
  const button = document.querySelector(`button[form="${form.id}"][data-count]`);

  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    const count = ticked + (rest?.checked ? Number(rest.dataset.rest) : 0);
    button.disabled = !count;
    button.textContent = count ? button.dataset.count.replace("#", count) : button.dataset.none;
  };

  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  form.addEventListener("change", (event) => { if (event.target !== all) tell(); });
  tell();
}
