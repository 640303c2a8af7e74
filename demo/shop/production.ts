import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { git } from './fast-import.ts';
import type { ShopContent } from './files.ts';

/** What the production branch holds. */
export interface LiveCommit {
  readonly commit: string;
  readonly version: string;
  readonly content: ShopContent;
  /** When this process saw it first, ms since the epoch. */
  readonly since: number;
}

const Manifest = z.object({ version: z.string() });
const Content = z.object({
  name: z.string(),
  tagline: z.string(),
  accent: z.string().regex(/^#[0-9a-f]{6}$/),
  features: z.array(z.string()),
  products: z.array(z.object({ name: z.string(), price: z.number(), picture: z.string() })),
});

/** Commit at the tip of a branch of a bare repository; null when there is no such branch. */
export async function tipOf(remote: string, branch: string): Promise<string | null> {
  const ref = `refs/heads/${branch}`;
  // Asked four times a second: mostly the answer is in a file.
  const loose = await readFile(join(remote, ref), 'utf8').catch(() => '');
  if (/^[0-9a-f]{40}\n$/.test(loose)) return loose.trim();
  return (await git(remote, ['for-each-ref', '--format=%(objectname)', ref])).trim() || null;
}

/** Reads the files that the shop serves at a commit. */
export async function readCommit(remote: string, commit: string, now: number): Promise<LiveCommit> {
  const [manifest, content] = await Promise.all([
    git(remote, ['cat-file', 'blob', `${commit}:package.json`]),
    git(remote, ['cat-file', 'blob', `${commit}:shop.json`]),
  ]);
  return {
    commit,
    version: Manifest.parse(JSON.parse(manifest)).version,
    content: Content.parse(JSON.parse(content)),
    since: now,
  };
}
