import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { ReadSource } from '../layers.ts';
import { textHash, writeWhole } from './whole-file.ts';

/** By the sha256 of their texts, hex. */
const Shape = z.record(z.string(), z.custom<unknown>());

/** From so many characters on parsing takes long enough to be worth a file. */
const LARGE = 100_000;
const DATA = /^data:[ \t]+(["']?)([^"'#\r\n]+?)\1[ \t]*(?:#.*)?$/m;

/**
 * Values of large texts, kept in the data folder so that the next start need not parse what has not changed. The folder is found by
 * the text of the main file, which is not parsed yet: one that is named in an unusual way only costs time.
 */
export class KnownValues {
  readonly #values: Readonly<Record<string, unknown>>;

  private constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** Those of the last start; none where there are none, or they cannot be read. */
  static for(path: string, main: string): KnownValues {
    const [, , data = '.slipway'] = DATA.exec(main) ?? [];
    const folder = resolve(dirname(resolve(path)), process.env['SLIPWAY_DATA'] || data);
    try {
      return new KnownValues(Shape.parse(JSON.parse(readFileSync(fileIn(folder), 'utf8'))));
    } catch {
      return new KnownValues({});
    }
  }

  /** Undefined: it is not known. */
  of(text: string): { readonly value: unknown } | undefined {
    const hash = textHash(text);
    return Object.hasOwn(this.#values, hash) ? { value: this.#values[hash] } : undefined;
  }

  /** Whole or not at all. Values that JSON would change are left out, and texts with secrets. */
  keep(dataDir: string, sources: readonly ReadSource[]): void {
    const length = sources.reduce((sum, { text }) => sum + text.length, 0);
    if (length < LARGE || sources.every(({ text }) => this.of(text))) return;
    const kept = sources.flatMap((source) => {
      if ('problems' in source || source.leaks.length > 0) return [];
      const { value } = source.document;
      const isSame = isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
      return isSame ? [[textHash(source.text), value] as const] : [];
    });
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeWhole(fileIn(dataDir), Object.fromEntries(kept));
  }
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'config-values.json');
}
