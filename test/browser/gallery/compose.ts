import { existsSync, writeFileSync } from 'node:fs';
import { createCanvas, type Image, loadImage } from '@napi-rs/canvas';

const GAP = 16;
/** Of what the browser drew. */
const SCALE = 0.8;
const QUALITY = 72;
/** Fonts and smoothing differ a little between machines: a channel that differs by less is the same. */
const SAME_CHANNEL = 48;
/** Of all pixels. */
const SAME_PICTURE = 0.004;

/** Several screenshots side by side, as WebP. */
export async function sideBySide(shots: readonly Buffer[]): Promise<Buffer> {
  const images = await Promise.all(shots.map((shot) => loadImage(shot)));
  const width = images.reduce((sum, image) => sum + image.width, GAP * (images.length - 1));
  const height = Math.max(...images.map((image) => image.height));
  const canvas = createCanvas(Math.round(width * SCALE), Math.round(height * SCALE));
  const context = canvas.getContext('2d');
  context.scale(SCALE, SCALE);
  let x = 0;
  for (const image of images) {
    context.drawImage(image, x, 0);
    x += image.width + GAP;
  }
  return canvas.encode('webp', QUALITY);
}

/** Writes a picture unless the one that is there looks the same: a change of a word is not a change of all pictures. */
export async function keepPicture(path: string, picture: Buffer): Promise<void> {
  if (existsSync(path) && (await looksSame(await loadImage(path), await loadImage(picture)))) return;
  writeFileSync(path, picture);
}

async function looksSame(before: Image, after: Image): Promise<boolean> {
  if (before.width !== after.width || before.height !== after.height) return false;
  const [a, b] = [before, after].map((image) => {
    const context = createCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height).data;
  });
  if (!a || !b) return false;
  let different = 0;
  for (let at = 0; at < a.length; at += 4) {
    const isSame = [0, 1, 2].every(
      (part) => Math.abs((a[at + part] ?? 0) - (b[at + part] ?? 0)) < SAME_CHANNEL,
    );
    if (!isSame) different += 1;
  }
  return different <= (a.length / 4) * SAME_PICTURE;
}
