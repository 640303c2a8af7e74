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
  const range = after === null ? [until] : [`${after}..${until}`];
  const filters = containing === undefined ? [] : ['--fixed-strings', `--grep=${containing}`];
  const args = ['log', '-z', '--encoding=UTF-8', `--format=${FORMAT}`, ...filters, ...range, '--'];
  for (let isFirst = true; ; isFirst = false) {
    const log = git.start(args);
    try {
      let rest = '';
      for await (const chunk of log.stdout.setEncoding('utf8') as AsyncIterable<string>) {
        const text = rest + chunk;
        let start = 0;
        for (let end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0', start)) {
          yield parseCommit(text, start, end);
          start = end + 1;
        }
        rest = text.slice(start);
      }
      const outcome = await log.done;
      if (outcome.code === 0) return;
      if (!isFirst || !recover) throw new GitSurprise('reading the history', outcome);
    } finally {
      log.stop();
    }
    await recover();
  }
}

function parseCommit(text: string, start: number, end: number): Commit {
  let at = start;
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
    message: text.slice(at, end),
  };
}
