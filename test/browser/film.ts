import { writeFileSync } from 'node:fs';
import { type Canvas, createCanvas, loadImage } from '@napi-rs/canvas';
import type { Page } from 'playwright-core';

/** Between two looks at the page, ms. */
const PACE_MS = 250;
/** Nobody wants to wait for what does not change, or to miss what changes fast, ms. */
const SHORTEST_MS = 200;
const LONGEST_MS = 1_600;
const LAST_MS = 4_000;
const SCALE = 0.66;
const QUALITY = 62;
/** A channel of a pixel that differs by less is the same. */
const SAME_CHANNEL = 24;

interface Shot {
  readonly at: number;
  readonly png: Buffer;
}

/** Looks at a page again and again until `stop`, which writes a moving picture (WebP) of all that changed. */
export function film(page: Page): { stop(path: string): Promise<void> } {
  const shots: Shot[] = [];
  let running = true;
  const done = (async () => {
    while (running) {
      const png = await page.screenshot({ animations: 'disabled', caret: 'hide' }).catch(() => null);
      if (png !== null && !shots.at(-1)?.png.equals(png)) shots.push({ at: Date.now(), png });
      await page.waitForTimeout(PACE_MS).catch(() => undefined);
    }
  })();
  return {
    async stop(path) {
      running = false;
      await done;
      writeFileSync(path, await moving(shots));
    },
  };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function moving(shots: readonly Shot[]): Promise<Buffer> {
  const frames: Buffer[] = [];
  let before: Canvas | null = null;
  const [first] = shots;
  if (first === undefined) throw new Error('nothing was seen');
  const size = sizeOf(await loadImage(first.png));
  for (const [index, { at, png }] of shots.entries()) {
    const image = await loadImage(png);
    // A page that was made higher for another picture is left out.
    if (sizeOf(image).height !== size.height) continue;
    const canvas = createCanvas(size.width, size.height);
    canvas.getContext('2d').drawImage(image, 0, 0, size.width, size.height);
    const box = changed(before, canvas);
    if (box === null) continue;
    before = canvas;
    const next = shots[index + 1];
    const lasts = next === undefined ? LAST_MS : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, next.at - at));
    frames.push(chunk('ANMF', Buffer.concat([frameHead(box, lasts), await partOf(canvas, box)])));
  }
  const head = Buffer.concat([
    chunk(
      'VP8X',
      Buffer.concat([Buffer.from([0b10, 0, 0, 0]), int24(size.width - 1), int24(size.height - 1)]),
    ),
    chunk('ANIM', Buffer.from([255, 255, 255, 255, 0, 0])),
  ]);
  return riff(Buffer.concat([head, ...frames]));
}

function sizeOf({ width, height }: { readonly width: number; readonly height: number }) {
  return { width: even(width * SCALE), height: even(height * SCALE) };
}

const even = (length: number) => Math.floor(length / 2) * 2;

/** What of a picture differs from the one before, on even coordinates; null when nothing does. */
function changed(before: Canvas | null, after: Canvas): Box | null {
  const { width, height } = after;
  if (before === null) return { x: 0, y: 0, width, height };
  const [a, b] = [before, after].map((one) => one.getContext('2d').getImageData(0, 0, width, height).data);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let at = 0; at < width * height * 4; at += 4) {
    if ([0, 1, 2].every((part) => Math.abs((a?.[at + part] ?? 0) - (b?.[at + part] ?? 0)) < SAME_CHANNEL))
      continue;
    const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
    [left, top, right, bottom] = [
      Math.min(left, x),
      Math.min(top, y),
      Math.max(right, x),
      Math.max(bottom, y),
    ];
  }
  if (right < 0) return null;
  const [x, y] = [even(left), even(top)];
  return { x, y, width: right - x + 1, height: bottom - y + 1 };
}

/** The image data of a part, as chunks of WebP. */
async function partOf(canvas: Canvas, { x, y, width, height }: Box): Promise<Buffer> {
  const part = createCanvas(width, height);
  part.getContext('2d').drawImage(canvas, x, y, width, height, 0, 0, width, height);
  const file = await part.encode('webp', QUALITY);
  const kept: Buffer[] = [];
  for (let at = 12; at + 8 <= file.length; ) {
    const end = at + 8 + file.readUInt32LE(at + 4);
    const name = file.toString('latin1', at, at + 4);
    if (['ALPH', 'VP8 ', 'VP8L'].includes(name)) kept.push(chunk(name, file.subarray(at + 8, end)));
    at = end + (end % 2);
  }
  return Buffer.concat(kept);
}

/** Where a frame is, and for how long; it takes the place of what was there. */
function frameHead({ x, y, width, height }: Box, ms: number): Buffer {
  const numbers = [x / 2, y / 2, width - 1, height - 1, Math.round(ms)].map(int24);
  return Buffer.concat([...numbers, Buffer.from([0b10])]);
}

function int24(value: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntLE(value, 0, 3);
  return bytes;
}

function chunk(name: string, data: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

function riff(data: Buffer): Buffer {
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP', 'latin1'), data]));
}
