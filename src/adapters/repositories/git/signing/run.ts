import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Refusal, Unavailable } from '../../../../domain/refusals/refusal.ts';

const LONGEST_MS = 30_000;
const MOST_OUTPUT = 1_000_000;

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
  const folder = await mkdtemp(join(tmpdir(), 'slipway-sign-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Refusal `signing-program-missing` for a program that is nowhere on the path. */
export function mustHaveProgram(program: string): void {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  if (!folders.some((folder) => existsSync(join(folder, program)))) {
    throw new Refusal('signing-program-missing', { program });
  }
}
