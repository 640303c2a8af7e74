// A receiver for Slipway's `webhook` target that deploys by running a command. docs/webhook-target.md explains it.
//
//   SLIPWAY_WEBHOOK_SECRET=… PORT=8090 node examples/webhook-receiver.mjs ./deploy.sh
//
// The command is run as `./deploy.sh deploy|rollback|check <commit> <version>`; exit code 0 means that it worked.
// The orders of one service run one after the other; a rollback stops what runs or waits before it, and a DELETE of a
// status address one of them (`cancel: true`): its process, and those that it started, get SIGTERM, and SIGKILL after 10 s.
// It gives the release all requests, so an order for a part of them is refused: whoever splits passes `percent` on.
// Node 20 and nothing else is needed. What was deployed is kept in STATE_FILE (receiver-state.json).

import { spawn } from 'node:child_process';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const REPLAY_WINDOW_S = 300;
const LONGEST_BODY = 64 * 1024;
const STOPS_WITHIN_MS = 10_000;
const { SLIPWAY_WEBHOOK_SECRET: secret = '', STATE_FILE: file = 'receiver-state.json' } = process.env;
const command = process.argv.slice(2);
if (secret.length < 16 || command.length === 0) {
  process.stderr.write(
    'Set SLIPWAY_WEBHOOK_SECRET (at least 16 characters) and name the command that deploys.\n',
  );
  process.exit(2);
}

/** @type {{ live: object | null, deployments: Record<string, { status: string, detail: string, log: string[] }> }} */
const state = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { live: null, deployments: {} };
for (const deployment of Object.values(state.deployments)) {
  if (deployment.status !== 'running') continue;
  deployment.status = 'failed';
  deployment.detail = 'The receiver was started again meanwhile; look whether it deployed.';
}
save();

/** Whole or not at all, also when the machine stops in the middle. */
function save() {
  writeFileSync(`${file}.new`, JSON.stringify(state, null, 2));
  renameSync(`${file}.new`, file);
}

/**
 * The signature covers timestamp, method, path and body: what was signed for one address is good for no other. What is older
 * than the window may be a request that somebody recorded.
 */
function isFromSlipway({ headers, method, url }, body) {
  const timestamp = headers['slipway-timestamp'] ?? '';
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!/^\d+$/.test(timestamp) || age > REPLAY_WINDOW_S) return false;
  const wanted = Buffer.from(
    `v2=${createHmac('sha256', secret)
      .update(['v2', timestamp, method, url, body].join('\n'))
      .digest('hex')}`,
  );
  const given = Buffer.from(headers['slipway-request-signature'] ?? '');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Runs the command; never through a shell. In a group of its own, so that all of it can be stopped. */
function run([kind, commit, version], begun = () => undefined) {
  return new Promise((resolve) => {
    const [program, ...args] = command;
    const child = spawn(program, [...args, kind, commit, version ?? ''], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    begun(child);
    const log = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => log.push(...text.split('\n').filter(Boolean)));
    }
    child.on('error', (error) => resolve({ ok: false, detail: error.message, log }));
    child.on('close', (code) => resolve({ ok: code === 0, detail: log.at(-1) ?? `exit code ${code}`, log }));
  });
}

/** By key: the orders that have not ended. */
const open = new Map();
/** By service: a promise of the end of its newest order. */
const turns = new Map();

/** The same key is the same deployment: it is started once, however often it is ordered. */
function order({ service, key, kind, commit, build, version }) {
  if (state.deployments[key]) return;
  const before = [...open].filter(([, one]) => one.service === service);
  const what = `${kind} of ${version}`;
  const detail = before.length === 0 ? what : `${what}: waits for the order before it`;
  state.deployments[key] = { status: 'running', detail, log: [] };
  save(); // before anything is done, so that a second order finds it
  if (kind === 'rollback') for (const [one] of before) stop(one);
  open.set(key, { service, child: null, isStopped: false });
  const turn = turns.get(service) ?? Promise.resolve();
  // Never fails: a run always resolves.
  turns.set(
    service,
    turn.then(() => carryOut(key, what, [kind, build?.commit ?? commit, version])),
  );
}

async function carryOut(key, what, wanted) {
  const [deployment, mine] = [state.deployments[key], open.get(key)];
  let ended = { ok: false, detail: '', log: [] };
  if (!mine.isStopped) {
    deployment.detail = what;
    ended = await run(wanted, (child) => {
      mine.child = child;
    });
  }
  open.delete(key);
  const { ok, log } = ended;
  const detail = mine.isStopped && !ok ? `the ${what} was stopped` : ended.detail;
  Object.assign(deployment, { status: ok ? 'succeeded' : 'failed', detail, log: log.slice(-20) });
  if (ok) state.live = { commit: wanted[1], version: wanted[2], id: key };
  save();
}

/** It ends soon, and the next one begins after its end. */
function stop(key) {
  const one = open.get(key);
  if (one === undefined || one.isStopped) return;
  one.isStopped = true;
  const { child } = one;
  if (!child?.pid) return;
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // It has ended by itself.
    }
  };
  signal('SIGTERM');
  const late = setTimeout(signal, STOPS_WITHIN_MS, 'SIGKILL');
  child.once('close', () => clearTimeout(late));
}

const statusOf = (key) => ({
  id: key,
  statusUrl: `/status/${encodeURIComponent(key)}`,
  ...state.deployments[key],
});

async function answer(method, path, body) {
  if (method === 'GET' && path === '/live') return [200, state.live];
  if ((method === 'GET' || method === 'DELETE') && path.startsWith('/status/')) {
    const key = decodeURIComponent(path.slice('/status/'.length));
    if (method === 'DELETE') stop(key);
    return state.deployments[key] ? [200, statusOf(key)] : [404, { message: 'no such deployment' }];
  }
  if (method === 'POST' && path === '/orders') {
    const wanted = JSON.parse(body);
    if (wanted.percent !== undefined && wanted.percent !== 100) {
      return [400, { message: `this receiver cannot give a release ${wanted.percent} % of the requests` }];
    }
    order(wanted);
    return [state.deployments[wanted.key].status === 'running' ? 202 : 200, statusOf(wanted.key)];
  }
  if (method === 'POST' && path === '/check') {
    const { commit, build, version } = JSON.parse(body);
    const { ok, detail } = await run(['check', build?.commit ?? commit, version]);
    return ok ? [200, { detail }] : [422, { message: detail }];
  }
  return [404, { message: 'no such address' }];
}

const server = createServer(async (request, response) => {
  const send = (status, value) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  try {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) {
      body += chunk;
      if (body.length > LONGEST_BODY) return send(413, { message: 'too long' });
    }
    if (!isFromSlipway(request, body)) return send(401, { message: 'the signature does not fit' });
    return send(...(await answer(request.method, new URL(request.url, 'http://receiver').pathname, body)));
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    return send(500, { message: 'the receiver failed' });
  }
});
server.listen(Number(process.env.PORT ?? 8090), process.env.HOST ?? '127.0.0.1', () => {
  const { address, port } = server.address();
  process.stdout.write(`listening on http://${address}:${port}\n`);
});
