import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

export interface GitObject {
  readonly sha: string;
  readonly type: string;
  /** Empty where only the facts were asked for. */
  readonly content: Buffer;
}

interface Asked {
  readonly withContent: boolean;
  readonly answer: (found: GitObject | null) => void;
}

/** Looks things up in a repository through one git process that stays, instead of one for each question. */
export class ObjectReader {
  readonly #path: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #git: ChildProcessWithoutNullStreams | null = null;
  #asked: Asked[] = [];
  #read: Buffer = Buffer.alloc(0);

  constructor(path: string, env: Readonly<Record<string, string | undefined>>) {
    this.#path = path;
    this.#env = env;
  }

  /** Id and type of what a name leads to: `refs/heads/main`, `v1.2.0^{commit}`, `main:package.json`. */
  find(name: string): Promise<GitObject | null> {
    return this.#ask('info', name);
  }

  /** The same with its content. */
  read(name: string): Promise<GitObject | null> {
    return this.#ask('contents', name);
  }

  close(): void {
    this.#git?.stdin.end();
    this.#git = null;
  }

  #ask(command: 'info' | 'contents', name: string): Promise<GitObject | null> {
    if (name === '' || /[\n\0]/.test(name)) return Promise.resolve(null);
    return new Promise((answer) => {
      this.#asked.push({ withContent: command === 'contents', answer });
      this.#git ??= this.#start();
      this.#git.stdin.write(`${command} ${name}\n`);
    });
  }

  #start(): ChildProcessWithoutNullStreams {
    const git = spawn('git', ['--git-dir', this.#path, 'cat-file', '--batch-command'], { env: this.#env });
    git.stdout.on('data', (bytes: Buffer) => {
      this.#read = this.#read.length === 0 ? bytes : Buffer.concat([this.#read, bytes]);
      while (this.#answerNext());
    });
    git.stdin.on('error', () => {}); // it ended: whoever waits hears of that below
    git.stderr.resume();
    const end = () => {
      if (this.#git === git) this.#git = null;
      for (const { answer } of this.#asked.splice(0)) answer(null);
    };
    git.once('error', end).once('close', end);
    // Nobody is kept waiting for it at the end.
    git.unref();
    for (const stream of [git.stdin, git.stdout, git.stderr]) {
      (stream as unknown as { unref?: () => void }).unref?.();
    }
    return git;
  }

  /** False when the next answer has not arrived whole. */
  #answerNext(): boolean {
    const [next] = this.#asked;
    const end = this.#read.indexOf(10);
    if (!next || end < 0) return false;
    const line = this.#read.subarray(0, end).toString();
    // Else it says "NAME missing", or that it is ambiguous.
    const [, sha = '', type = '', size = ''] = /^([0-9a-f]{40}) (\w+) (\d+)$/.exec(line) ?? [];
    const isFound = sha !== '';
    const from = end + 1;
    const length = isFound && next.withContent ? Number(size) + 1 : 0;
    if (this.#read.length < from + length) return false;
    const content = Buffer.from(this.#read.subarray(from, from + Math.max(0, length - 1)));
    this.#read = this.#read.subarray(from + length);
    this.#asked.shift();
    next.answer(isFound ? { sha, type, content } : null);
    return true;
  }
}
