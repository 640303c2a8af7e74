import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { DeployHandle } from '../port.ts';
import { parseNote } from '../shared/noted.ts';

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const Handle = z.object({ id: z.string(), startedAt: z.number(), state: z.record(z.string(), Value) });
const Noted = z.object({
  key: z.string(),
  waves: z.array(z.string()),
  /** By wave, once it was ordered. */
  handles: z.record(z.string(), Handle).default({}),
});

/** Which waves the last deployment of a service has begun, or is about to: a process that did not begin them has to know. */
export class BegunWaves {
  readonly #file: string;

  constructor({ dataDir, service }: { readonly dataDir: string; readonly service: string }) {
    this.#file = join(dataDir, 'waves', `${service}.json`);
  }

  /** Null where nobody has noted them. */
  async of(key: string): Promise<readonly string[] | null> {
    return (await this.#noted(key))?.waves ?? null;
  }

  /** What was ordered for a wave; null where nobody has noted it. */
  async handleOf(key: string, wave: string): Promise<DeployHandle | null> {
    return (await this.#noted(key))?.handles[wave] ?? null;
  }

  /** `handle`: what was ordered for it; absent while it is about to be. */
  async add(key: string, wave: string, handle?: DeployHandle): Promise<void> {
    const noted = await this.#noted(key);
    const waves = [...new Set([...(noted?.waves ?? []), wave])];
    const handles = { ...noted?.handles, ...(handle ? { [wave]: handle } : {}) };
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    // A process that dies here leaves the note before whole: half of one would say that nothing was begun.
    await writeFile(`${this.#file}.new`, JSON.stringify({ key, waves, handles }), { mode: 0o600 });
    await rename(`${this.#file}.new`, this.#file);
  }

  async #noted(key: string): Promise<z.infer<typeof Noted> | null> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    const noted = parseNote(Noted, text === '' ? undefined : text);
    return noted?.key === key ? noted : null;
  }
}
