// Scales what a closed page left behind, so that it can be sent from any page.
import { changePhoto, wake } from "./queue.js";
import { scaled } from "./scale.js";
import { all } from "./store.js";

for (const photo of await all("photos"))
  if (photo.raw) await changePhoto(photo.key, { blob: await scaled(photo.blob), raw: false, held: false });
wake();
