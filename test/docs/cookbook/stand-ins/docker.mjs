// The part of Docker's client that a service takes: an order goes on at Swarm whether its client waits or is gone.
import { setTimeout as pause } from 'node:timers/promises';
import { change, fail, need, options, read, refuse, say, words } from './shared.mjs';

const [, command, ...rest] = words;
need(words[0] === 'service' && rest.at(-1) === 'shop_web', 'no such service');

/** How far Swarm is with the newest order by now: it takes `slow` ms, and goes back by itself when that fails. */
function settled() {
  return change((state) => {
    const { update } = state;
    if (update?.state !== 'updating' || Date.now() < update.until) return;
    update.state = state.fail ? 'rollback_completed' : 'completed';
    if (state.fail) state.image = update.before;
  });
}

async function update() {
  const flags = ['--quiet', '--detach', '--detach=false', '--with-registry-auth'];
  const given = options(
    rest.slice(0, -1).filter((word) => !flags.includes(word)),
    ['--update-failure-action', '--image'],
  );
  need(rest.includes('--with-registry-auth'), 'nodes could not pull the image');
  const { update: other, sequence, refuse: why } = settled();
  if (why) fail(why);
  if (other?.state === 'updating' && !sequence) {
    // Swarm itself writes to a service that it updates.
    change((state) => {
      state.sequence = true;
    });
    fail('Error response from daemon: rpc error: code = Unknown desc = update out of sequence');
  }
  const image = given['--image'].includes('@')
    ? given['--image']
    : `${given['--image']}@sha256:${'0'.repeat(64)}`;
  change((state) => {
    if (state.image !== image) {
      state.update = { state: 'updating', before: state.image, until: Date.now() + (state.slow ?? 0) };
      state.image = image;
    } else delete state.update; // nothing to replace
  });
  say('shop_web');
  if (read().lost) fail('error during connect: the connection is lost');
  if (rest.includes('--detach=false')) while (settled().update?.state === 'updating') await pause(20);
}

function inspect() {
  need(rest[0] === '--format', 'not known here');
  if (read().blips > 0) {
    change((state) => {
      state.blips--;
    });
    fail('error during connect: the manager does not answer');
  }
  const { update, image } = settled();
  const state = '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}';
  const formats = {
    '{{.Spec.TaskTemplate.ContainerSpec.Image}}': image,
    [`{{.Spec.TaskTemplate.ContainerSpec.Image}} ${state}`]: `${image} ${update?.state ?? ''}`,
  };
  need(Object.hasOwn(formats, rest[1]), 'not known here');
  say(formats[rest[1]]);
}

if (command === 'update') await update();
else if (command === 'inspect') inspect();
else refuse(`no command ${command}`);
