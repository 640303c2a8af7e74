import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { ownFile } from '../../adapters/shared/program/own-files.ts';
import { loadAdapters } from '../../adapters/tables.ts';
import { parseConfig } from '../../config/parse.ts';
import { few } from '../../domain/text/few.ts';
import { visible } from '../../domain/text/visible.ts';
import { Interrupted } from '../ask.ts';
import { pasteText, readThere } from '../init/another-service.ts';
import { configText } from '../init/config-text.ts';
import { type Found, INIT_SUBJECTS, type InitSubject, lookAt } from '../init/found.ts';
import { type Answers, askAll, problemOf, QUESTIONS, understood } from '../init/questions.ts';
import { STATE_EXAMPLE, stateExample } from '../init/state-example.ts';
import { inTheWay, type NewFile, writeFiles } from '../init/write-files.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT, type Output } from '../output.ts';

const MANIFEST = 'slack-manifest.yml';

type Given = Readonly<Partial<Record<InitSubject, string>>>;

/** Writes `slipway.yaml` and what goes with it, from a repository and five answers. */
export async function init(invocation: Invocation): Promise<number | null> {
  const { words, output } = invocation;
  if (words.length > 1) return null;
  try {
    return await initIn(words[0] ?? '.', invocation);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    output.message('Nothing was written.');
    return EXIT.refused;
  }
}

async function initIn(folder: string, { options, env, output }: Invocation): Promise<number> {
  const { yes = false, force = false, service, repository, channel, deploy, health } = options;
  const flags = withoutGaps({ service, repository, channel, deploy, health });
  const found = await lookAt(folder);
  const seen = foundText(found);
  if (seen !== '') output.message(seen);
  const wrong = problemsOf(flags, found);
  if (wrong.length > 0) {
    output.message(wrong.join('\n'));
    return EXIT.usage;
  }
  const config = resolve(env['SLIPWAY_CONFIG'] ?? 'slipway.yaml');
  const there = force ? null : await readThere(config);
  if (there !== null) {
    output.message(
      `${shown(config)} has ${few(there.services, 5)}, and nothing in it will be changed: another service is shown as a block to paste into it.`,
    );
  }
  const ask = yes ? undefined : output.ask;
  const answers = understood(
    ask ? await askAll(flags, found, ask) : { ...(yes ? found.answers : {}), ...flags },
  );
  if (answers === null) {
    output.message(missingText(flags, found, yes));
    return EXIT.usage;
  }
  if (there !== null && !there.services.includes(answers.service)) {
    const home = relative(dirname(config), found.folder);
    await output.result(
      visible(await pasteText(there, configText(answers, found, home), answers, shown(config))),
    );
    return EXIT.done;
  }
  const files = await filesFor(config, answers, found);
  const way = force ? [] : inTheWay(files);
  if (way.length > 0 && !(await mayReplace(way, ask))) {
    const lost = there === null ? '' : `, and what it has of ${few(there.services, 5)} is lost then`;
    output.message(
      `${way.map(({ path }) => shown(path)).join(' and ')}: there already, with other words in it. Nothing was written; --force replaces it${lost}.`,
    );
    return EXIT.refused;
  }
  writeFiles(files);
  await output.result(doneText(files, answers));
  return EXIT.done;
}

function withoutGaps(given: Readonly<Partial<Record<InitSubject, string | undefined>>>): Given {
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== undefined));
}

function problemsOf(flags: Given, { answers: { repository } }: Found): readonly string[] {
  const given = withoutGaps({ repository, ...flags });
  return INIT_SUBJECTS.flatMap((subject) => {
    const typed = flags[subject];
    const problem = typed === undefined ? null : problemOf(subject, typed, given);
    return problem === null ? [] : [`--${subject} ${JSON.stringify(typed)}: ${problem}`];
  });
}

function foundText({ versionFiles, changelog, tags, otherTag, branch }: Found): string {
  const seen = [
    ...versionFiles,
    ...(changelog === null ? [] : [changelog]),
    ...(tags === 0
      ? []
      : [
          `${tags} ${tags === 1 ? 'tag' : 'tags'}${otherTag === null ? '' : ` (Slipway writes none like ${otherTag}: new ones would be v{version})`}`,
        ]),
  ];
  return seen.length === 0 ? '' : `Found on ${branch}: ${seen.join(', ')}.`;
}

/** Which flags are needed where nobody can be asked. */
function missingText(flags: Given, found: Found, yes: boolean): string {
  const open = INIT_SUBJECTS.filter(
    (subject) => flags[subject] === undefined && !(yes && found.answers[subject]),
  );
  const lines = open.map((subject) => {
    const likely = found.answers[subject];
    return `  --${subject.padEnd(10)}  ${QUESTIONS[subject]}${likely === undefined ? '' : ` Found: ${likely}`}`;
  });
  const how = yes
    ? 'The repository does not say everything. Add:'
    : 'Nobody can be asked here. Say it by flags; --yes takes what was found:';
  return `${how}\n${lines.join('\n')}`;
}

async function filesFor(config: string, answers: Answers, found: Found): Promise<readonly NewFile[]> {
  const home = relative(dirname(config), found.folder);
  const text = configText(answers, found, home);
  // Whatever was typed, a file that the bot would refuse is not written.
  parseConfig(text, shown(config), await loadAdapters());
  const manifest = await readFile(ownFile('manifest.yml'), 'utf8');
  const example = { path: join(found.folder, STATE_EXAMPLE), text: stateExample(answers.service) };
  return [
    { path: config, text },
    { path: join(dirname(config), MANIFEST), text: manifest },
    ...(found.stateFolders.length === 0 ? [example] : []),
  ];
}

async function mayReplace(way: readonly NewFile[], ask: Output['ask']): Promise<boolean> {
  if (ask === undefined) return false;
  const names = way.map(({ path }) => shown(path)).join(' and ');
  return /^y(?:es)?$/i.test(
    (await ask(`${names}: there already, with other words in it. Replace it? [y/N] `)).trim(),
  );
}

/** Where the values of variables come from. */
const FROM: Readonly<Record<string, string>> = {
  SLACK_BOT_TOKEN: 'in the app, OAuth & Permissions, once it is installed',
  SLACK_APP_TOKEN: 'in the app, Basic Information, App-Level Tokens, with connections:write',
  GITHUB_TOKEN:
    'a token of this repository: contents, deployments and actions write, statuses and checks read (all: docs/github.md)',
  GITLAB_TOKEN: 'an access token of the project with the scope api (docs/gitlab.md)',
  GIT_TOKEN: 'a token that may push to this repository',
};

function doneText(files: readonly NewFile[], { service, repository, deploy }: Answers): string {
  const names = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', ...repository.variables, ...deploy.variables];
  const variables = [...repository.variables, ...deploy.variables].map((name) => ` ${name}=…`).join('');
  const sources = names.flatMap((name) => (FROM[name] ? [`   ${name}: ${FROM[name]}.`] : []));
  const example = files.find(({ path }) => path.endsWith(STATE_EXAMPLE));
  return visible(`Written: ${files.map(({ path }) => shown(path)).join(', ')}

1. Make the Slack app: https://api.slack.com/apps, Create New App, From a manifest, and paste ${MANIFEST}.
   Invite it to the channel.${example ? `\n2. Look at ${shown(example.path)}: your staging workflow has to write such a file.` : ''}
${example ? 3 : 2}. Get the tokens:
${sources.join('\n')}
${example ? 4 : 3}. Then:

   export SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-…${variables}
   slipway doctor
   slipway start

In Slack: /ship-prod plan ${service}
`);
}

function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}
