// An open talk says that it is being looked at and asks for news, at once and every 20 seconds while it is seen.
// <ol class="says" data-look="address" data-state="…">; the answer is the whole list anew, or nothing (204).
async function look() {
  const list = document.querySelector("[data-look]");
  if (!list || document.hidden) return;
  const token = document.querySelector("[name=csrf_token]").value;
  const body = new URLSearchParams({ csrf_token: token, state: list.dataset.state });
  const answer = await fetch(list.dataset.look, { method: "POST", body }).catch(() => null);
  if (answer?.status !== 200 || answer.redirected) return;
  const count = list.querySelectorAll(".say").length;
  list.outerHTML = await answer.text();
  const news = document.querySelector("[data-news]");
  if (document.querySelectorAll(".say").length > count) news.textContent = news.dataset.news;
}
look();
setInterval(look, 20000);
document.addEventListener("visibilitychange", look);

// How many photos were picked, on the button that picked them.
document.addEventListener("change", ({ target }) => {
  const label = target.files && target.parentNode.querySelector("[data-picked]");
  if (label) label.textContent = label.dataset.picked.replace("#", target.files.length);
});
