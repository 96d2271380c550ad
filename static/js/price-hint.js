// The sum of a price from its weight, while it is typed. The server does it again on saving.
// form[data-price]: data-fine (rupiah per gram of fine silver), data-loss (1.08), data-fee (basis points),
// data-margin (0.3), data-rate (rupiah per dollar); inputs and selects carry data-k (w, f, l, o, p),
// the places of the results data-out (metal, cost, hint, net, gain, usd).
const form = document.querySelector("form[data-price]");
const rupiah = new Intl.NumberFormat("id-ID");

function typed(key) {
  const field = form.querySelector(`[data-k=${key}]`);
  if (!field) return 0;
  if (field.tagName === "SELECT") return Number(field.value) || 0;
  const text = field.value.toLowerCase().replace("rp", "").trim();
  if (!/^[\d.,\s]+(jt|juta|rb|ribu|k)?$/.test(text)) return 0;
  const times = /(jt|juta)$/.test(text) ? 1e6 : /(rb|ribu|k)$/.test(text) ? 1e3 : 1;
  const digits = times > 1 ? text : text.replace(/[.,](?=\d{3}(\D|$))/g, "");
  return (parseFloat(digits.replace(",", ".")) || 0) * times;
}

function put(key, text) {
  const place = form.querySelector(`[data-out=${key}]`);
  if (place) place.textContent = text;
}

function work() {
  const { fine, loss, fee, margin, rate } = Object.fromEntries(Object.entries(form.dataset).map(([key, value]) => [key, Number(value)]));
  const metal = typed("w") * typed("f") * fine * loss;
  const cost = metal + typed("l") + typed("o");
  const net = typed("p") * (1 - fee / 10000);
  const sums = { metal, cost, hint: Math.ceil(cost / (1 - margin) / 5000) * 5000, net, gain: net - cost };
  for (const [key, sum] of Object.entries(sums)) put(key, sum ? `Rp\u00a0${rupiah.format(Math.round(sum))}` : "–");
  if (rate) put("usd", Math.ceil(typed("p") / rate));
}

if (form) {
  form.addEventListener("input", work);
  work();
}
