// A ready-made answer goes into the box at once; without script its button brings the page back with it.
document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-fill]");
  if (!chip) return;
  event.preventDefault();
  const box = document.getElementById("text");
  box.value = [box.value.trim(), chip.dataset.fill].filter(Boolean).join("\n\n");
  box.focus();
});
