// Puts a tracking or account number on the clipboard and says so on the button.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.lastElementChild.textContent = button.dataset.done;
    button.setAttribute("aria-live", "polite");
  });
}
