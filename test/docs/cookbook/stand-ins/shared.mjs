// Stands in for a program of a platform, which is known by the name that it is started by. A stand-in takes the command lines that the
// platform documents, word by word, and ends with 64 for all others. What the platform holds is JSON in `state.json` beside the program.
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const here = dirname(process.argv[1]);
const file = join(here, 'state.json');
export const program = basename(process.argv[1]);
export const words = process.argv.slice(2);

/** What the platform holds now; it goes on also while a program waits. */
export const read = () => JSON.parse(readFileSync(file, 'utf8'));
export function change(what) {
  const state = read();
  what(state);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(state));
  renameSync(`${file}.${process.pid}`, file);
  return state;
}

/** Words of the form `--name value` and `--name=value`; what is not in the list is refused. */
export function options(given, allowed) {
  const found = {};
  for (let index = 0; index < given.length; index++) {
    const [name, value] = given[index].split(/=(.*)/s);
    if (!allowed.includes(name)) refuse(`unknown option ${given[index]}`);
    found[name] = value ?? (given[index + 1]?.startsWith('--') ? '' : (given[++index] ?? ''));
  }
  return found;
}
export const say = (text) => process.stdout.write(`${text}\n`);
export const complain = (text) => process.stderr.write(`${text}\n`);
export function fail(why, code = 1) {
  complain(why);
  process.exit(code);
}
export const refuse = (why) => fail(`${program}: ${why}`, 64);
export function need(condition, why) {
  if (!condition) refuse(why);
}
/** The platform refuses, as a test has told it to. */
export function mayFail() {
  const { fail: why } = read();
  if (why) fail(why);
}

appendFileSync(join(here, 'calls.txt'), `${program} ${words.join(' ')}\n`);
if (read().outage && program !== 'git' && program !== 'npm') fail('the platform does not answer');
