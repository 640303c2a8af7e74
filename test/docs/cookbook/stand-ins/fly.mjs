import { setTimeout as pause } from 'node:timers/promises';
import { change, mayFail, need, options, read, refuse, say, words } from './shared.mjs';

const [command, ...rest] = words;
need(process.env.FLY_API_TOKEN, 'no access token available');

const isDeployed = ({ state, config, incomplete_config: rest }) =>
  (config ?? rest)?.metadata?.fly_platform_version === 'v2' &&
  state !== 'destroyed' &&
  !/^fly_app_/.test((config ?? rest).metadata.fly_process_group);

if (command === 'deploy') {
  const given = options(rest, ['--app', '--image', '--strategy', '--wait-timeout']);
  need(given['--app'] === 'shop' && given['--strategy'] === 'rolling', 'not known here');
  mayFail();
  const [, registry, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(given['--image']);
  const { machines, slow = 0 } = read();
  // One after the other; who is ended in between leaves the rest as they are.
  for (const [at] of [...machines.entries()].filter(([, machine]) => isDeployed(machine))) {
    change((state) => {
      state.machines[at].image_ref = { registry, repository, tag, digest: `sha256:${'0'.repeat(64)}` };
    });
    await pause(slow);
  }
} else if (command === 'machine') {
  need(rest.join(' ') === 'list --app shop --json', 'not known here');
  say(JSON.stringify(read().machines, null, 4));
} else refuse(`no command ${command}`);
