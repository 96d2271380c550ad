// A sort list, a destination or a quantity sends its form by itself; without script a button does.
document.addEventListener("change", (event) => {
  if ("submit" in event.target.dataset && event.target.form?.reportValidity()) event.target.form.requestSubmit();
});
