import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

// The floor: the git commands that nobody who looks at the remote, reads the commits, commits, tags and pushes can
// do without, one after the other in a clone. The release files are already written and only copied; there is no
// version arithmetic. Prints how long that took, as Slipway's side of the bench does.
const [next = '', notes = '', tag = ''] = process.argv.slice(2);
const git = (...args: readonly string[]) =>
  execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 });

const started = performance.now();
git('fetch', '--quiet', 'origin');
const last = git('describe', '--tags', '--abbrev=0', '--match', 'v*').trim();
git('log', '--format=%H %s%n%b', `${last}..HEAD`);
for (const name of readdirSync(next)) copyFileSync(join(next, name), name);
git('commit', '--quiet', '--all', '--message', `chore(release): ${tag}`);
git('tag', '--annotate', '--file', notes, tag);
git('push', '--quiet', '--atomic', 'origin', 'main', tag);
console.log(JSON.stringify({ workMs: performance.now() - started }));
