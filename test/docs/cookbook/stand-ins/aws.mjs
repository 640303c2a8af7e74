import { change, fail, mayFail, need, options, read, refuse, say, words } from './shared.mjs';

const [service, command, ...rest] = words;
need(service === 'lambda', 'only lambda');
const waits = command === 'wait' ? rest.shift() : '';
const given = options(rest, [
  '--function-name',
  '--query',
  '--output',
  '--image-uri',
  '--code-sha256',
  '--description',
  '--qualifier',
  '--name',
  '--function-version',
  '--routing-config',
]);
need(given['--function-name'] === 'shop', 'no such function');

const chunked = (list, size) =>
  Array.from({ length: Math.max(1, Math.ceil(list.length / size)) }, (_, nr) =>
    list.slice(nr * size, (nr + 1) * size),
  );
/** A build that can be reproduced has the same hash as the one before it. */
const hashOf = (image) => read().hashes?.[image] ?? `${Buffer.from(image).toString('base64')}=`;
const versionOf = (number) => read().versions.find((one) => one.number === number);
/** Fields as text: tabs between them, and `None` for null. */
const asText = (...fields) => say(fields.map((field) => field ?? 'None').join('\t'));

const COMMANDS = {
  'list-versions-by-function'() {
    const version = /^Versions\[\?Description=='([^']+)'\]\.Version \| \[-1\]$/.exec(given['--query'])?.[1];
    need(version !== undefined, 'a query that is not known here');
    const { versions } = read();
    const newest = (list) => list.findLast((one) => one.description === version)?.number;
    // As text, the query runs once on each page; as JSON, on all of them together.
    if (given['--output'] === 'text') for (const page of chunked(versions, 50)) asText(newest(page));
    else say(JSON.stringify(newest(versions) ?? null));
  },
  'update-function-code'() {
    mayFail();
    const code = hashOf(given['--image-uri']);
    change((state) => {
      state.latest = code;
      state.pending = true;
    });
    need(given['--query'] === 'CodeSha256', 'not known here');
    asText(code);
  },
  wait() {
    need(['function-updated-v2', 'published-version-active'].includes(waits), `there is no waiter ${waits}`);
    if (waits === 'published-version-active') need(versionOf(given['--qualifier']), 'no such version');
    change((state) => {
      state.pending = false;
      // Somebody else changes the function as soon as it can be changed.
      if (state.meddler && waits === 'function-updated-v2') state.latest = state.meddler;
    });
  },
  'publish-version'() {
    need(!read().pending, 'ResourceConflictException: an update is in progress');
    const { latest, versions } = read();
    const hash = given['--code-sha256'] ?? latest;
    if (hash !== latest)
      fail(`CodeSHA256 (${hash}) is different from current CodeSHA256 in $LATEST (${latest}).`, 254);
    const last = versions.at(-1);
    const number = last.code === latest ? last.number : String(versions.length + 1);
    if (last.code !== latest)
      change((state) => {
        state.versions.push({ number, description: given['--description'], code: latest });
      });
    asText(number);
  },
  'update-alias'() {
    need(given['--name'] === 'live', 'no such alias');
    const number = given['--function-version'];
    need(versionOf(number), 'no such version');
    const routing = given['--routing-config'];
    need([undefined, 'AdditionalVersionWeights={}'].includes(routing), 'weights that are not known here');
    const { alias } = change((state) => {
      // What is not given stays.
      state.alias = { ...state.alias, number };
      if (given['--description'] !== undefined) state.alias.description = given['--description'];
      if (routing !== undefined) state.alias.weights = {};
    });
    if (alias.weights?.[number])
      fail('InvalidParameterValueException: the routing config has the version itself', 254);
    asText(number);
  },
  'get-alias'() {
    need(given['--name'] === 'live' && given['--output'] === 'text', 'not known here');
    need(
      given['--query'] ===
        '[FunctionVersion, length(keys(RoutingConfig.AdditionalVersionWeights || `{}`)), Description]',
      'not known here',
    );
    const { number, description = '', weights = {} } = read().alias;
    asText(number, Object.keys(weights).length, description);
  },
  'get-function-configuration'() {
    need(given['--query'] === 'Description', 'not known here');
    const { alias } = read();
    const found = versionOf(given['--qualifier'] === 'live' ? alias.number : given['--qualifier']);
    need(found, 'no such version');
    asText(found.description);
  },
};
(COMMANDS[command] ?? (() => refuse(`no command ${command}`)))();
