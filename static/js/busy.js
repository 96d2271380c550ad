// A form is sent once: its button shows that it works, and a second click does nothing.
// The error summary of a form that came back takes the focus.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("busy" in form.dataset) || event.defaultPrevented) return;
  if (form.dataset.busy === "sent") return event.preventDefault();
  form.dataset.busy = "sent";
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  if (button.dataset.working) button.lastChild.textContent = button.dataset.working;
});

// Back from the next page by the browser's own memory: the form may be sent again.
addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("[data-busy=sent]")) location.reload();
});

document.getElementById("problem")?.focus();
