// Signing out takes everything with it that this phone kept; what has not arrived yet is asked about first.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.action.endsWith("/sign-out") || "gone" in form.dataset) return;
  event.preventDefault();
  event.stopPropagation();
  const [{ tell, waiting }, { wipe }] = await Promise.all([import("./queue.js"), import("./store.js")]);
  const { drafts, photos } = await waiting();
  const question = document.querySelector("[data-leave]")?.dataset.leave;
  if ((drafts.length || photos.length) && question && !confirm(question)) return;
  await wipe();
  tell({ gone: true });
  form.dataset.gone = "";
  form.requestSubmit(event.submitter ?? undefined);
}, true);
