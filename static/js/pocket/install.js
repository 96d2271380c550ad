// The workshop on the phone's first screen: a button where the browser offers it; nothing where it is there already.
const box = document.querySelector("[data-install]");
const button = box?.querySelector("button");

function hide() {
  box.hidden = true;
}

if (box) {
  if (matchMedia("(display-mode: standalone)").matches || navigator.standalone) hide();
  addEventListener("appinstalled", hide);
  addEventListener("beforeinstallprompt", (offer) => {
    offer.preventDefault();
    button.parentElement.hidden = false;
    button.onclick = () => offer.prompt();
  });
}
