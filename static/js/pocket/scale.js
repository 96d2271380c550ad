// A photo as it is sent: turned as it was held, at most 2560 pixels on its longer side, a JPEG under 900 KB.
// What this browser cannot decode (HEIC on most phones) goes as it is; the server takes it.
const SIDE = 2560;
const MOST = 900000;
const QUALITIES = [0.82, 0.74, 0.66, 0.58, 0.5];

const encoded = (canvas, quality) => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));

export const decoded = (blob) => createImageBitmap(blob, { imageOrientation: "from-image" });

// `part` is what is to be seen of the picture, in its own pixels: { x, y, width, height }.
export async function scaled(blob, part) {
  const picture = await decoded(blob).catch(() => null);
  if (!picture) return blob;
  const { x, y, width, height } = part ?? { x: 0, y: 0, width: picture.width, height: picture.height };
  const longer = Math.max(width, height);
  if (!part && longer <= SIDE && blob.size < MOST && blob.type === "image/jpeg") return blob;
  const canvas = document.createElement("canvas");
  for (let side = Math.min(SIDE, longer); ; side *= 0.8) {
    canvas.width = Math.round((width * side) / longer);
    canvas.height = Math.round((height * side) / longer);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#F8F5EF"; // the shop's paper, behind transparent pictures
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, x, y, width, height, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const made = await encoded(canvas, quality);
      if (!made) return blob; // no memory for it
      if (made.size >= MOST) continue;
      picture.close();
      return made;
    }
  }
}
