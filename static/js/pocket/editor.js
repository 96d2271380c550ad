// The editor of a piece keeps itself: every field on the phone at once, on the server as soon as there is signal.
// form#listing[data-draft] with data-listing (empty while the piece has no number); its buttons stay what they are, and
// wait until everything typed has arrived.
import { fieldsOf, fill, setHidden } from "./fields.js";
import { say } from "./note.js";
import * as photos from "./photos.js";
import { listen, newKey, save, snapshot, status, wake, waits, whoAmI } from "./queue.js";
import { all, change, get } from "./store.js";
import { person } from "./start.js";

const TYPING = 400; // milliseconds of rest before the phone keeps it
const RESTING = 1500; // and before it is sent
const form = document.getElementById("listing");
const asked = new URLSearchParams(location.search).get("draft");
const isAnswer = !!document.getElementById("problem"); // the server drew the form again: it shows what was typed

let draft, who, key, timer, sending, publishing, lettingGo, isDirty, isFilling, isFound, held, count = 0;

async function find() {
  const own = (await all("drafts")).filter((one) => one.person === who).sort((one, other) => other.typed - one.typed);
  const number = form.dataset.listing || /\/listings\/(\d+)/.exec(location.pathname)?.[1];
  if (number) return own.find((one) => String(one.listing) === number) ?? { key: `listing-${number}`, listing: Number(number) };
  if (asked) return own.find((one) => one.key === asked) ?? { key: newKey() };
  return own.find((one) => !one.listing && one.step) ?? { key: newKey() };
}

async function begin() {
  who = await person;
  draft = await find();
  key = draft.key;
  isFound = !draft.listing && !!draft.step; // begun earlier, without a number yet
  const isShell = "shell" in form.dataset;
  if (isShell && draft.listing && !draft.fields) return location.replace("/seller/"); // never opened on this phone
  if (draft.pressed) await settle();
  if (isAnswer && draft.fields) await answer();
  else if (draft.fields && (isShell || waits(draft) || draft.state)) refill();
  else if (!isShell) await start();
  number();
  await photos.start(() => ({ draft: key, listing: draft?.listing ?? null, person: who }));
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("photos-picked", () => keep(true));
  form.addEventListener("submit", submit);
  document.addEventListener("visibilitychange", () => document.hidden && isDirty && keep(true));
  addEventListener("pagehide", () => isDirty && keep(true));
  for (const event of ["online", "offline"]) addEventListener(event, render);
  listen(news);
  form.dataset.kept = "";
  await render();
  wake();
}

// A button took the form along: it has arrived when the server counts more saves than this page saw.
async function settle() {
  const isThere = isAnswer || Number(form.elements.saw.value) > draft.saw;
  draft = await change("drafts", key, (old) => ({ ...old, pressed: false, ...(isThere ? { sent: old.step, state: "" } : {}) }));
}

// The form came back with what is to be mended: what the server could not keep of it is kept here, and it says which.
async function answer() {
  const saw = Number(form.elements.saw.value) || draft.saw;
  draft = await change("drafts", key, (old) => ({ ...old, fields: fieldsOf(form), saw, state: "", step: old.step + 1 }));
}

// The page shows what the server has: from here on this phone counts its own saves.
async function start() {
  const listing = draft.listing ?? null;
  if (listing) await snapshot({ key, person: who, listing, title: title(), fields: fieldsOf(form), saw: Number(form.elements.saw.value) || 0 });
  draft = (await get("drafts", key)) ?? draft;
}

function refill() {
  isFilling = true;
  fill(form, draft.fields);
  form.dispatchEvent(new Event("input", { bubbles: true })); // the sums beside the fields follow
  for (const part of form.querySelectorAll("select")) part.dispatchEvent(new Event("change", { bubbles: true }));
  isFilling = false;
}

const title = () => form.elements.title_id?.value || form.elements.title_en?.value || "";

function typed(event) {
  if (isFilling || event.target.type === "file") return;
  isDirty = true;
  clearTimeout(timer);
  timer = setTimeout(keep, TYPING);
}

async function keep(atOnce) {
  clearTimeout(timer);
  clearTimeout(sending);
  isDirty = false;
  const fields = fieldsOf(form);
  if (!draft.page || JSON.stringify(fields) !== JSON.stringify(draft.fields)) draft = await save({ key, person: who, title: title(), fields });
  await render();
  if (atOnce === true) wake();
  else sending = setTimeout(wake, RESTING);
}

async function news(one) {
  if (one.draft && one.draft !== key) return;
  if (one.draft) {
    const before = draft;
    draft = (await get("drafts", key)) ?? draft;
    if (one.elsewhere && draft.step > (before.step ?? 0) && !isDirty) refill();
    answered();
  }
  await render();
}

function answered() {
  number();
  setHidden(form, draft.hidden ?? {});
  const list = document.querySelector("[data-missing]");
  if (list && draft.checklist !== undefined) list.innerHTML = draft.checklist;
  const receives = form.querySelector("[data-out=net]");
  if (receives && draft.receives) receives.textContent = draft.receives;
}

// A piece begun on this page has its number now: the same page is its editor from here on.
function number() {
  if (!draft.listing) return;
  const address = `/seller/listings/${draft.listing}`;
  if (location.pathname !== address) history.replaceState(null, "", address);
  if (form.dataset.listing === String(draft.listing)) return;
  form.dataset.listing = draft.listing;
  form.action = address;
  document.querySelector("button[form=listing][value=publish]")?.setAttribute("formaction", `${address}/submission`);
}

async function render() {
  const left = await photos.mine();
  count = left.filter((photo) => photo.state !== "refused").length;
  const acts = [];
  if (status === "signed-out") acts.push(["signIn", `/sign-in?next=${encodeURIComponent(location.pathname)}`]);
  if (draft.state === "conflict") acts.push(["mine", useMine], ["theirs", useTheirs]);
  if (publishing) acts.push(["notYet", () => { publishing = null; render(); }]);
  if (isFound && !draft.listing) acts.push(["another", "/seller/listings/new?draft=new"]);
  say({ draft, photos: count, publishing, held }, acts);
  if (!publishing || count) return;
  const button = publishing;
  publishing = null;
  if (!left.length) form.requestSubmit(button); // one that was refused stands there with its reason
}

async function useMine() {
  await change("drafts", key, (old) => ({ ...old, state: "", saw: old.theirs, page: newKey(), step: old.step + 1 }));
  draft = await get("drafts", key);
  await render();
  wake();
}

async function useTheirs() {
  await change("drafts", key, (old) => ({ ...old, state: "", sent: old.step, fields: null }));
  location.reload();
}

async function submit(event) {
  if (lettingGo) return;
  event.preventDefault();
  const button = event.submitter;
  held = false;
  await keep();
  await Promise.race([wake(), arrived()]);
  draft = await get("drafts", key);
  held = waits(draft);
  if (button?.value === "publish" && count && !held && !draft.state) publishing = button;
  if (held || publishing || draft.state === "conflict") return render();
  const { token } = await whoAmI().catch(() => ({}));
  if (!token) return render();
  const { listing, page, hidden, saw, step } = await change("drafts", key, (old) => ({ ...old, step: old.step + 1, pressed: true }));
  number();
  setHidden(form, { ...hidden, csrf_token: token, page, step, saw, draft_key: listing ? "" : key });
  lettingGo = true;
  form.requestSubmit(button ?? undefined);
  lettingGo = false;
}

const arrived = () => new Promise((resolve) => listen(async ({ draft: changed }) => {
  if (changed === key && !waits((await get("drafts", key)) ?? {})) resolve();
}));

if (form && "draft" in form.dataset) begin();
