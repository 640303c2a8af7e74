import { randomBytes } from 'node:crypto';
import type { Commit, Sha } from '../../../domain/release/release.ts';
import { GitSurprise } from './failure.ts';
import type { Git } from './process.ts';

const FORMAT = '%H%n%P%n%ct%n%an%n%ae%n%ce%n%B';

interface HistoryOptions {
  /** Only commits whose message contains this text. */
  readonly containing?: string;
  /** Called once when git does not know the commits; then it is tried again. */
  readonly recover?: () => Promise<void>;
}

/** Commits of `after..until`, newest first, in memory that does not grow with their number. */
export async function* streamCommits(
  git: Git,
  after: Sha | null,
  until: Sha,
  { containing, recover }: HistoryOptions = {},
): AsyncIterable<Commit> {
  const filters = containing === undefined ? [] : ['--fixed-strings', `--grep=${containing}`];
  const args = ['log', '-z', '--encoding=UTF-8', `--format=${FORMAT}`, ...filters, ...range(after, until)];
  for await (const record of streamRecords(git, args, recover)) yield parseCommit(record);
}

/**
 * The commits of `after..until` with a changed file that matches. Neither contents nor renames are looked at, so that a
 * partial copy has all that is needed, and a file that moves counts where it was and where it is.
 */
export async function touchingCommits(
  git: Git,
  { after, until }: { readonly after: Sha | null; readonly until: Sha },
  matches: (path: string) => boolean,
  recover?: () => Promise<void>,
): Promise<ReadonlySet<Sha>> {
  // A file may be called anything, so that no other text says where the next commit begins.
  const mark = randomBytes(16).toString('hex');
  const named = ['-z', '--name-only', '--no-renames', `--format=${mark}%H`, ...range(after, until)];
  const found = new Set<Sha>();
  const read = async (...args: readonly string[]) => {
    let commit = '';
    let isFirst = false;
    const log = ['-c', 'log.showRoot=true', 'log', ...args, ...named];
    for await (const record of streamRecords(git, log, recover)) {
      const isCommit = record.startsWith(mark);
      if (isCommit) commit = record.slice(mark.length);
      // A line ends between a commit and its files.
      else if (!found.has(commit) && matches(isFirst ? record.slice(1) : record)) found.add(commit);
      isFirst = isCommit;
    }
  };
  await Promise.all([read('--no-merges'), read('--merges', '--first-parent', '-m')]);
  return found;
}

function range(after: Sha | null, until: Sha): readonly string[] {
  return [after === null ? until : `${after}..${until}`, '--'];
}

/** What a command prints with `-z`, piece by piece. */
async function* streamRecords(
  git: Git,
  args: readonly string[],
  recover: (() => Promise<void>) | undefined,
): AsyncIterable<string> {
  for (let isFirst = true; ; isFirst = false) {
    const log = git.start(args);
    try {
      let rest = '';
      for await (const chunk of log.stdout.setEncoding('utf8') as AsyncIterable<string>) {
        const text = rest + chunk;
        let start = 0;
        for (let end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0', start)) {
          yield text.slice(start, end);
          start = end + 1;
        }
        rest = text.slice(start);
      }
      const outcome = await log.done;
      if (outcome.code === 0) {
        if (rest !== '') yield rest;
        return;
      }
      if (!isFirst || !recover) throw new GitSurprise('reading the history', outcome);
    } finally {
      log.stop();
    }
    await recover();
  }
}

function parseCommit(text: string): Commit {
  let at = 0;
  const line = () => {
    const from = at;
    const lineEnd = text.indexOf('\n', at);
    at = lineEnd + 1;
    return text.slice(from, lineEnd);
  };
  const sha = line();
  const parents = line();
  const seconds = line();
  const authorName = line();
  const authorEmail = line();
  const committerEmail = line();
  return {
    sha,
    parents: parents === '' ? [] : parents.split(' '),
    at: Number(seconds) * 1_000,
    authorName,
    authorEmail,
    committerEmail,
    message: text.slice(at),
  };
}
