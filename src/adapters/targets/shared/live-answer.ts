import semver from 'semver';
import { z } from 'zod';
import type { Live } from '../../../domain/release/release.ts';
import { isSameVersion, versionKey } from '../../../domain/release/version-key.ts';
import { given } from '../../../domain/text/given.ts';

const Said = z.object({
  commit: z.string().optional(),
  sha: z.string().optional(),
  version: z.string().optional(),
  tag: z.string().optional(),
  id: z.union([z.string(), z.number()]).optional(),
});

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** A release that was deployed before. */
export interface Past {
  readonly commit: string;
  readonly version: string;
}

export type LiveAnswer =
  | { readonly kind: 'live'; readonly live: Live | null }
  | { readonly kind: 'not-understood' };

/**
 * What production says of itself, in the output of a `live` command or at an address: JSON with `commit` (or `sha`), `version` (or `tag`) and `id`, or a commit or
 * version as text. A version alone is looked up among the releases of the past; when it is not there, the
 * commit is empty.
 */
export function parseLive(printed: string, past: readonly Past[]): LiveAnswer {
  const text = printed.trim();
  if (text === '') return { kind: 'live', live: null };
  const said = text.startsWith('{') ? fromJson(text) : fromWords(text);
  if (said === null) return { kind: 'not-understood' };
  const version = said.version === undefined ? undefined : cleaned(said.version);
  if (version === null) return { kind: 'not-understood' };
  const commit =
    said.commit?.toLowerCase() ?? past.find((one) => isSameVersion(one.version, version ?? ''))?.commit ?? '';
  if (said.commit !== undefined && !COMMIT.test(commit)) return { kind: 'not-understood' };
  if (commit === '' && version === undefined) return { kind: 'not-understood' };
  return {
    kind: 'live',
    live: {
      commit,
      ...given({ version, deploymentId: said.id }),
    },
  };
}

/** Without `v`; null for what is no version of any scheme. */
function cleaned(text: string): string | null {
  const bare = text.trim().replace(/^v/i, '');
  return semver.clean(text) ?? (versionKey(bare) === null ? null : bare);
}

interface Words {
  readonly commit?: string;
  readonly version?: string;
  readonly id?: string;
}

function fromJson(text: string): Words | null {
  try {
    const { commit, sha, version, tag, id } = Said.parse(JSON.parse(text));
    const said = {
      commit: commit ?? sha,
      version: version ?? tag,
      id: id === undefined ? undefined : String(id),
    };
    return Object.fromEntries(
      Object.entries(said).filter(([, value]) => value !== undefined && value !== ''),
    );
  } catch {
    return null;
  }
}

function fromWords(text: string): Words | null {
  const words = text.split(/\s+/, 3);
  if (words.length > 2) return null;
  const commit = words.find((word) => COMMIT.test(word));
  const version = words.find((word) => cleaned(word) !== null);
  if (commit === undefined && version === undefined) return null;
  return { ...(commit === undefined ? {} : { commit }), ...(version === undefined ? {} : { version }) };
}
