import { setTimeout as pause } from 'node:timers/promises';
import { change, mayFail, need, options, read, refuse, say, words } from './shared.mjs';

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
  change(({ slots }) => {
    slots[given['--slot'] || 'production'] = `DOCKER|${given['--container-image-name']}`;
  });
} else if (command === 'webapp deployment slot swap') {
  need(given['--slot'] === 'staging' && given['--target-slot'] === 'production', 'no such slot');
  // Azure goes on with it, whether anybody waits or not.
  const { slow = 0 } = change((state) => {
    state.swapping = true;
  });
  await pause(slow);
  change((state) => {
    state.slots = { staging: state.slots.production, production: state.slots.staging };
  });
} else if (command === 'webapp config container show') {
  need(given['--query'] === "[?name=='DOCKER_CUSTOM_IMAGE_NAME'].value | [0]", 'not known here');
  say(read().slots.production);
} else refuse(`no command ${command}`);
