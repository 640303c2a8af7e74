import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseNote } from '../shared/noted.ts';

const Noted = z.object({ key: z.string(), waves: z.array(z.string()) });

/** Which waves the last deployment of a service has begun, or is about to: a process that did not begin them has to know. */
export class BegunWaves {
  readonly #file: string;

  constructor({ dataDir, service }: { readonly dataDir: string; readonly service: string }) {
    this.#file = join(dataDir, 'waves', `${service}.json`);
  }

  /** Null where nobody has noted them. */
  async of(key: string): Promise<readonly string[] | null> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    const noted = parseNote(Noted, text === '' ? undefined : text);
    return noted?.key === key ? noted.waves : null;
  }

  async add(key: string, wave: string): Promise<void> {
    const waves = [...new Set([...((await this.of(key)) ?? []), wave])];
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    // A process that dies here leaves the note before whole: half of one would say that nothing was begun.
    await writeFile(`${this.#file}.new`, JSON.stringify({ key, waves }), { mode: 0o600 });
    await rename(`${this.#file}.new`, this.#file);
  }
}
