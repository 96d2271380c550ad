// Photos of a piece: taken, shown at once, scaled and cropped on the phone, and handed to the outbox.
import { addPhoto, changePhoto, isWaiting, listen, newKey, tell, wake } from "./queue.js";
import { scaled } from "./scale.js";
import { all, change, drop, get } from "./store.js";

const box = document.querySelector("[data-shots]");
const pattern = document.querySelector("[data-shot-pattern]");
const told = document.querySelector("[data-shots-status]");
const LARGEST = 30 * 1024 * 1024; // bytes
const MOST = Number(box?.dataset.most) || 10;
const shown = new Map(); // key → its tile
let piece; // () => { draft, listing, person } of this page
let scaling;

const cropFirst = document.querySelector("[data-crop-first]");
const complain = (text) => { if (told) told.textContent = text; };
const count = () => box.querySelectorAll(".shot").length;

export async function start(about) {
  piece = about;
  if (!box) return;
  for (const photo of await mine()) show(photo.held ? await release(photo) : photo);
  listen(({ photo }) => photo && follow(photo));
  document.addEventListener("change", ({ target }) => { if ("photos" in target.dataset) pick(target); });
  if (cropFirst) {
    cropFirst.closest("label").hidden = false;
    cropFirst.checked = localStorage.getItem("crop-first") === "1";
    cropFirst.addEventListener("change", () => localStorage.setItem("crop-first", cropFirst.checked ? "1" : ""));
  }
  prepare();
}

export const mine = async () =>
  (await all("photos")).filter((photo) => photo.draft === piece().draft && photo.person === piece().person && photo.state !== "sent").sort((one, other) => one.at - other.at);

const release = (photo) => change("photos", photo.key, (old) => ({ ...old, held: false }));

async function pick(input) {
  const files = [...input.files];
  const large = files.find((file) => file.size > LARGEST);
  input.value = "";
  complain(large ? input.dataset.tooLarge.replace("#", large.name) : "");
  if (large) return;
  const at = Date.now();
  const room = Math.max(0, MOST - count());
  for (const [number, file] of files.slice(0, room).entries()) {
    const photo = { key: newKey(), ...piece(), name: file.name, blob: file, raw: true, held: !!cropFirst?.checked, at: at + number };
    await addPhoto(photo);
    show({ ...photo, state: "" });
  }
  input.dispatchEvent(new CustomEvent("photos-picked", { bubbles: true }));
  prepare();
}

// One after the other: a phone has memory for one large picture at a time.
function prepare() {
  scaling ??= work().finally(() => { scaling = null; });
}

async function work() {
  for (let photo; (photo = (await mine()).find((one) => one.raw)); ) {
    const blob = await scaled(photo.blob);
    await changePhoto(photo.key, { blob, raw: false });
    if (photo.held) await crop(photo.key);
    wake();
  }
}

async function crop(key) {
  await changePhoto(key, { held: true });
  const { cropped } = await import("./crop.js");
  const photo = await get("photos", key);
  const blob = photo && isWaiting(photo) ? await cropped(photo.blob) : null;
  // Cropped, it is another photo: what has arrived of the old one is left behind.
  if (blob) await remake(photo, blob);
  else await changePhoto(key, { held: false });
  wake();
}

async function remake(photo, blob) {
  const made = { ...photo, key: newKey(), blob, held: false, begun: false, offset: 0, state: "" };
  shown.set(made.key, shown.get(photo.key));
  shown.delete(photo.key);
  await drop("photos", photo.key);
  await addPhoto(made);
  draw(shown.get(made.key), made);
}

function draw(tile, photo) {
  const image = tile.querySelector("img");
  image.src = URL.createObjectURL(photo.blob);
  image.alt = photo.name;
  image.hidden = false;
  image.onload = () => URL.revokeObjectURL(image.src);
  image.onerror = () => { image.hidden = true; }; // HEIC and the like: the ground alone stands for it
  const on = (name, act) => { tile.querySelector(`[data-${name}]`).onclick = act; };
  on("crop", () => crop(photo.key));
  on("away", () => away(photo.key));
  on("again", async () => { await changePhoto(photo.key, { state: "", begun: false }); wake(); });
}

async function away(key) {
  await drop("photos", key);
  shown.get(key).remove();
  shown.delete(key);
  arrange();
  tell({ photo: key });
  wake();
}

function show(photo) {
  const tile = pattern.content.firstElementChild.cloneNode(true);
  shown.set(photo.key, tile);
  draw(tile, photo);
  box.insertBefore(tile, box.querySelector(".drop"));
  state(tile, photo);
  arrange();
}

function state(tile, photo) {
  const isRefused = photo.state === "refused";
  tile.querySelector("progress").value = photo.raw ? 0 : photo.offset / photo.blob.size;
  tile.querySelector("progress").hidden = isRefused;
  tile.querySelector("[data-again]").hidden = !isRefused;
  tile.querySelector("[data-crop]").hidden = isRefused || photo.raw;
  if (isRefused) complain(`${photo.name}: ${photo.sentence}`);
}

function arrange() {
  const none = !count();
  box.classList.toggle("shots--none", none);
  box.classList.toggle("shots--4", !none);
  for (const button of box.querySelectorAll(".drop")) button.hidden = count() >= MOST;
}

async function follow(key) {
  const tile = shown.get(key);
  const photo = tile && (await get("photos", key));
  if (!photo) return;
  if (photo.state !== "sent") return state(tile, photo);
  shown.delete(key);
  const made = document.createElement("template");
  made.innerHTML = photo.photo?.html ?? "";
  if (made.content.children.length || !photo.photo) tile.replaceWith(made.content);
  else tile.classList.remove("shot--up");
  await drop("photos", key);
  arrange();
}
