// What a public page cannot know: how many pieces lie in the bag, and who is signed in.
// {"cart": 3, "name": "Maya"}; without script both stay plain links.
const address = document.body.dataset.me;

function fillBag(link, count) {
  if (!count) return;
  link.setAttribute("aria-label", count === 1 ? link.dataset.cartOne : link.dataset.cart.replace("#", count));
  const bubble = document.createElement("b");
  bubble.ariaHidden = "true";
  bubble.textContent = count;
  link.querySelector("b")?.remove();
  link.append(bubble);
}

function greet(name) {
  for (const link of document.querySelectorAll("[data-account]")) link.setAttribute("aria-label", `${link.dataset.account}, ${name}`);
  for (const link of document.querySelectorAll("[data-account-word]")) link.textContent = link.dataset.accountWord;
}

async function ask() {
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const me = await answer.json();
  for (const link of document.querySelectorAll("[data-cart]")) fillBag(link, me.cart);
  if (me.name) greet(me.name);
}

if (address) ask();
addEventListener("pageshow", (event) => event.persisted && address && ask()); // back from the bag: count again
