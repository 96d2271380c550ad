// Photos picked on the phone appear at once, before any upload; what is too large is said at once as well.
// <div data-shots> holds the small pictures, then the buttons (.drop) of camera and gallery;
// inputs carry data-photos, and data-too-large with "#" where the file's name goes.
const box = document.querySelector("[data-shots]");
const LIMIT = 30 * 1024 * 1024;

function preview(file) {
  const shot = document.createElement("div");
  shot.className = "shot shot--up";
  const frame = document.createElement("div");
  frame.className = "pic";
  const image = new Image();
  image.src = URL.createObjectURL(file);
  image.alt = file.name;
  image.onload = () => URL.revokeObjectURL(image.src);
  image.onerror = () => image.remove(); // HEIC and the like: the ground alone stands for it
  frame.append(image);
  shot.append(frame);
  box.insertBefore(shot, box.querySelector(".drop"));
}

function say(input, sentence) {
  const place = document.querySelector("[data-shots-status]");
  if (place) place.textContent = sentence;
  input.setCustomValidity(sentence);
}

function picked(input) {
  const large = [...input.files].find((file) => file.size > LIMIT);
  say(input, large ? input.dataset.tooLarge.replace("#", large.name) : "");
  if (large) return;
  for (const file of input.files) preview(file);
  if ("send" in input.dataset && input.files.length) input.form.requestSubmit();
}

document.addEventListener("change", (event) => {
  if (box && "photos" in event.target.dataset) picked(event.target);
});
