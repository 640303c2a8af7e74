import { closeSync, openSync, writeSync } from 'node:fs';
import { LineSplitter, type Scrubber } from '../../shared/program/scrub.ts';

const MOST_LOG_BYTES = 20 * 1024 * 1024;

export interface OutputLog {
  /** Takes the stream to its end, whether or not the disk takes what it says. */
  follow(stream: NodeJS.ReadableStream | null): Promise<void>;
  /** The errno code of why something of it was not kept; null when all is there. */
  close(): string | null;
}

/** The log on disk: plain lines without secrets, up to a limit. Never throws: output may be lost, a deployment not. */
export function openLog(path: string, secrets: Scrubber): OutputLog {
  let file: number | null = null;
  let bytes = 0;
  let lost: string | null = null;
  const attempt = (action: () => void) => {
    try {
      action();
    } catch (error) {
      lost = (error as NodeJS.ErrnoException).code ?? 'unknown';
    }
  };
  const put = (line: string) => {
    const buffer = Buffer.from(`${line}\n`);
    for (let from = 0; from < buffer.length && file !== null; )
      from += writeSync(file, buffer, from, buffer.length - from);
    bytes += buffer.length;
  };
  const write = (line: string) => {
    if (file === null || bytes > MOST_LOG_BYTES) return;
    attempt(() => {
      put(line);
      if (bytes > MOST_LOG_BYTES) put('… the rest of the output is not kept');
    });
  };
  attempt(() => {
    file = openSync(path, 'a');
  });
  return {
    follow: (stream) =>
      new Promise((resolve) => {
        if (stream === null) return resolve();
        const splitter = new LineSplitter(secrets, write);
        stream.on('data', (chunk: Buffer) => splitter.push(chunk));
        stream.once('close', () => {
          splitter.end();
          resolve();
        });
      }),
    close: () => {
      const open = file;
      file = null;
      if (open !== null) attempt(() => closeSync(open));
      return lost;
    },
  };
}
