import { existsSync, readFileSync, writeSync } from 'node:fs';
import { READERS } from './readers.ts';

/**
 * For a process of its own: has every reader read nested texts, and says before each which one it is. Where the system tells,
 * it ends with 1 at the first that takes much of the stack: what takes all of it may end the process, or not.
 * Node has 984 kB; a pattern of 2,000 characters, the most that is compiled, takes about 300.
 */
const MOST_STACK_KB = 400;
const LENGTHS = [1_000, 10_000];
const STACK = '/proc/self/smaps';

const NESTED: readonly (readonly [open: string, close: string])[] = [
  ['[', ']'],
  ['{', '}'],
  ['(', ')'],
  ['((', '))'],
  ['(?:a|', ')'],
  ['- ', ''],
  ['? ', ''],
  ['{"a":', '}'],
  ['{a: ', '}'],
  ['[a: ', ']'],
  ['{a=', '}'],
  ['[{', '}]'],
  ['[\n', '\n]'],
  ['<a>', '</a>'],
  ['> ', ''],
  ['* ', ''],
  ['**', '**'],
  ['${', '}'],
  ['{{', '}}'],
  ['![', '](a)'],
  ['!', ''],
  ['"', ''],
];
const FRAMES: readonly (readonly [string, string])[] = [
  ['', ''],
  ['a = ', '\n'],
  ['{"version":"1.0.0","a":', '}'],
];

/** The most that the stack of this process has taken so far, in kB. */
function stackTaken(): number {
  if (!existsSync(STACK)) return 0;
  const maps = readFileSync(STACK, 'latin1');
  return Number(/\[stack\][\s\S]*?Rss:\s+(\d+)/.exec(maps)?.[1] ?? 0);
}

for (const [file, readers] of Object.entries(READERS)) {
  for (const [name, read] of Object.entries(readers)) {
    writeSync(1, `${file} ${name}\n`);
    for (const length of LENGTHS) {
      for (const [head, tail] of FRAMES) {
        for (const [open, close] of NESTED) {
          const levels = Math.floor(length / (open.length + close.length));
          try {
            read(`${head}${open.repeat(levels)}1${close.repeat(levels)}${tail}`);
          } catch {
            // Refusing the text is fine.
          }
        }
      }
    }
    const taken = stackTaken();
    if (taken <= MOST_STACK_KB) continue;
    writeSync(1, `took ${taken} kB of the stack\n`);
    process.exit(1);
  }
}
writeSync(1, 'all were read\n');
