import { z } from 'zod';
import type { AuditHead } from '../../domain/audit/head.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { Sha } from '../../domain/release/release.ts';
import { Cache } from '../repositories/git/clone-cache.ts';
import { GitSurprise, remoteFailure } from '../repositories/git/failure.ts';
import type { Outcome } from '../repositories/git/process.ts';
import { push } from '../repositories/git/push.ts';
import { checkTransport, openRemote, type Remote, remoteShape } from '../repositories/git/remote.ts';
import { Duration } from '../shared/context.ts';
import { defineKind } from '../shared/kinds.ts';
import { headIn, headLine } from './lines.ts';
import type { HeadContext, HeadPlace } from './port.ts';

const REF = 'refs/slipway/audit';
const MOST_READ = 100;
/** Others may publish at the same moment; each of them gets a turn within so many tries. */
const TRIES = 5;
const AUTHOR = ['-c', 'user.name=Slipway', '-c', 'user.email=slipway@users.noreply.invalid'];

const GitHeadSettings = z
  .strictObject({
    use: z.literal('git'),
    ...remoteShape,
    every: Duration.prefault('1h').meta({ description: 'How often, when there is something new.' }),
  })
  .superRefine(checkTransport)
  .meta({ description: `A commit for each head on ${REF} of a git repository; never pushed with force.` });

export const gitHeads = defineKind({
  settings: GitHeadSettings,
  open: ({ every, ...settings }, context: HeadContext): HeadPlace =>
    new GitHeads(Cache.for(context, openRemote(settings, context)), openRemote(settings, context), every),
});

/** Heads as messages of empty commits, each with the one before as its parent. */
class GitHeads implements HeadPlace {
  readonly name: string;
  readonly everyMs: number;
  readonly #cache: Cache;
  readonly #remote: Remote;

  constructor(cache: Cache, remote: Remote, everyMs: number) {
    this.name = `${REF} of ${remote.url}`;
    this.everyMs = everyMs;
    this.#cache = cache;
    this.#remote = remote;
  }

  publish(head: AuditHead): Promise<void> {
    return this.#cache.exclusive(async () => {
      for (let attempt = 1; attempt <= TRIES; attempt += 1) {
        const before = await this.#fetched();
        const [last] = before === null ? [] : await this.#heads(before, 1);
        if (last !== undefined && last.seq >= head.seq) return;
        const commit = await this.#commit(head, before);
        const result = await push(this.#cache.git, [{ ref: REF, to: commit, expected: before }], {
          remote: this.#remote,
          atomic: false,
        });
        if (result.kind === 'pushed') return;
        if (result.kind === 'refused') {
          throw new Refusal('audit-head-refused', { place: this.name, reason: result.reason });
        }
        if (result.kind === 'broken') throw remoteFailure(result, this.#remote);
      }
      throw new Unavailable(this.name, 'others publish there all the time');
    });
  }

  kept(): Promise<readonly AuditHead[]> {
    return this.#cache.exclusive(async () => {
      const tip = await this.#fetched();
      return tip === null ? [] : (await this.#heads(tip, MOST_READ)).toReversed();
    });
  }

  /** Where the ref is on the remote, with what it leads to in our copy; null when there is none. */
  async #fetched(): Promise<Sha | null> {
    await this.#cache.ready();
    const remote = this.#remote;
    const listed = await this.#cache.git.run(['ls-remote', 'origin', REF], { remote });
    if (listed.code !== 0) throw remoteFailure(listed, remote);
    const [, tip] = /^([0-9a-f]{40,64})\t/.exec(listed.stdout.toString('utf8')) ?? [];
    if (tip === undefined) return null;
    const known = await this.#cache.git.run(['cat-file', '-e', `${tip}^{commit}`]);
    if (known.code === 0) return tip;
    const fetched = await this.#cache.git.run(['fetch', '--no-tags', '--quiet', 'origin', REF], { remote });
    if (fetched.code !== 0) throw remoteFailure(fetched, remote);
    return tip;
  }

  /** The newest first. */
  async #heads(tip: Sha, most: number): Promise<readonly AuditHead[]> {
    const text = await this.#local(['log', '-z', '--format=%B', `--max-count=${most}`, tip]);
    return text.split('\0').flatMap((message) => headIn(message.trim().split('\n').at(-1) ?? '') ?? []);
  }

  async #commit(head: AuditHead, before: Sha | null): Promise<Sha> {
    const tree = await this.#local(['hash-object', '-t', 'tree', '-w', '--stdin'], '');
    const parent = before === null ? [] : ['-p', before];
    const message = `Audit log of Slipway: entry ${head.seq}\n\n${headLine(head)}\n`;
    return this.#local([...AUTHOR, 'commit-tree', tree, ...parent, '-F', '-'], message);
  }

  async #local(args: readonly string[], input?: string): Promise<string> {
    const outcome: Outcome = await this.#cache.git.run(args, input === undefined ? {} : { input });
    if (outcome.code !== 0) throw new GitSurprise(args[0] ?? 'git', outcome);
    return outcome.stdout.toString('utf8').trim();
  }
}
