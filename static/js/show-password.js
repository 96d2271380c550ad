// "Show password" beside a password field.
document.addEventListener("change", (event) => {
  const field = document.getElementById(event.target.dataset.show ?? "");
  if (field) field.type = event.target.checked ? "text" : "password";
});
