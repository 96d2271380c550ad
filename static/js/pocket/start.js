// On every page of the workshop: the service worker, who uses the phone, what still waits, and a way home for it.
import "./install.js";
import "./leave.js";
import { listen, person as lastPerson, status, tidy, waiting, wake } from "./queue.js";
import { all, put } from "./store.js";

const { person: shown = "" } = document.body.dataset;
const line = document.querySelector("[data-waiting]");

async function meet() {
  if (shown) await put("meta", { key: "person", value: shown });
  return shown || lastPerson();
}

// The person of this page; on a page that was kept for the time without signal, the last one who was here.
export const person = meet();

const told = (name, count) => line.dataset[count === 1 ? `${name}One` : name].replace("#", count);

async function look() {
  if (!line) return;
  const { drafts, photos } = await waiting();
  const isAway = !navigator.onLine || status === "lost";
  const parts = [isAway ? line.dataset.away : "", drafts.length ? told("drafts", drafts.length) : "", photos.length ? told("photos", photos.length) : ""];
  line.querySelector("[role=status]").textContent = parts.filter(Boolean).join(" ");
  line.hidden = !isAway && !drafts.length && !photos.length;
}

async function go() {
  await person;
  await tidy();
  await look();
  listen((news) => (news.gone ? location.reload() : look()));
  for (const event of ["online", "offline"]) addEventListener(event, () => (look(), wake()));
  document.addEventListener("visibilitychange", () => document.hidden || wake());
  const { drafts, photos } = await waiting();
  if (drafts.length || photos.length) wake();
  // Photos that nobody scaled yet: the page that took them was closed.
  if ((await all("photos")).some((photo) => photo.raw) && !document.querySelector("[data-shots]")) import("./rescue.js");
}

function install() {
  navigator.serviceWorker?.register(document.body.dataset.worker, { type: "module", scope: "/seller/" }).catch(() => {});
}

if (document.readyState === "complete") install();
else addEventListener("load", install);
go();
