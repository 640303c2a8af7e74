#!/usr/bin/env node
// Stands in for the programs of platforms: what it does depends on the name that it is started by. It takes the command lines that their
// documentation has, word by word, and ends with 64 for all others. State is JSON in the file STAND_IN_STATE beside it.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const here = dirname(process.argv[1]);
const file = join(here, 'state.json');
const state = JSON.parse(readFileSync(file, 'utf8'));
const [program, words] = [basename(process.argv[1]), process.argv.slice(2)];
appendFileSync(join(here, 'calls.txt'), `${program} ${words.join(' ')}\n`);

/** Words of the form `--name value` and `--name=value`; what is not in the list is refused. */
function options(given, allowed) {
  const found = {};
  for (let index = 0; index < given.length; index++) {
    const [name, value] = given[index].split(/=(.*)/s);
    if (!allowed.includes(name)) refuse(`unknown option ${given[index]}`);
    found[name] = value ?? (given[index + 1]?.startsWith('--') ? '' : (given[++index] ?? ''));
  }
  return found;
}
const say = (text) => process.stdout.write(`${text}\n`);
const complain = (text) => process.stderr.write(`${text}\n`);
function refuse(why) {
  complain(`${program}: ${why}`);
  process.exit(64);
}
function need(condition, why) {
  if (!condition) refuse(why);
}
function save() {
  writeFileSync(file, JSON.stringify(state));
}
/** The platform refuses, as a person has told it to. */
function mayFail() {
  if (!state.fail) return;
  complain(state.fail);
  process.exit(1);
}

if (state.outage && program !== 'git' && program !== 'npm') {
  complain('the platform does not answer');
  process.exit(1);
}
const chunked = (list, size) =>
  Array.from({ length: Math.max(1, Math.ceil(list.length / size)) }, (_, nr) =>
    list.slice(nr * size, (nr + 1) * size),
  );

