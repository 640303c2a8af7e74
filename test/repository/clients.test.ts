import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** What opens connections to other machines, and where that is allowed, by why it still goes through a proxy. */
const DOORS: readonly (readonly [
  door: string,
  pattern: RegExp,
  allowed: Readonly<Record<string, string>>,
])[] = [
  [
    "Node's own clients",
    /^import (?!type\b)[^;]*\b(?:request|get|connect|createConnection|Agent|Socket)\b[^;]*from '(?:node:)?(?:http|https|http2|net|tls)'/m,
    {
      'adapters/shared/network/tunnel.ts': 'speaks to the proxy itself',
      'adapters/checks/shared/socket.ts':
        'speaks to databases and ports: no HTTP, which is all that proxies take',
      'engine/database/held-socket.ts': 'a socket in a folder of this machine',
    },
  ],
  [
    'the fetch of Node',
    /(?<![.\w#'])(?:globalThis\.)?fetch\((?!\))|\bfetch: (?:globalThis\.)?fetch\b/,
    { 'adapters/repositories/github/files.ts': 'a function of its own, named so' },
  ],
  [
    "the library's connections and requests",
    /^import (?!type\b)[^;]*\b(?:Agent|Client|Pool|ProxyAgent|EnvHttpProxyAgent|fetch|request|stream|pipeline|connect|upgrade|EventSource|setGlobalDispatcher)\b[^;]*from 'undici'/m,
    {
      'adapters/shared/network/dispatcher.ts': 'this is the place',
      'adapters/shared/network/fetch.ts': 'gives it our dispatcher',
      'adapters/shared/http.ts': 'gives it our dispatcher',
      'adapters/shared/http-lines.ts': 'gives it our dispatcher',
    },
  ],
  [
    'a socket without our dispatcher',
    /new (?:WebSocket|WebSocketStream|EventSource)\((?![^)]*\bdispatcher\b)/,
    {},
  ],
  [
    'a client of Slack without our options',
    /new WebClient\((?![^)]*\b(?:clientOptions|options)\b)/,
    {
      'app/audit.ts': 'asks Slack nothing: heads in threads are read by people',
      'cli/audit-heads.ts': 'asks Slack nothing: heads in threads are read by people',
    },
  ],
  ['a client of GitHub without our fetch', /new Octokit\((?![\s\S]{0,500}\bfetch: patientFetch\()/, {}],
  [
    'other packages that speak HTTP',
    /from '(?:axios|got|node-fetch|ws|superagent|ky|follow-redirects|needle|@slack\/socket-mode|@slack\/oauth|@slack\/webhook)'/,
    {},
  ],
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => [name, code(readFileSync(join(SRC, name), 'utf8'))] as const);

/** Without comments, which may speak of anything, and without types among what is imported. */
function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/(?<=[{,]\s*)type \w+(?: as \w+)?/g, '');
}

describe.each(DOORS)('%s', (_door, pattern, allowed) => {
  test('is where a proxy is honoured, and nowhere else', () => {
    const found = files.filter(([, text]) => pattern.test(text)).map(([name]) => name);
    expect(found.filter((name) => !(name in allowed))).toEqual([]);
    expect(Object.keys(allowed).filter((name) => !files.some(([file]) => file === name))).toEqual([]);
  });
});

test.each([
  ["import { request } from 'node:https';", 0],
  ["import {\n  get,\n} from 'http';", 0],
  ['const response = await fetch(url, {});', 1],
  ['new Octokit({ request: { fetch: globalThis.fetch } })', 1],
  ["import { Agent } from 'undici';", 2],
  ["import { fetch as ask } from 'undici';", 2],
  ['new WebSocket(url)', 3],
  ['new WebClient(token)', 4],
  ['new Octokit({ baseUrl })', 5],
  ["import axios from 'axios';", 6],
])('such a way around is found: %s', (line, index) => {
  expect(DOORS[index]?.[1].test(code(`\n${line}`))).toBe(true);
});

test('what has nothing to do with it is not found', () => {
  const harmless = [
    "import type { Socket } from 'node:net';",
    "import { isIP, type Socket } from 'node:net';",
    "import { createServer } from 'node:net';",
    'await webFetch(url)',
    'this.#fetch()',
    "['fetch', '--quiet']",
    '// fetch(url) of Node',
    'new WebSocket(url, { dispatcher })',
    'new WebClient(appToken, clientOptions)',
  ];
  for (const line of harmless)
    expect(DOORS.filter(([, pattern]) => pattern.test(code(line))).map(([door]) => door)).toEqual([]);
});
