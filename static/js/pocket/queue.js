// The outbox: what was typed and photographed leaves the phone when there is signal. Pages and the service worker
// share it through the store; a lock lets one of them send at a time, and every door of the server takes a repeated
// question for the same one, so that nothing arrives twice.
//
// A draft: { key, person, listing, title, fields: [[name, value], …], hidden: {name: value}, saw, page, step, sent, typed,
// state, … }. `page` and `step` name each save, so that a repeated one is known; steps later than `sent` wait. `typed` is
// the moment in milliseconds. state: "", "refused" (the server cannot take it yet, or only by a button) or "conflict".
// pressed: a button took it along; the next page of the piece tells whether it arrived.
// A photo: { key, draft, listing, person, name, blob, at, raw, held, begun, offset, state }; state: "", "sent", "refused".
import { all, change, drop, get, put } from "./store.js";

const DAY = 86400000;
const KEPT_DAYS = 7; // how long a draft that has arrived can still be opened without signal
const LONGEST_PAUSE = 60000;
const PIECES = { least: 32768, most: 524288, time: 3000 };

class Lost extends Error {} // no signal, or a server that cannot answer now: later
class SignedOut extends Error {}

const channel = "BroadcastChannel" in self ? new BroadcastChannel("pocket") : null;
const listeners = new Set();

// News for this page and all others: { draft } or { photo } that changed, { status } of the way to the server, { gone }
// when the person has signed out. What another page tells is `elsewhere`.
export function tell(news) {
  for (const listener of listeners) listener(news);
  channel?.postMessage(news);
}

export function listen(listener) {
  listeners.add(listener);
}

if (channel) channel.onmessage = ({ data }) => {
  for (const listener of listeners) listener({ ...data, elsewhere: true });
};

export let status = "";
let me = null; // { person, token } as the server says
let piece = PIECES.least * 2;
let pause = 1000;
let timer, busy, again;

export const person = async () => (await get("meta", "person"))?.value ?? "";
const isUnsent = (draft) => draft.step > (draft.sent ?? 0) && !draft.pressed;
export const waits = (draft) => isUnsent(draft) && !draft.state;
export const newKey = () => crypto.randomUUID();
export const isWaiting = (photo) => !photo.state;

// The newest form of a draft replaces the older one; gives the draft as it is kept now.
export async function save({ key, ...values }) {
  const kept = await change("drafts", key, (old = { page: newKey(), step: 0, saw: 0, listing: null }) => ({
    ...old, ...values, key, state: "", pressed: false, step: old.step + 1, typed: Date.now(),
  }));
  tell({ draft: key });
  return kept;
}

// The form as the server has just shown it: it can be opened without signal, and what is typed follows from it.
export async function snapshot(values) {
  await put("drafts", { page: newKey(), step: 0, sent: 0, state: "", typed: Date.now(), ...values });
  tell({ draft: values.key });
}

export async function addPhoto(photo) {
  await put("photos", { offset: 0, state: "", ...photo });
  tell({ photo: photo.key });
}

export async function changePhoto(key, values) {
  await change("photos", key, (old) => old && { ...old, ...values });
  tell({ photo: key });
}

async function ask(address, options = {}) {
  if (navigator.onLine === false) throw new Lost();
  const stop = new AbortController();
  const tooLong = setTimeout(() => stop.abort(), 60000);
  let answer, json;
  try {
    answer = await fetch(address, {
      ...options, redirect: "manual", cache: "no-store", signal: stop.signal,
      headers: { Accept: "application/json", ...options.headers },
    });
    if (answer.type !== "opaqueredirect") json = await answer.json().catch(() => null);
  } catch {
    throw new Lost();
  } finally {
    clearTimeout(tooLong);
  }
  if (answer.type === "opaqueredirect" || answer.status === 401) throw new SignedOut();
  if (answer.status === 429 || answer.status >= 500) throw new Lost();
  return { status: answer.status, json: json ?? {} };
}

export async function whoAmI() {
  if (!me) {
    const { status: code, json } = await ask("/seller/pocket.json");
    if (code !== 200) throw new SignedOut();
    me = json;
  }
  return me;
}

async function sendDraft(draft) {
  const body = new URLSearchParams(draft.fields);
  const { key, page, step, saw } = draft;
  const about = { ...draft.hidden, page, step, saw, draft_key: draft.listing ? "" : key, csrf_token: me.token };
  for (const [name, value] of Object.entries(about)) body.set(name, value);
  const address = draft.listing ? `/seller/listings/${draft.listing}` : "/seller/listings/new";
  const { status: code, json } = await ask(address, { method: "POST", body });
  if (hasNewToken(code, json)) return;
  await change("drafts", key, (old) => old && { ...old, ...outcome(old, draft, code, json) });
  tell({ draft: key });
}

