// What every page has; each part finds its own markup and does nothing without it. Every page works without this file.

// What a public page cannot know: how many pieces lie in the bag, and who is signed in.
// /me.json answers {"cart": 3, "name": "Maya"}; without script both stay plain links.
const address = document.querySelector("[data-cart]") && document.body.dataset.me;

function fillBag(link, count) {
  link.querySelector("b")?.remove();
  if (!count) return;
  link.setAttribute("aria-label", count === 1 ? link.dataset.cartOne : link.dataset.cart.replace("#", count));
  const bubble = document.createElement("b");
  bubble.ariaHidden = "true";
  bubble.textContent = count;
  link.append(bubble);
}

function greet(name) {
  for (const link of document.querySelectorAll("[data-account]")) link.setAttribute("aria-label", `${link.dataset.account}, ${name}`);
  for (const link of document.querySelectorAll("[data-account-word]")) link.textContent = link.dataset.accountWord;
}

async function askWhoIAm() {
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const me = await answer.json();
  for (const link of document.querySelectorAll("[data-cart]")) fillBag(link, me.cart);
  if (me.name) greet(me.name);
}

if (address) askWhoIAm();

// A form is sent once: its button shows that it works, and a second click does nothing for a while.
// The error summary of a form that came back takes the focus.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("busy" in form.dataset) || event.defaultPrevented) return;
  if (form.dataset.busy === "sent") return event.preventDefault();
  form.dataset.busy = "sent";
  setTimeout(() => { form.dataset.busy = ""; event.submitter?.removeAttribute("aria-busy"); }, 20000); // the signal was lost
  event.submitter?.setAttribute("aria-busy", "true");
});

// Back by the browser's own memory: a form may be sent again, and the bag is counted again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  if (document.querySelector("[data-busy=sent]")) location.reload();
  else if (address) askWhoIAm();
});

// Whoever works in this browser, in a workshop or the back office, is no visitor: what is looked at here is not counted.
if (document.body.classList.contains("work")) {
  try { localStorage.setItem("works-here", 1); } catch { /* no place for it: then it is counted */ }
}

document.getElementById("problem")?.focus();

// A sort list, a destination or a quantity sends its form by itself; without script a button does.
document.addEventListener("change", (event) => {
  if ("submit" in event.target.dataset && event.target.form?.reportValidity()) event.target.form.requestSubmit();
});

// The bar at the bottom of a phone shows while the real button is out of sight.
for (const bar of document.querySelectorAll("[data-bar]")) {
  const real = document.getElementById(bar.dataset.bar);
  if (real && "IntersectionObserver" in window)
    new IntersectionObserver(([entry]) => { bar.hidden = entry.isIntersecting; }).observe(real);
}

// A row of tabs or chips that scrolls: bring the current one into view.
for (const current of document.querySelectorAll(".chips [aria-current], .acct__nav [aria-current]")) {
  const row = current.closest(".chips, ul");
  row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
}
