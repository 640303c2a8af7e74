import type { Point } from './canvas.ts';

/**
 * Letters drawn as lines of a pen, so that no font is needed. Capitals are 14 units high, small letters 10.
 * M x y lifts the pen, L x y draws a line, A cx cy rx ry from to draws an arc, in degrees against the clock.
 * The number in front is the width of the glyph.
 */
const GLYPHS: Readonly<Record<string, string>> = {
  a: '9 A 4.5 5 4.5 5 0 360 M 9 10 L 9 0',
  b: '9 M 0 14 L 0 0 M 9 5 A 4.5 5 4.5 5 0 360',
  c: '8 A 4.5 5 4.5 5 48 312',
  d: '9 A 4.5 5 4.5 5 0 360 M 9 14 L 9 0',
  e: '9 M 0.1 5.2 L 8.9 5.2 A 4.5 5 4.5 5 2 315',
  f: '6 M 6.3 13.9 A 5.5 11 2.5 3 70 180 L 3 0 M 0.3 10 L 6 10',
  g: '9 A 4.5 5 4.5 5 0 360 M 9 10 L 9 -0.2 A 4.5 -0.2 4.5 3.9 0 -150',
  h: '8 M 0 14 L 0 0 M 0 6 A 4 6 4 4 180 0 L 8 0',
  i: '0 M 0 10 L 0 0 M 0 13.6 L 0 13.7',
  j: '2 M 2 10 L 2 -1.7 A -0.3 -1.7 2.3 2.4 0 -95 M 2 13.6 L 2 13.7',
  k: '7.5 M 0 14 L 0 0 M 7 10 L 0 3.8 M 2.7 6.2 L 7.5 0',
  l: '0 M 0 14 L 0 0',
  m: '14 M 0 10 L 0 0 M 0 6.5 A 3.5 6.5 3.5 3.5 180 0 L 7 0 M 7 6.5 A 10.5 6.5 3.5 3.5 180 0 L 14 0',
  n: '8 M 0 10 L 0 0 M 0 6 A 4 6 4 4 180 0 L 8 0',
  o: '9 A 4.5 5 4.5 5 0 360',
  p: '9 M 0 10 L 0 -4 M 9 5 A 4.5 5 4.5 5 0 360',
  q: '9 A 4.5 5 4.5 5 0 360 M 9 10 L 9 -4',
  r: '4.6 M 0 10 L 0 0 M 0 5.6 A 4.4 5.6 4.4 4.4 180 85',
  s: '7.2 A 3.6 7.5 3.2 2.5 28 270 A 3.6 2.5 3.5 2.5 90 -152',
  t: '6 M 3 13 L 3 3 A 5.5 3 2.5 3 180 275 M 0.3 10 L 6 10',
  u: '8 M 0 10 L 0 4 A 4 4 4 4 180 360 M 8 10 L 8 0',
  v: '8 M 0 10 L 4 0 L 8 10',
  w: '12 M 0 10 L 3 0 L 6 10 L 9 0 L 12 10',
  x: '7.4 M 0 10 L 7.4 0 M 7.4 10 L 0 0',
  y: '8 M 0 10 L 4.2 0.3 M 8 10 L 3.8 -1.8 L 2.6 -3.5 L 0.6 -4',
  z: '7.2 M 0.3 10 L 6.9 10 L 0.2 0 L 7.2 0',
  A: '11 M 0 0 L 5.5 14 L 11 0 M 2 4.8 L 9 4.8',
  B: '9.3 M 0 0 L 0 14 L 5 14 A 5 10.75 3.5 3.25 90 -90 L 0 7.5 M 5 7.5 A 5 3.75 4.3 3.75 90 -90 L 0 0',
  C: '11 A 6 7 6 7 46 314',
  D: '10.5 M 0 0 L 0 14 L 4 14 A 4 7 6.5 7 90 -90 L 0 0',
  E: '8.4 M 8.4 14 L 0 14 L 0 0 L 8.4 0 M 0 7.3 L 7.4 7.3',
  F: '8.2 M 8.2 14 L 0 14 L 0 0 M 0 7.3 L 7.2 7.3',
  G: '11.4 A 6 7 6 7 46 325 L 11 6.4 L 6.8 6.4',
  H: '10 M 0 0 L 0 14 M 10 0 L 10 14 M 0 7.3 L 10 7.3',
  I: '0 M 0 0 L 0 14',
  J: '6 M 6 14 L 6 4 A 3 4 3 4 0 -180',
  K: '9.4 M 0 0 L 0 14 M 9 14 L 0 5.3 M 3.3 8.4 L 9.4 0',
  L: '7.8 M 0 14 L 0 0 L 7.8 0',
  M: '12 M 0 0 L 0 14 L 6 4 L 12 14 L 12 0',
  N: '10 M 0 0 L 0 14 L 10 0 L 10 14',
  O: '13 A 6.5 7 6.5 7 0 360',
  P: '9 M 0 0 L 0 14 L 5 14 A 5 10.25 3.9 3.75 90 -90 L 0 6.5',
  Q: '13 A 6.5 7 6.5 7 0 360 M 8 3.6 L 12.4 -0.8',
  R: '9.4 M 0 0 L 0 14 L 5 14 A 5 10.25 3.9 3.75 90 -90 L 0 6.5 M 5 6.5 L 9.4 0',
  S: '9.4 A 4.7 10.5 4.3 3.5 30 270 A 4.7 3.5 4.6 3.5 90 -152',
  T: '10 M 0 14 L 10 14 M 5 14 L 5 0',
  U: '10 M 0 14 L 0 5 A 5 5 5 5 180 360 L 10 14',
  V: '11 M 0 14 L 5.5 0 L 11 14',
  W: '16 M 0 14 L 4 0 L 8 14 L 12 0 L 16 14',
  X: '10 M 0 14 L 10 0 M 10 14 L 0 0',
  Y: '10 M 0 14 L 5 7 L 10 14 M 5 7 L 5 0',
  Z: '9.8 M 0.4 14 L 9.4 14 L 0.2 0 L 9.8 0',
  '0': '9 A 4.5 7 4.4 7 0 360',
  '1': '9 M 1.7 11.3 L 5.4 14 L 5.4 0',
  '2': '9 A 4.5 9.8 4.1 4.2 170 -38 L 0.3 0 L 9 0',
  '3': '9 A 4.3 10.4 3.8 3.6 152 -90 A 4.3 3.4 4.4 3.4 90 -152',
  '4': '9 M 6.9 0 L 6.9 14 L 0 4 L 9.2 4',
  '5': '9 M 8.2 14 L 1.5 14 L 0.9 7.4 A 4.3 4.5 4.5 4.5 138 -150',
  '6': '9 A 6 4.5 5.9 9.5 70 180 A 4.5 4.5 4.4 4.5 180 540',
  '7': '9 M 0.2 14 L 9 14 L 3.2 0',
  '8': '9 A 4.5 10.5 3.7 3.5 0 360 M 8.9 3.5 A 4.5 3.5 4.4 3.5 0 360',
  '9': '9 A 3 9.5 5.9 9.5 250 360 A 4.5 9.5 4.4 4.5 0 360',
  '.': '0.4 M 0.2 0.1 L 0.2 0.2',
  ',': '1 M 0.8 0.3 L 0 -2.6',
  ':': '0.4 M 0.2 0.1 L 0.2 0.2 M 0.2 8.6 L 0.2 8.7',
  ';': '1 M 0.8 0.3 L 0 -2.6 M 0.8 8.6 L 0.8 8.7',
  '!': '0 M 0 14 L 0 4 M 0 0.1 L 0 0.2',
  '?': '7.6 A 3.8 10.4 3.7 3.6 165 -60 L 3.8 5.4 L 3.8 3.8 M 3.8 0.1 L 3.8 0.2',
  "'": '0 M 0 14 L 0 10.5',
  '"': '3 M 0 14 L 0 10.5 M 3 14 L 3 10.5',
  '(': '3 A 7.5 5.5 7.5 11 130 230',
  ')': '3 A -4.5 5.5 7.5 11 50 -50',
  '[': '3 M 3 16 L 0 16 L 0 -3 L 3 -3',
  ']': '3 M 0 16 L 3 16 L 3 -3 L 0 -3',
  '{': '4 M 4 16 L 2.6 15.6 L 2 14 L 2 8.4 L 0 6.5 L 2 4.6 L 2 -1 L 2.6 -2.6 L 4 -3',
  '}': '4 M 0 16 L 1.4 15.6 L 2 14 L 2 8.4 L 4 6.5 L 2 4.6 L 2 -1 L 1.4 -2.6 L 0 -3',
  '/': '6.5 M 6.5 15 L 0 -2',
  '\\': '6.5 M 0 15 L 6.5 -2',
  '|': '0 M 0 16 L 0 -4',
  '-': '5 M 0 5.4 L 5 5.4',
  '–': '8 M 0 5.4 L 8 5.4',
  _: '9 M 0 -2 L 9 -2',
  '+': '9 M 0 6.5 L 9 6.5 M 4.5 11 L 4.5 2',
  '−': '9 M 0 6.5 L 9 6.5',
  '=': '9 M 0 8.5 L 9 8.5 M 0 4.5 L 9 4.5',
  '<': '8 M 8 11 L 0 6.5 L 8 2',
  '>': '8 M 0 11 L 8 6.5 L 0 2',
  '*': '6 M 3 14 L 3 8 M 0.4 12.5 L 5.6 9.5 M 5.6 12.5 L 0.4 9.5',
  '~': '9 A 2.4 5.6 2.2 1.8 180 0 A 6.8 5.6 2.2 1.8 180 360',
  '^': '7 M 0 9.5 L 3.5 14 L 7 9.5',
  '`': '2.5 M 0 14 L 2.5 11.5',
  '%': '12.4 A 2.6 11 2.6 3 0 360 M 10.6 14 L 1.8 0 M 12.4 3 A 9.8 3 2.6 3 0 360',
  '#': '11 M 2.6 0 L 4.8 14 M 6.6 0 L 8.8 14 M 0.6 9.6 L 11 9.6 M 0 4.4 L 10.4 4.4',
  $: '9.4 A 4.7 10.5 4.3 3.5 30 270 A 4.7 3.5 4.6 3.5 90 -152 M 4.7 16 L 4.7 -2',
  '&': '10.6 M 10.4 0 L 2.8 9.4 A 4.7 11.4 2.5 2.6 218 -45 L 1.6 6 A 4 3.2 4 3.2 135 300 L 10.4 6.6',
  '@': '13 A 6.3 5.5 2.8 3.2 0 360 M 9.1 8.7 L 9.1 4 A 11 4 1.9 1.8 180 330 A 6.5 5.5 6.5 7 0 315',
  '·': '0.4 M 0.2 5.4 L 0.2 5.5',
  '…': '8 M 0.2 0.1 L 0.2 0.2 M 4 0.1 L 4 0.2 M 7.8 0.1 L 7.8 0.2',
};