function outcome(old, draft, code, json) {
  const { saw = old.saw, id = old.listing, problems = [], note = "", sentence = problems[0]?.sentence ?? note, checklist, receives } = json;
  const hidden = { ...old.hidden, ...json.hidden };
  const known = { listing: id, problems, sentence, hidden, checklist, receives, saw: code === 409 ? old.saw : Number(saw) };
  if (code < 300 && !note) return { ...known, sent: draft.step, at: json.saved_at };
  if (old.step > draft.step) return known; // typed on since: that is sent next
  return code === 409 ? { ...known, state: "conflict", theirs: Number(saw) } : { ...known, state: "refused" };
}

// The token was too old: whose phone it is now is asked anew, before anything is sent again.
function hasNewToken(code, json) {
  const isNew = code === 403 && json.token && json.token !== me.token;
  if (isNew) me = null;
  return isNew;
}

async function sendPiece(photo) {
  const headers = { "X-CSRF-Token": me.token };
  let reply;
  if (photo.begun) {
    const left = photo.blob.size - photo.offset;
    const body = photo.blob.slice(photo.offset, photo.offset + (left < piece * 1.25 ? Math.min(left, PIECES.most) : piece));
    const from = performance.now();
    reply = await ask(`/seller/uploads/${photo.key}/bytes?offset=${photo.offset}`, {
      method: "POST", body, headers: { ...headers, "Content-Type": "application/octet-stream" },
    });
    const speed = body.size / (performance.now() - from);
    if (body.size >= PIECES.least) piece = Math.round(Math.min(PIECES.most, Math.max(PIECES.least, speed * PIECES.time)));
  } else {
    const body = new URLSearchParams({ csrf_token: me.token, key: photo.key, listing_id: photo.listing, size: photo.blob.size, name: photo.name });
    reply = await ask("/seller/uploads", { method: "POST", body, headers });
  }
  if (hasNewToken(reply.status, reply.json)) return;
  const values = arrival(photo, reply);
  await changePhoto(photo.key, values);
  if (photo.begun && values.offset === photo.offset) throw new Lost(); // it does not move: after a pause
}

function arrival(photo, { status: code, json }) {
  if (json.done) return { state: "sent", blob: null, photo: json.photo };
  if (code === 404 && photo.begun) return { begun: false };
  if (code >= 400 && code !== 409) return { state: "refused", sentence: json.sentence ?? "" };
  return { begun: true, offset: json.offset ?? photo.offset };
}

const mine = async (name, of, test) => (await all(name)).filter((one) => one.person === of && test(one));

// The next thing to send: words before photos; the photos of a piece in the order in which they were taken, one by one.
async function next(of) {
  const [draft] = (await mine("drafts", of, waits)).sort((one, other) => one.typed - other.typed);
  if (draft) return () => sendDraft(draft);
  const photos = await mine("photos", of, isWaiting);
  for (const photo of photos) photo.listing ??= (await get("drafts", photo.draft))?.listing; // taken before the piece had its number
  const isFirst = (one) => !photos.some((other) => other.draft === one.draft && other.at < one.at);
  const photo = photos.find((one) => one.listing && !one.raw && !one.held && isFirst(one));
  return photo && (() => sendPiece(photo));
}

// What this person's phone holds that the server does not have yet.
export async function waiting() {
  const of = await person();
  return { drafts: await mine("drafts", of, isUnsent), photos: await mine("photos", of, isWaiting) };
}

async function burst() {
  const of = await person();
  try {
    while (true) {
      const work = await next(of);
      if (!work) return "";
      if ((await whoAmI()).person !== of) return "signed-out";
      say("sending");
      await work();
    }
  } catch (error) {
    me = null;
    await pausePhotos(of);
    if (error instanceof Lost) return "lost";
    if (error instanceof SignedOut) return "signed-out";
    throw error;
  }
}

// After a lost connection the server is asked how far a photo came.
async function pausePhotos(of) {
  for (const { key } of await mine("photos", of, (photo) => photo.begun && isWaiting(photo)))
    await change("photos", key, (old) => old && { ...old, begun: false });
}

function say(now) {
  if (now === status) return;
  status = now;
  tell({ status });
}

const alone = (work) => (navigator.locks ? navigator.locks.request("pocket", work) : work());

// Send what waits. May be called at any time and as often as one likes; gives the state of the way afterwards.
export function wake() {
  again = true;
  return (busy ??= run().finally(() => {
    busy = null;
    if (again) wake();
  }));
}

async function run() {
  clearTimeout(timer);
  let came;
  while (again) {
    again = false;
    came = await alone(burst);
  }
  say(came);
  if (came !== "lost") pause = 1000;
  else {
    timer = setTimeout(wake, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    later();
  }
  return came;
}

// Where the browser can (Background Sync), it sends even after the page was closed.
function later() {
  if ("serviceWorker" in navigator && self.document) navigator.serviceWorker.ready.then((there) => there.sync?.register("pocket")).catch(() => {});
}

export async function tidy() {
  const old = Date.now() - KEPT_DAYS * DAY;
  for (const draft of await all("drafts")) if (!waits(draft) && !draft.state && draft.typed < old) await drop("drafts", draft.key);
  for (const photo of await all("photos")) if (photo.state === "sent" && photo.at < old) await drop("photos", photo.key);
}
