import { change, need, options, read, refuse, say, words } from './shared.mjs';

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
  change((state) => {
    if (!state.fail) state.image = `${given['--image']}@sha256:${'0'.repeat(64)}`;
    state.update = state.fail ? 'rollback_completed' : 'completed';
  });
} else if (command === 'inspect') {
  need(rest[0] === '--format', 'not known here');
  const { update = '', image } = read();
  const formats = {
    '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}': update,
    '{{.Spec.TaskTemplate.ContainerSpec.Image}}': image,
  };
  need(Object.hasOwn(formats, rest[1]), 'not known here');
  say(formats[rest[1]]);
} else refuse(`no command ${command}`);
