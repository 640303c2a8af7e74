import { diskTrouble } from '../../../domain/refusals/disk.ts';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Remote } from './remote.ts';
import { keyProblem } from './ssh-key.ts';

interface Failed {
  readonly code: number;
  readonly stderr: string;
}

/** ssh does not know who answers, or knows somebody else under that name. */
const HOST_KEY =
  /host key verification failed|no \S+ host key is known|remote host identification has changed/i;

const AUTH = [
  /authentication failed/i,
  /could not read (username|password)/i,
  /terminal prompts disabled/i,
  /permission denied \((publickey|password|keyboard)/i,
  /returned error: 40[13]/i,
  /invalid (username|credentials)/i,
  /access denied/i,
];
/** The host found out that it has lost objects. */
const DAMAGED = /possible repository corruption on the remote side|bad (?:tree|blob|commit) object/i;

/** The line that a command which was sent elsewhere ends with; see `redirectLine`. */
const REDIRECTED = /^slipway: redirected to (\S+)$/m;

const GONE = [
  /does not appear to be a git repository/i,
  /repository .{0,500}not found/i,
  /not found$/im,
  /returned error: 404/i,
  /no such file or directory/i,
  /not a git repository/i,
  /could not be found or you don't have permission/i,
  /unsupported protocol|is not allowed|unable to find remote helper/i,
];

/**
 * What a failed command that talked to the remote means: a Refusal for what a person can fix, Unavailable for
 * everything else, because most of the rest (names, connections, timeouts, 5xx, locks) passes by itself.
 */
export function remoteFailure({ code, stderr }: Failed, remote: Remote): Refusal | Unavailable {
  const disk = diskTrouble(ownWords(stderr));
  if (disk) return disk;
  const facts = { remote: remote.url, reason: saidBy(stderr) };
  const redirect = REDIRECTED.exec(stderr)?.[1];
  if (redirect !== undefined || /(?:returned error:|HTTP) 30[12378]\b/.test(stderr)) {
    return new Refusal('repository-redirects', { remote: remote.url, ...(redirect ? { to: redirect } : {}) });
  }
  if (HOST_KEY.test(stderr)) {
    const isOther = /identification has changed/i.test(stderr);
    return new Refusal('repository-host-key', { remote: remote.url, ...(isOther ? { isOther: 'yes' } : {}) });
  }
  if (DAMAGED.test(stderr)) return new Refusal('repository-damaged', facts);
  const key = remote.key === undefined ? null : keyProblem(remote.key);
  if (key !== null && /permission denied|identity file|load key/i.test(stderr)) {
    return new Refusal('repository-auth', { remote: remote.url, reason: key });
  }
  if (AUTH.some((pattern) => pattern.test(stderr))) return new Refusal('repository-auth', facts);
  if (GONE.some((pattern) => pattern.test(stderr))) return new Refusal('repository-unreachable', facts);
  return new Unavailable('the git remote', facts.reason || `git ended with code ${code}`);
}

/**
 * What to add to what git said when the remote answered with a redirect, which git is not let follow: where to, as
 * the address of a repository. `trace` holds the headers of the answers, as GIT_TRACE_CURL writes them.
 */
export function redirectLine(trace: string, remote: string): string {
  const last = trace.slice(trace.lastIndexOf('<= Recv header: HTTP/'));
  if (!/^<= Recv header: HTTP\/[\d.]+ 3/.test(last)) return '';
  const [, location = ''] = /<= Recv header: location: *(\S+)/i.exec(last) ?? [];
  if (location === '') return '';
  if (!URL.canParse(location, remote)) return '';
  const url = new URL(location, `${remote.replace(/\/$/, '')}/info/refs`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return '';
  const path = url.pathname.replace(/\/(?:info\/refs|git-(?:upload|receive)-pack)$/, '');
  return `\nslipway: redirected to ${url.origin}${path}`.slice(0, 500);
}

/**
 * Whether it was git that answered, by the headers of the answers over http: git takes the page of a sign-in or of an
 * error for a repository without refs. Null when it was; else the type of what came instead.
 */
export function pageInstead(trace: string): string | null {
  const types = [...trace.matchAll(/<= Recv header: content-type: *([^\r\n;]+)/gi)].map(
    ([, type]) => type ?? '',
  );
  if (types.some((type) => type.startsWith('application/x-git-'))) return null;
  return types.at(-1)?.trim() ?? 'nothing';
}

/** Whether git complains about our own copy: by its path, or in words that the other end did not say. */
export function isDamage(stderr: string, gitDir: string): boolean {
  const own = ownWords(stderr);
  if (diskTrouble(own)) return false;
  return own.split('\n').some((line) => line.includes(gitDir) || DAMAGE.test(line));
}

/** What git itself said, and not the other end. */
function ownWords(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !line.startsWith('remote:'))
    .join('\n');
}

const DAMAGE =
  /(loose object|packfile|object file|pack) .{0,300}(corrupt|empty|damaged|mismatch|cannot be|does not match)|invalid sha1 pointer|unable to read tree/i;

/** What git and the other end said, in one line of at most 300 characters. */
export function saidBy(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.replace(/^((fatal|error|remote|hint):\s*)+/i, '').trim())
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a remote may send anything
    .map((line) => line.replace(/[\u0000-\u001f\u007f]/g, ''))
    .filter((line) => line !== '' && !NOISE.test(line));
  const text = [...new Set(lines)].join('; ');
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}

const NOISE =
  /^(To |Please make sure|and the repository exists|Could not read from remote repository|failed to push some refs|warning:|Updates were rejected|Enumerating|Counting|Compressing|Writing|Total|Done$)/i;

export class GitSurprise extends Error {
  override readonly name = 'GitSurprise';
  readonly stderr: string;

  constructor(doing: string, { code, stderr }: Failed) {
    super(`${doing}: git ended with code ${code}: ${saidBy(stderr)}`);
    this.stderr = stderr;
  }
}
