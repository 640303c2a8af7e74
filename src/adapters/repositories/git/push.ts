import { mustStillAct } from '../../../domain/operations/acting.ts';
import type { Sha } from '../../../domain/release/release.ts';
import { saidBy } from './failure.ts';
import type { Git, GitOptions } from './process.ts';

/** One ref to move. */
export interface RefUpdate {
  /** Full name: `refs/heads/main`. */
  readonly ref: string;
  /** Object to put there; null deletes the ref. */
  readonly to: Sha | null;
  /** Where it must stand now; null: it must not exist. */
  readonly expected: Sha | null;
}

export type PushResult =
  | { readonly kind: 'pushed' }
  /** Nothing was changed: at least one ref was not where it was expected. */
  | { readonly kind: 'stale' }
  /** Nothing was changed: the remote does not want it. */
  | {
      readonly kind: 'refused';
      readonly reason: string;
      /** Full names of those that it does not want; the others only went with them. */
      readonly refs: readonly string[];
    }
  | { readonly kind: 'atomic-unsupported' }
  /** Nobody knows whether anything was changed. */
  | { readonly kind: 'broken'; readonly code: number; readonly stderr: string };

const STALE =
  /stale info|fetch first|non-fast-forward|already exists|needs force|failed to lock|cannot lock ref|incorrect old value|failed to update ref|reference already exists/i;

/** Moves all refs or none, each only from where it is expected. */
export async function push(
  git: Git,
  updates: readonly RefUpdate[],
  options: GitOptions & { readonly atomic?: boolean; readonly dryRun?: boolean; readonly to?: string },
): Promise<PushResult> {
  const { atomic = true, dryRun = false, to = 'origin', ...gitOptions } = options;
  if (!dryRun) await mustStillAct();
  const outcome = await git.run(
    [
      'push',
      '--porcelain',
      '--no-verify',
      '--no-follow-tags',
      '--no-thin',
      '--recurse-submodules=no',
      ...(atomic ? ['--atomic'] : []),
      ...(dryRun ? ['--dry-run'] : []),
      ...updates.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`),
      '--',
      to,
      ...updates.map(({ ref, to: target }) => `${target ?? ''}:${ref}`),
    ],
    gitOptions,
  );
  if (outcome.code === 0) return { kind: 'pushed' };
  if (/does not support --atomic/i.test(outcome.stderr)) return { kind: 'atomic-unsupported' };
  const rejected = outcome.stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => ({ ref: refOf(line), reason: reasonOf(line) }))
    .filter(({ reason }) => !/^atomic (?:push fail(?:ed|ure)|transaction failed)$/i.test(reason));
  const reasons = rejected.map(({ reason }) => reason);
  if (reasons.some((reason) => STALE.test(reason))) return { kind: 'stale' };
  if (
    reasons.length > 0 &&
    !reasons.some((reason) => /failed to report status|remote end hung up|unpacker error/i.test(reason))
  ) {
    const said = saidBy(outcome.stderr);
    const reason = [...new Set(reasons)].join('; ');
    return {
      kind: 'refused',
      reason: said === '' ? reason : `${reason}: ${said}`,
      refs: rejected.map(({ ref }) => ref),
    };
  }
  return { kind: 'broken', code: outcome.code, stderr: outcome.stderr };
}

/** `!\t<id>:refs/heads/main\t[rejected] (fetch first)` → `refs/heads/main`. */
function refOf(rejected: string): string {
  const [, refs = ''] = rejected.split('\t');
  return refs.slice(refs.indexOf(':') + 1);
}

/** `! [rejected] main -> main (fetch first)` → `fetch first`. */
function reasonOf(rejected: string): string {
  const line = rejected.trimEnd();
  const open = line.indexOf('(');
  return open >= 0 && line.endsWith(')') ? line.slice(open + 1, -1) : (rejected.split('\t').at(-1) ?? '');
}
