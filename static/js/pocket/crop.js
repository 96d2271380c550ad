// What of a photo is shown: a frame of 4:5, moved and enlarged by finger, by buttons or by arrow keys. May be skipped.
import { decoded, scaled } from "./scale.js";

const dialog = document.querySelector("[data-crop-dialog]");
const canvas = dialog.querySelector("canvas");
const STEP = 0.06; // of the frame's side
const CLOSER = 1.2;

// Gives the cropped photo, or null: as it is.
export async function cropped(blob) {
  const picture = await decoded(blob).catch(() => null);
  if (!picture) return null;
  const part = await chosen(picture);
  const isWhole = !part || (part.width >= picture.width && part.height >= picture.height);
  const made = isWhole ? null : await scaled(blob, part);
  picture.close();
  return made;
}

function chosen(picture) {
  const fit = Math.min(picture.width / 4, picture.height / 5);
  const view = { zoom: 1, x: picture.width / 2, y: picture.height / 2 };
  const size = () => ({ width: (4 * fit) / view.zoom, height: (5 * fit) / view.zoom });

  function draw() {
    const { width, height } = size();
    const within = (value, half, whole) => Math.min(whole - half, Math.max(half, value));
    view.zoom = Math.min(4, Math.max(1, view.zoom));
    view.x = within(view.x, width / 2, picture.width);
    view.y = within(view.y, height / 2, picture.height);
    canvas.getContext("2d").drawImage(picture, view.x - width / 2, view.y - height / 2, width, height, 0, 0, canvas.width, canvas.height);
  }
  const move = (x, y) => { const { width, height } = size(); view.x += x * width; view.y += y * height; draw(); };
  const zoom = (times) => { view.zoom *= times; draw(); };
  const acts = { left: () => move(-STEP, 0), right: () => move(STEP, 0), up: () => move(0, -STEP), down: () => move(0, STEP), closer: () => zoom(CLOSER), farther: () => zoom(1 / CLOSER) };
  const keys = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", "+": "closer", "-": "farther" };

  dialog.onclick = ({ target }) => acts[target.closest("[data-move]")?.dataset.move]?.();
  dialog.onkeydown = (event) => {
    if (!keys[event.key]) return;
    event.preventDefault();
    acts[keys[event.key]]();
  };
  canvas.onpointerdown = ({ pointerId }) => canvas.setPointerCapture(pointerId);
  canvas.onpointermove = ({ buttons, movementX, movementY }) => {
    if (buttons) move(-movementX / canvas.clientWidth, -movementY / canvas.clientHeight);
  };
  draw();
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      const { width, height } = size();
      resolve(dialog.returnValue === "use" ? { x: view.x - width / 2, y: view.y - height / 2, width, height } : null);
    };
  });
}