const CAP_HEIGHT = 14;
const SPACE_WIDTH = 4.5;
const GAP = 3.4;
const ARC_STEPS = 12;

interface Glyph {
  readonly width: number;
  readonly lines: readonly (readonly Point[])[];
}

const parsed = new Map<string, Glyph>();

/** Lines of a text that starts at x with its baseline at y; `size` is the height of its capitals. */
export function letter(text: string, x: number, y: number, size: number): Point[][] {
  const scale = size / CAP_HEIGHT;
  const lines: Point[][] = [];
  let at = 0;
  for (const char of plain(text)) {
    const glyph = glyphOf(char);
    for (const line of glyph.lines) {
      lines.push(line.map(([px, py]) => [x + (at + px) * scale, y - py * scale]));
    }
    at += glyph.width + GAP;
  }
  return lines;
}

export function textWidth(text: string, size: number): number {
  const units = [...plain(text)].reduce((all, char) => all + glyphOf(char).width + GAP, -GAP);
  return (Math.max(0, units) * size) / CAP_HEIGHT;
}

/** Accents fall away, what has no glyph becomes a question mark. */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ');
}

function glyphOf(char: string): Glyph {
  if (char === ' ') return { width: SPACE_WIDTH - GAP, lines: [] };
  const key = Object.hasOwn(GLYPHS, char) ? char : '?';
  let glyph = parsed.get(key);
  if (glyph === undefined) {
    glyph = parse(GLYPHS[key] ?? '0');
    parsed.set(key, glyph);
  }
  return glyph;
}

function parse(source: string): Glyph {
  const words = source.split(' ');
  const number = () => Number(words.shift());
  const width = number();
  const lines: Point[][] = [];
  let line: Point[] = [];
  const lift = () => {
    if (line.length > 0) lines.push(line);
    line = [];
  };
  for (let command = words.shift(); command !== undefined; command = words.shift()) {
    if (command === 'M') lift();
    if (command === 'A') line.push(...arc(number(), number(), number(), number(), number(), number()));
    else line.push([number(), number()]);
  }
  lift();
  return { width, lines };
}

function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Point[] {
  const steps = Math.max(2, Math.ceil((Math.abs(to - from) / 180) * ARC_STEPS));
  return Array.from({ length: steps + 1 }, (_, step) => {
    const angle = ((from + ((to - from) * step) / steps) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
}
