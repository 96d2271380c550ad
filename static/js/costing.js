// The sum behind a price, while it is typed; the server reckons it again (catalog/costing.py), to the same rupiah.
// form[data-price]: data-fee (basis points). [data-costing]: rupiah for one gram of each metal, as JSON; data-dollar:
// rupiah for one dollar. Results go into [data-out=rate|metal|cost|hint|net|gain|usd] and [data-size=<row>];
// [data-lacks] and [data-under] are sentences that show when they are true; [data-suggestion] takes the suggestion over.
// All sums are BigInt: 6,8 g are 68n tenths, 8% are 800n basis points.
const form = document.querySelector("form[data-price]");
const sheet = form?.querySelector("[data-costing]");
const rates = sheet?.dataset.costing ? JSON.parse(sheet.dataset.costing) : {};
const grouped = new Intl.NumberFormat("id-ID");
const PRECIOUS = ["silver", "gold"];
const UNITS = { jt: 6, juta: 6, rb: 3, ribu: 3, k: 3 };

// What was typed as a BigInt with so many decimal places, or null: '6,8' with one place is 68n. With `isScale` a single
// separator is always the decimal one, as on a scale; else three digits behind it are thousands.
function read(text, places, isScale = false) {
  text = text.toLowerCase().replace(/^rp/, "").replace(/\s+/g, "").replace(/(gram|gr|g|%)$/, "").replace(/\.$/, "");
  const unit = /(jt|juta|rb|ribu|k)$/.exec(text)?.[0];
  if (unit) text = text.slice(0, -unit.length);
  const marks = text.replace(/\d/g, "");
  if (!/^[\d.,]+$/.test(text) || !/\d/.test(text)) return null;
  const last = Math.max(text.lastIndexOf("."), text.lastIndexOf(","));
  const isDecimal = marks.length === 1 ? isScale || unit || text.length - last !== 4 : /\.,|,\./.test(marks) && marks.lastIndexOf(marks.at(-1)) === marks.indexOf(marks.at(-1));
  const whole = (isDecimal ? text.slice(0, last) : text).replace(/[.,]/g, "");
  const fraction = isDecimal && last >= 0 ? text.slice(last + 1) : "";
  const shift = places + (unit ? UNITS[unit] : 0);
  return BigInt((whole || "0") + fraction.padEnd(shift, "0").slice(0, shift));
}

const value = (name) => form.elements[name]?.value ?? "";
const rupiah = (amount) => `${amount < 0n ? "−" : ""}Rp\u00a0${grouped.format(amount < 0n ? -amount : amount)}`;
const ceil = (a, b) => (a + b - 1n) / b;

function halfEven(a, b) {
  const whole = a / b, rest = (a % b) * 2n;
  return rest > b || (rest === b && whole % 2n) ? whole + 1n : whole;
}

// Metal with its loss, all costs and the suggested price of one unit; null while something is missing.
function reckon(tenths, labour) {
  const metal = value("material") || "silver";
  const fineness = PRECIOUS.includes(metal) ? BigInt(value("fineness") || 0) : 1000n;
  const loss = value("cost-loss") ? read(value("cost-loss"), 2) : 800n;
  const margin = value("cost-margin") ? read(value("cost-margin"), 2) : 3000n;
  if (!rates[metal] || !tenths || !fineness || loss === null || margin === null || margin > 9000n) return null;
  const silver = halfEven(tenths * fineness * BigInt(rates[metal]) * (10000n + loss), 100000000n);
  const cost = silver + labour + (read(value("cost-stones"), 0) ?? 0n) + (read(value("cost-finishing"), 0) ?? 0n);
  return { metal: silver, cost, hint: ceil(cost * 10000n, (10000n - margin) * 5000n) * 5000n };
}

function put(key, text) {
  for (const place of form.querySelectorAll(`[data-out=${key}]`)) place.textContent = text;
}

function sums() {
  const labour = read(value("cost-labour"), 0) ?? 0n;
  const whole = reckon(read(value("weight_grams"), 1, true), labour);
  const sizes = [...form.querySelectorAll("[name^=sizes-][name$=-size]")].map((_, row) => {
    const own = value(`sizes-${row}-weight`), charge = value(`sizes-${row}-labour`);
    if (!own && !charge) return null;
    return reckon(read(own || value("weight_grams"), 1, true), charge ? read(charge, 0) ?? 0n : labour);
  });
  return { whole, sizes };
}

function work() {
  const { whole, sizes } = sums();
  const price = read(value("price"), 0) ?? 0n;
  const fee = (price * BigInt(form.dataset.fee) * 2n + 10000n) / 20000n; // half up
  const isReckoned = ["labour", "stones", "finishing"].some((name) => value(`cost-${name}`));
  const gain = whole && price && isReckoned ? price - fee - whole.cost : null;
  const rate = rates[value("material") || "silver"];
  if (sheet) put("rate", rate ? `Rp\u00a0${grouped.format(rate)}` : "–");
  for (const key of ["metal", "cost", "hint"]) put(key, whole ? rupiah(whole[key]) : "–");
  put("net", price ? rupiah(price - fee) : "–");
  put("gain", gain === null ? "–" : rupiah(gain));
  if (sheet?.dataset.dollar) {
    const dollar = read(sheet.dataset.dollar, 4, true);
    const whole = dollar && grouped.format(ceil(price * 10000n, dollar)); // as core/i18n.py writes it
    put("usd", !price || !dollar ? "–" : document.documentElement.lang === "id" ? `USD\u00a0${whole},00` : `$${whole.replace(/\./g, ",")}.00`);
  }
  sheet?.querySelectorAll("[data-size]").forEach((place) => {
    const own = sizes[Number(place.dataset.size)];
    place.textContent = own ? rupiah(own.hint) : "–";
  });
  show("[data-lacks]", !whole);
  show("[data-under]", gain !== null && gain < 0n);
}

function show(selector, isTrue) {
  const place = sheet?.querySelector(selector);
  if (place) place.hidden = !isTrue;
}

function fill(name, amount) {
  const field = form.elements[name];
  if (!field) return;
  field.value = amount === null ? "" : grouped.format(amount);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

if (form) {
  form.addEventListener("input", work);
  form.addEventListener("change", work);
  sheet?.querySelector("[data-suggestion]")?.addEventListener("click", (event) => {
    event.preventDefault();
    const { whole, sizes } = sums();
    if (!whole) return;
    fill("price", whole.hint);
    sizes.forEach((own, row) => { if (own) fill(`sizes-${row}-price`, own.hint === whole.hint ? null : own.hint); });
  });
  work();
}
