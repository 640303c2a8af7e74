// Loaded into the bot before everything else (`node --import`): the process kills itself before and after what it does.
//
// DIE_LIST names a file with a line for each point at which an earlier life died; without that file nobody dies. DIE_SHARE is `n/m`: this promotion
// dies at the points whose hash modulo m is n, once each. `m` is 1: at every point.
import childProcess from 'node:child_process';
import { createHash } from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';

const list = process.env['DIE_LIST'];
const [share = 0, shares = 1] = (process.env['DIE_SHARE'] ?? '0/1').split('/').map(Number);
const isOn = existsSync(list);
const died = new Set(isOn ? readFileSync(list, 'utf8').split('\n') : []);
const met = new Set();

function reach(point) {
  if (!isOn || met.has(point) || died.has(point)) return;
  met.add(point);
  const hash = createHash('sha256').update(point).digest().readUInt32BE(0);
  if (hash % shares !== share) return;
  appendFileSync(list, `${point}\n`);
  process.kill(process.pid, 'SIGKILL');
  // The signal comes at once, but not before the next line.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

/** What differs from run to run. */
function named(text) {
  return String(text)
    .replace(/[0-9a-f]{7,}|\d+(\.\d+)*/gi, '#')
    .replace(/\s+/g, ' ')
    .slice(0, 90);
}

// Steps of runs: before their work, and when it is done and not stored yet.
const runStep = DBOS.runStep;
DBOS.runStep = function (work, options) {
  const name = named(options?.name);
  const counted = async () => {
    reach(`before step ${name}`);
    const outcome = await work();
    reach(`after step ${name}`);
    return outcome;
  };
  return runStep.call(this, counted, options);
};

// Statements, those of DBOS and of the migrations too.
const query = pg.Client.prototype.query;
pg.Client.prototype.query = function (...args) {
  const text = typeof args[0] === 'string' ? args[0] : args[0]?.text;
  const name = typeof text === 'string' ? named(text) : null;
  if (name === null) return query.apply(this, args);
  // What a transaction ends is what tells one commit from another.
  const point = /^(begin|commit|rollback)\b/i.test(name) ? `${name} of ${this.lastStatement}` : name;
  this.lastStatement = name;
  reach(`before ${point}`);
  const answer = query.apply(this, args);
  answer?.then?.(
    () => reach(`after ${point}`),
    () => undefined,
  );
  return answer;
};

// Programs: git, and the command of a target.
for (const way of ['spawn', 'execFile']) {
  const start = childProcess[way];
  childProcess[way] = function (program, args, ...rest) {
    const words = Array.isArray(args) ? args.filter((one) => !/^-|[/=]/.test(one)).slice(0, 2) : [];
    const name = named([program.split('/').at(-1), ...words].join(' '));
    reach(`before ${name}`);
    const child = start.call(this, program, args, ...rest);
    child.once('exit', () => reach(`after ${name}`));
    return child;
  };
}
syncBuiltinESMExports();

// Requests: Slack, GitHub, webhooks; not those that only look whether production is well.
const nameOf = ({ method, path, origin = '' }) => named(`${method} ${origin}${path.split('?')[0]}`);
const isLook = ({ path }) => /^\/(health|api\/|$)/.test(path) && !/^\/api\/[a-z]+\.[a-z]+/i.test(path);
diagnostics.subscribe('undici:request:create', ({ request }) => {
  if (!isLook(request)) reach(`before ${nameOf(request)}`);
});
diagnostics.subscribe('undici:request:trailers', ({ request }) => {
  if (!isLook(request)) reach(`after ${nameOf(request)}`);
});
