import { change, mayFail, need, options, read, refuse, say, words } from './shared.mjs';

const [service, command, ...rest] = words;
need(service === 'lambda', 'only lambda');
const waits = command === 'wait' ? rest.shift() : '';
const given = options(rest, [
  '--function-name',
  '--query',
  '--output',
  '--image-uri',
  '--description',
  '--qualifier',
  '--name',
  '--function-version',
]);
need(given['--function-name'] === 'shop', 'no such function');

const chunked = (list, size) =>
  Array.from({ length: Math.max(1, Math.ceil(list.length / size)) }, (_, nr) =>
    list.slice(nr * size, (nr + 1) * size),
  );

const COMMANDS = {
  'list-versions-by-function'() {
    const version = /^Versions\[\?Description=='([^']+)'\]\.Version \| \[-1\]$/.exec(given['--query'])?.[1];
    need(version !== undefined, 'a query that is not known here');
    const { versions } = read();
    const newest = (list) => list.findLast((one) => one.description === version)?.number;
    // As text, the query runs once on each page; as JSON, on all of them together.
    if (given['--output'] === 'text') for (const page of chunked(versions, 50)) say(newest(page) ?? 'None');
    else say(JSON.stringify(newest(versions) ?? null));
  },
  'update-function-code'() {
    mayFail();
    change((state) => {
      state.code = given['--image-uri'];
      state.pending = true;
    });
    say('abc=');
  },
  wait() {
    need(['function-updated-v2', 'published-version-active'].includes(waits), `there is no waiter ${waits}`);
    change((state) => {
      state.pending = false;
    });
  },
  'publish-version'() {
    need(!read().pending, 'ResourceConflictException: an update is in progress');
    const { versions } = change((state) => {
      const number = String(state.versions.length + 1);
      state.versions.push({ number, description: given['--description'], code: state.code });
    });
    say(versions.at(-1).number);
  },
  'update-alias'() {
    need(given['--name'] === 'live', 'no such alias');
    const number = given['--function-version'];
    need(
      read().versions.some((one) => one.number === number),
      'no such version',
    );
    change((state) => {
      state.alias = number;
    });
    say(number);
  },
  'get-function-configuration'() {
    need(given['--qualifier'] === 'live' && given['--query'] === 'Description', 'not known here');
    const { versions, alias } = read();
    say(versions.find(({ number }) => number === alias)?.description ?? 'None');
  },
};
(COMMANDS[command] ?? (() => refuse(`no command ${command}`)))();
