// Thumbnails follow the photo in view, and scroll to theirs. Without script they are anchors.
const view = document.getElementById("gal");
const thumbs = [...document.querySelectorAll(".gal__t a")];

function mark(id) {
  for (const thumb of thumbs) {
    if (thumb.hash === `#${id}`) thumb.setAttribute("aria-current", "true");
    else thumb.removeAttribute("aria-current");
  }
}

for (const thumb of thumbs) {
  thumb.addEventListener("click", (event) => {
    const photo = document.querySelector(thumb.hash);
    event.preventDefault();
    view.scrollTo({ left: photo.offsetLeft - view.offsetLeft });
    mark(photo.id);
  });
}

if (view && "IntersectionObserver" in window) {
  const seen = (entries) => entries.forEach((entry) => entry.isIntersecting && mark(entry.target.id));
  const observer = new IntersectionObserver(seen, { root: view, threshold: 0.6 });
  for (const photo of view.children) observer.observe(photo);
}
