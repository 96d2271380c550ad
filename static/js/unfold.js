// Parts of a long form are folded on a phone; a wide screen shows them open, and a link to a field opens its part.
if (matchMedia("(min-width: 64em)").matches) {
  for (const part of document.querySelectorAll("[data-unfold] > details")) part.open = true;
}

function reveal(hash) {
  const target = hash.length > 1 && document.getElementById(hash.slice(1));
  for (let part = target && target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link) reveal(link.hash);
});
reveal(location.hash);
