import { Document, isMap, isScalar, visit } from 'yaml';
import type { Found } from './found.ts';
import type { Answers } from './questions.ts';

const FINE_GRAINED = [
  ' A fine-grained token cannot read the checks of a private repository: with one, name those that must pass, such as',
  ' ci: [build, test]. An App can (app instead of token), and so can a classic token: docs/github.md.',
].join('\n');
const NO_CI =
  ' Git alone says nothing of CI and pull requests, so no gate looks at them. GitHub and GitLab: use: github, use: gitlab.';
const IN_CLUSTER = ' Reached as a pod of that cluster; from elsewhere `cluster` says how: docs/targets.md.';

/** The text of `slipway.yaml`; `home` is where the repository is from its folder, empty when that is it. */
export function configText(answers: Answers, found: Found, home: string): string {
  const { service, repository, channel, deploy, health } = answers;
  const { origin } = new URL(health);
  const isCommand = deploy.settings['use'] === 'command';
  const version = {
    ...(found.tag === null ? {} : { tag: found.tag }),
    ...(found.changelog === null || found.changelog === 'CHANGELOG.md' ? {} : { changelog: found.changelog }),
  };
  const folders = found.stateFolders.filter((folder) => folder !== 'specs' && folder !== 'epics');
  const settings = {
    repository: { ...repository.settings, ...deploy.repository, branch: found.branch },
    target: isCommand && home !== '' ? { ...deploy.settings, cwd: home } : deploy.settings,
    checks: [{ use: 'http', url: health }],
    metrics: { use: 'probe', url: origin },
    ...(Object.keys(version).length === 0 ? {} : { version }),
    ...(folders.length === 0 ? {} : { state: { folders: found.stateFolders } }),
  };
  const document = new Document({ slack: { channel }, services: { [service]: settings } });
  document.commentBefore = ` Made by slipway init. Every setting: docs/configuration.md of Slipway, or slipway schema --markdown.`;
  compact(document);
  const place = ['services', service];
  if (repository.host === 'github') note(document, [...place, 'repository', 'token'], FINE_GRAINED);
  if (repository.host === 'git') note(document, [...place, 'repository', 'use'], NO_CI);
  if (deploy.settings['use'] === 'kubernetes') note(document, [...place, 'target', 'namespace'], IN_CLUSTER);
  note(document, [...place, 'target'], ' How production is deployed.');
  note(document, [...place, 'checks'], ' What proves that production is healthy.');
  note(
    document,
    [...place, 'metrics'],
    [
      ' Slipway asks production twice a second: it sees an outage, but not what only some people meet.',
      ' Prometheus, Datadog, Sentry and others see all requests: docs/metrics.md.',
    ].join('\n'),
  );
  if (isCommand) noteLive(document, place, origin);
  return document.toString({ lineWidth: 0, singleQuote: false });
}

/** A command can only be gone back from when something says what is live. */
function noteLive(document: Document, place: readonly string[], origin: string): void {
  const checks = document.getIn([...place, 'checks']) as { comment?: string };
  checks.comment = [
    ' Which version is live. Without this, or `live` of the target, nothing says what a rollback returns to.',
    ' - use: version',
    `   url: ${origin}/version`,
    '   json: version',
  ].join('\n');
  note(
    document,
    [...place, 'target', 'deploy'],
    ' Started in the folder of this file; `cwd` names another one.',
  );
}

/** Maps and lists that fit into a line stand in one: `{ env: GIT_TOKEN }`. */
function compact(document: Document): void {
  visit(document, {
    Map: (_key, node) => {
      if (node.items.length === 1 && node.has('env')) node.flow = true;
    },
    Seq: (_key, node) => {
      if (!node.items.some(isMap)) node.flow = true;
    },
  });
}

/** Writes a comment in front of a key. */
function note(document: Document, path: readonly string[], comment: string): void {
  const parent = document.getIn(path.slice(0, -1));
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => (isScalar(key) ? key.value : key) === path.at(-1))
    : undefined;
  if (pair === undefined) return;
  const key = isScalar(pair.key) ? pair.key : document.createNode(pair.key);
  key.commentBefore = comment;
  key.spaceBefore = path.length === 3;
  pair.key = key;
}
