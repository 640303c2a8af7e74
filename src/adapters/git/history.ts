import type { Commit, Sha } from '../../domain/release.ts';
import type { Git } from './process.ts';

const FORMAT = '%H%n%P%n%ct%n%an%n%ae%n%B';

/** Thrown when git did not get to the end; nothing was yielded when the range names an unknown commit. */
export class HistoryBroken extends Error {
  override readonly name = 'HistoryBroken';
  readonly code: number;
  readonly stderr: string;

  constructor(code: number, stderr: string) {
    super(`git log ended with code ${code}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/**
 * Commits of `after..until`, newest first, in memory that does not grow with their number; with `containing` only
 * those whose message contains that text.
 */
export async function* streamCommits(
  git: Git,
  after: Sha | null,
  until: Sha,
  containing?: string,
): AsyncIterable<Commit> {
  const range = after === null ? [until] : [`${after}..${until}`];
  const filters = containing === undefined ? [] : ['--fixed-strings', `--grep=${containing}`];
  const log = git.start([
    'log',
    '-z',
    '--encoding=UTF-8',
    '--no-show-signature',
    `--format=${FORMAT}`,
    ...filters,
    ...range,
    '--',
  ]);
  log.stdin.end();
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
    const { code, stderr } = await log.done;
    if (code !== 0) throw new HistoryBroken(code, stderr);
    if (rest.trim() !== '') yield parseCommit(rest, 0, rest.length);
  } finally {
    log.stop();
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
  return {
    sha,
    parents: parents === '' ? [] : parents.split(' '),
    at: Number(seconds) * 1_000,
    authorName,
    authorEmail,
    message: text.slice(at, end),
  };
}
