// The bar at the bottom of a phone shows while the real button is out of sight.
for (const bar of document.querySelectorAll("[data-bar]")) {
  const real = document.getElementById(bar.dataset.bar);
  if (real && "IntersectionObserver" in window)
    new IntersectionObserver(([entry]) => { bar.hidden = entry.isIntersecting; }).observe(real);
}
