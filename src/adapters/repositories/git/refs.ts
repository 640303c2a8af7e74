import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { Refs } from '../port.ts';

/** Where the copies of the remote's refs live in the cache; refs/tags is left to tags being made. */
export const MIRROR = 'refs/remote/';

export interface RefLine {
  /** `heads/main`, `tags/v1.0.0` */
  readonly name: string;
  /** What the ref holds: a commit, or the tag object of an annotated tag. */
  readonly id: Sha;
  /** The commit behind an annotated tag. */
  readonly peeled?: Sha;
}

/** Output of `git ls-remote --heads --tags`. */
export function parseLsRemote(output: string): readonly RefLine[] {
  const lines: { name: string; id: Sha; peeled?: Sha }[] = [];
  for (const line of output.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    const id = line.slice(0, tab);
    const ref = line.slice(tab + 1);
    const last = lines.at(-1);
    if (ref.endsWith('^{}')) {
      if (last && `refs/${last.name}^{}` === ref) last.peeled = id;
    } else if (ref.startsWith('refs/')) {
      lines.push({ name: ref.slice('refs/'.length), id });
    }
  }
  return lines;
}

/** Output of `git ls-remote --symref … HEAD`: the branch that HEAD is; null where the remote does not say. */
export function parseHead(output: string): string | null {
  return /^ref: refs\/heads\/([^\t\n]+)\tHEAD$/m.exec(output)?.[1] ?? null;
}

export const MIRROR_FORMAT = '%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)';

/** Output of `git for-each-ref` with the format above. Tags of tags come without `peeled`. */
export function parseMirror(output: string): readonly RefLine[] {
  return output.split('\n').flatMap((line) => {
    const [id, , peeled, peeledType, ...rest] = line.split(' ');
    const ref = rest.join(' ');
    if (!id || !ref.startsWith(MIRROR)) return [];
    const name = ref.slice(MIRROR.length);
    return [peeled && peeledType === 'commit' ? { name, id, peeled } : { name, id }];
  });
}

/** Whether the copy holds exactly what the remote said. */
export function isSame(remote: readonly RefLine[], mirror: readonly RefLine[]): boolean {
  if (remote.length !== mirror.length) return false;
  const known = new Map(mirror.map(({ name, id }) => [name, id]));
  return remote.every(({ name, id }) => known.get(name) === id);
}

export function toRefs(lines: readonly RefLine[]): Refs {
  const branches: Record<string, Sha> = {};
  const tags: { name: string; commit: Sha; annotated: boolean }[] = [];
  for (const { name, id, peeled } of lines) {
    if (name.startsWith('heads/')) branches[name.slice('heads/'.length)] = id;
    else if (name.startsWith('tags/')) {
      tags.push({ name: name.slice('tags/'.length), commit: peeled ?? id, annotated: peeled !== undefined });
    }
  }
  return { branches, tags };
}

/** Refusal `branch-missing`. */
export function tipOf({ branches }: Refs, branch: string, remote: { readonly url: string }): Sha {
  const tip = Object.hasOwn(branches, branch) ? branches[branch] : undefined;
  if (tip === undefined) throw new Refusal('branch-missing', { branch, remote: remote.url });
  return tip;
}