const PROGRAMS = {
  aws() {
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
    if (command === 'list-versions-by-function') {
      const version = /^Versions\[\?Description=='([^']+)'\]\.Version \| \[-1\]$/.exec(given['--query'])?.[1];
      need(version !== undefined, 'a query that is not known here');
      const newest = (list) => list.findLast((one) => one.description === version)?.number;
      // As text, the query runs once on each page; as JSON, on all of them together.
      if (given['--output'] === 'text')
        for (const page of chunked(state.versions, 50)) say(newest(page) ?? 'None');
      else say(JSON.stringify(newest(state.versions) ?? null));
    } else if (command === 'update-function-code') {
      mayFail();
      state.code = given['--image-uri'];
      state.pending = true;
      save();
      say('abc=');
    } else if (command === 'wait') {
      need(
        ['function-updated-v2', 'published-version-active'].includes(waits),
        `there is no waiter ${waits}`,
      );
      state.pending = false;
      save();
    } else if (command === 'publish-version') {
      need(!state.pending, 'ResourceConflictException: an update is in progress');
      const number = String(state.versions.length + 1);
      state.versions.push({ number, description: given['--description'], code: state.code });
      save();
      say(number);
    } else if (command === 'update-alias') {
      need(given['--name'] === 'live', 'no such alias');
      need(
        state.versions.some(({ number }) => number === given['--function-version']),
        'no such version',
      );
      state.alias = given['--function-version'];
      save();
      say(state.alias);
    } else if (command === 'get-function-configuration') {
      need(given['--qualifier'] === 'live' && given['--query'] === 'Description', 'not known here');
      say(state.versions.find(({ number }) => number === state.alias)?.description ?? 'None');
    } else refuse(`no command ${command}`);
  },
  az() {
    const at = words.findIndex((word) => word.startsWith('--'));
    const command = words.slice(0, at).join(' ');
    const given = options(words.slice(at), [
      '--resource-group',
      '--name',
      '--slot',
      '--target-slot',
      '--container-image-name',
      '--output',
      '--query',
    ]);
    need(given['--resource-group'] === 'shop' && given['--name'] === 'shop', 'no such app');
    if (command === 'webapp config container set') {
      mayFail();
      state.slots[given['--slot'] || 'production'] = given['--container-image-name'];
      save();
    } else if (command === 'webapp deployment slot swap') {
      need(given['--slot'] === 'staging' && given['--target-slot'] === 'production', 'no such slot');
      state.slots = { staging: state.slots.production, production: state.slots.staging };
      save();
    } else if (command === 'webapp config container show') {
      need(given['--query'] === "[?name=='DOCKER_CUSTOM_IMAGE_NAME'].value | [0]", 'not known here');
      say(`DOCKER|${state.slots.production}`);
    } else refuse(`no command ${command}`);
  },
  fly() {
    const [command, ...rest] = words;
    need(process.env.FLY_API_TOKEN, 'no access token available');
    if (command === 'deploy') {
      const given = options(rest, ['--app', '--image', '--strategy', '--wait-timeout']);
      need(given['--app'] === 'shop' && given['--strategy'] === 'rolling', 'not known here');
      mayFail();
      state.images = state.images.map(() => given['--image']);
      save();
    } else if (command === 'image') {
      need(rest.join(' ') === 'show --app shop --json', 'not known here');
      const list = state.images.map((image, index) => ({
        MachineID: `m${index}`,
        Registry: 'registry.fly.io',
        Repository: 'shop',
        Tag: image.split(':')[1],
        Version: '1',
        Digest: `sha256:${'0'.repeat(64)}`,
      }));
      say(JSON.stringify(list, null, 4));
    } else refuse(`no command ${command}`);
  },
  docker() {
    const [, command, ...rest] = words;
    need(words[0] === 'service' && rest.at(-1) === 'shop_web', 'no such service');
    if (command === 'update') {
      const flags = ['--quiet', '--detach=false', '--with-registry-auth'];
      const given = options(
        rest.slice(0, -1).filter((word) => !flags.includes(word)),
        ['--update-failure-action', '--image'],
      );
      need(
        flags.every((flag) => rest.includes(flag)),
        'it would not wait',
      );
      if (!state.fail) state.image = `${given['--image']}@sha256:${'0'.repeat(64)}`;
      state.update = state.fail ? 'rollback_completed' : 'completed';
      save();
    } else if (command === 'inspect') {
      need(rest[0] === '--format', 'not known here');
      const formats = {
        '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}': state.update ?? '',
        '{{.Spec.TaskTemplate.ContainerSpec.Image}}': state.image,
      };
      need(Object.hasOwn(formats, rest[1]), 'not known here');
      say(formats[rest[1]]);
    } else refuse(`no command ${command}`);
  },
  git() {
    const line = words.join(' ');
    if (/^fetch --quiet origin tag v[\d.]+$/.test(line)) return;
    if (!/^checkout --quiet --detach v[\d.]+$/.test(line)) refuse(line);
    state.source = words.at(-1);
    save();
  },
  npm() {
    need(words.join(' ') === 'ci --no-audit --no-fund', 'not known here');
    state.installed = state.source;
    save();
  },
  wrangler() {
    need(process.env.CLOUDFLARE_API_TOKEN, 'not signed in');
    need(words.slice(-2).join(' ') === '--name shop', 'no such Worker');
    const line = words.slice(0, -2).join(' ');
    const [, tag] = /^versions upload --tag (\S+) --message Slipway v[\d.]+$/.exec(line) ?? [];
    const [, viewed] = /^versions view (\S+) --json$/.exec(line) ?? [];
    const [, id] = /^versions deploy (\S+)@100% --yes$/.exec(line) ?? [];
    if (tag) {
      need(state.source === `v${tag}`, 'the checkout is of another release');
      need(state.installed === state.source, 'what is installed is of another release');
      state.versions.push({
        id: `id-${state.versions.length}`,
        number: 1,
        annotations: { 'workers/tag': tag },
      });
      save();
    } else if (id) {
      mayFail();
      need(
        state.versions.some((one) => one.id === id),
        'no such version',
      );
      state.live = id;
      save();
    } else if (line === 'versions list --json') say(JSON.stringify(state.versions.slice(-10)));
    else if (viewed) {
      const found = state.versions.find((one) => one.id === viewed);
      need(found !== undefined, 'no such version');
      say(JSON.stringify(found));
    } else if (line === 'deployments status --json')
      say(JSON.stringify({ id: 'd', versions: [{ version_id: state.live, percentage: 100 }] }));
    else refuse(line);
  },
};

PROGRAMS[program]();
