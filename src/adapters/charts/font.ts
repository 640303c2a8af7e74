import { fileURLToPath } from 'node:url';
import { GlobalFonts } from '@napi-rs/canvas';

/** Lato comes with the package, so a chart looks the same on every machine. Latin letters are in one of two files. */
const FILES = [
  { name: 'Lato', subset: 'latin' },
  { name: 'Lato Extended', subset: 'latin-ext' },
];
const WEIGHTS = [400, 700];

export const FONT_FAMILY = FILES.map(({ name }) => `"${name}"`).join(', ');

/** To be called once, before anything is drawn. */
export function loadFont(): void {
  const root = import.meta.resolve('@fontsource/lato/package.json');
  for (const { name, subset } of FILES) {
    for (const weight of WEIGHTS) {
      const file = fileURLToPath(new URL(`files/lato-${subset}-${weight}-normal.woff2`, root));
      if (GlobalFonts.registerFromPath(file, name) === null) throw new Error(`no font: ${file}`);
    }
  }
}

/** One line of text that the font has every letter of: a question mark stands for what it has not. */
export function printable(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .replace(/[\p{M}\p{C}]/gu, '')
    .replace(/[^ -~¡-ſƒȘ-ț–—‘’‚“”„†•…€™−]/gu, '?')
    .trim();
}
