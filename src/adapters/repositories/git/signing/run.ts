import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Refusal, Unavailable } from '../../../../domain/refusals/refusal.ts';

const LONGEST_MS = 30_000;
const MOST_OUTPUT = 1_000_000;
const FOLDER = 'slipway-sign-';
/** No work with a key takes this long: what is older was left by a process that was killed. */
const LEFT_AFTER_MS = 10 * 60_000;

export interface SigningAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that signs. Refusal `signing-program-missing`; Unavailable when it takes too long. */
export function runSigning(
  program: string,
  args: readonly string[],
  { input = '', home }: { readonly input?: string; readonly home: string },
): Promise<SigningAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: home, env: signingEnvironment(home), timeout: LONGEST_MS });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < MOST_OUTPUT) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < MOST_OUTPUT) stderr += text;
    });
    // What it could not read it will complain about itself.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new Refusal('signing-program-missing', { program }) : error);
    });
    child.on('close', (code, killed) => {
      if (killed) reject(new Unavailable(program, 'did not end'));
      else resolve({ code: code ?? -1, stdout, stderr });
    });
  });
}

/** Neither the key ring of whoever runs Slipway nor an agent of theirs. */
function signingEnvironment(home: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home, GNUPGHOME: home, LC_ALL: 'C', LANGUAGE: 'C' };
}

/** A folder that only this account can read, and that is gone afterwards. */
export async function withPrivateFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  // The path of a socket in it must be short.
  const folder = await mkdtemp(join(tmpdir(), FOLDER));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Takes away the folders that processes of this account left when they were killed: there is a key in them. */
export function removeLeftFolders(now: number): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(FOLDER))) {
    const folder = join(tmpdir(), name);
    try {
      const { mtimeMs, uid } = statSync(folder);
      if (uid === process.getuid?.() && now - mtimeMs > LEFT_AFTER_MS)
        rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody else was faster.
    }
  }
}

/** What gpg tells of a key without importing it; empty when it tells nothing. */
export function packetsOf(key: string): string {
  const home = mkdtempSync(join(tmpdir(), FOLDER));
  try {
    const { stdout } = spawnSync('gpg', ['--batch', '--list-packets'], {
      input: key,
      env: signingEnvironment(home),
      timeout: LONGEST_MS,
      encoding: 'utf8',
    });
    return stdout ?? '';
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Refusal `signing-program-missing` for a program that is nowhere on the path. */
export function mustHaveProgram(program: string): void {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  if (!folders.some((folder) => existsSync(join(folder, program)))) {
    throw new Refusal('signing-program-missing', { program });
  }
}
