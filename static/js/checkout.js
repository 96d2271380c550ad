// The checkout without a reload: another way for a parcel changes the sums, another country asks for its fields.
// Without this file a button does both, and the server repeats every sum.
const form = document.getElementById("checkout");
const { items, currency, sample, digits } = form.dataset;

// "$12,345.67" or "Rp 1.234.567": how this page writes 1234567 of the smallest unit.
const prefix = sample.match(/^\D*/)[0];
const group = sample.slice(prefix.length).match(/\D/)[0];
const point = Number(digits) ? sample.at(-Number(digits) - 1) : "";

function written(amount) {
  const text = String(amount).padStart(Number(digits) + 1, "0");
  const whole = Number(digits) ? text.slice(0, -digits) : text;
  return prefix + whole.replace(/\B(?=(\d{3})+$)/g, group) + (point && point + text.slice(-digits));
}

function addUp() {
  let shipping = 0;
  for (const way of form.querySelectorAll("[data-price]:checked")) shipping += Number(way.dataset.price);
  const total = Number(items) + shipping;
  for (const place of document.querySelectorAll("[data-sum]"))
    place.textContent = written(place.dataset.sum === "total" ? total : shipping);
  form.elements.seen_total.value = `${currency} ${total}`;
}

form.addEventListener("change", (event) => {
  if (event.target.dataset.price) addUp();
  if (event.target.dataset.redraw) {
    form.action = `${form.action.split("#")[0]}#${event.target.dataset.redraw}`;
    form.requestSubmit();
  }
});
addUp();
