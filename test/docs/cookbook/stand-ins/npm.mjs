import { change, need, words } from './shared.mjs';

need(words.join(' ') === 'ci --no-audit --no-fund', 'not known here');
change((state) => {
  state.installed = state.source;
});
