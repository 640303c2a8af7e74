import { change, mayFail, need, read, refuse, say, words } from './shared.mjs';

need(process.env.CLOUDFLARE_API_TOKEN, 'not signed in');
need(words.slice(-2).join(' ') === '--name shop', 'no such Worker');
const line = words.slice(0, -2).join(' ');
const [, tag] = /^versions upload --tag (\S+) --message Slipway v[\d.]+$/.exec(line) ?? [];
const [, viewed] = /^versions view (\S+) --json$/.exec(line) ?? [];
const [, id] = /^versions deploy (\S+)@100% --yes$/.exec(line) ?? [];
const state = read();
if (tag) {
  need(state.source === `v${tag}`, 'the checkout is of another release');
  need(state.installed === state.source, 'what is installed is of another release');
  change(({ versions }) => {
    versions.push({ id: `id-${versions.length}`, number: 1, annotations: { 'workers/tag': tag } });
  });
} else if (id) {
  mayFail();
  need(
    state.versions.some((one) => one.id === id),
    'no such version',
  );
  change((now) => {
    now.live = id;
  });
} else if (line === 'versions list --json') say(JSON.stringify(state.versions.slice(-10)));
else if (viewed) {
  const found = state.versions.find((one) => one.id === viewed);
  need(found !== undefined, 'no such version');
  say(JSON.stringify(found));
} else if (line === 'deployments status --json')
  say(JSON.stringify({ id: 'd', versions: [{ version_id: state.live, percentage: 100 }] }));
else refuse(line);
