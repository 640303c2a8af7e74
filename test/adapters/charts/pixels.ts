import { createCanvas, loadImage } from '@napi-rs/canvas';

/** Counts the pixels of a PNG that have a colour such as #1264a3. */
export async function pixelsOf(png: Uint8Array): Promise<(colour: string) => number> {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  return (colour) => {
    const wanted = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (wanted.every((value, index) => data[at + index] === value)) count += 1;
    }
    return count;
  };
}
