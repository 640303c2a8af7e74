import { change, refuse, words } from './shared.mjs';

const line = words.join(' ');
if (!/^fetch --quiet origin tag v[\d.]+$/.test(line)) {
  if (!/^checkout --quiet --detach v[\d.]+$/.test(line)) refuse(line);
  change((state) => {
    state.source = words.at(-1);
  });
}
