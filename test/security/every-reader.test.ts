import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { READERS } from './readers.ts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** Names of what reads, and of a first argument that is a text. */
const READS = /^(?:parse|read|find|guess|decode|scan|split)[A-Z]/;
const TEXT =
  /^(?:text|message|markdown|line|output|stderr|stdout|trace|title|printed|body|pattern|word|header|url|log)$/;

/** Those that read no text from outside, and why. */
const OTHERS: Readonly<Record<string, string>> = {
  'app/config/in-force.ts readInForce': 'a file that we wrote; its texts by parseConfig',
  'adapters/heads/lines.ts readHeads': 'a file that we wrote; each line by headIn',
  'adapters/heads/lines.ts readHeadsSync': 'a file that we wrote; each line by headIn',
  'adapters/metrics/doubt.ts doubtOf': 'the name of a kind of source',
  'adapters/metrics/http-json/answer.ts endpointOf': 'an address of the config',
  'adapters/repositories/correlation.ts isCorrelated': 'see deployedBy',
  'adapters/repositories/page-mark.ts markedPage': 'puts a mark before a text of ours',
  'adapters/shared/aws/profile-files.ts readProfiles': 'the files of the operator, by parseSections',
  'adapters/shared/program/run-once.ts findProgram': 'looks for a file on the PATH',
  'adapters/slack/find-sent.ts findCard': 'asks Slack; the SDK reads its JSON',
  'adapters/slack/find-sent.ts findFile': 'asks Slack; the SDK reads its JSON',
  'adapters/slack/find-sent.ts findNotice': 'asks Slack; the SDK reads its JSON',
  'adapters/slack/find-sent.ts findPrompt': 'asks Slack; the SDK reads its JSON',
  'adapters/targets/command/folder.ts readOnce': 'reads JSON that we wrote',
  'adapters/targets/kubernetes/kubeconfig.ts readKubeconfig': "the operator's own file",
  'adapters/targets/shared/build-search.ts findBuild': 'compares commits',
  'adapters/targets/shared/words.ts quoted': 'a word of the config',
  'adapters/targets/webhook/protocol.ts readLive': 'a schema, over JSON that was cut at a size',
  'adapters/targets/webhook/protocol.ts readProgress': 'a schema, over JSON that was cut at a size',
  'adapters/repositories/git/ssh-key.ts keyTextProblem': "the operator's key",
  'adapters/webhooks/sender.ts eventSender': 'an address of the config',
  'blocks/replies/answer.ts plainAnswer': 'our own sentence',
  'blocks/replies/confirm.ts didYouMean': 'a word of our own table',
  'blocks/replies/answer.ts openThread': 'an address of Slack',
  'blocks/thread/release-notices.ts logPart': 'lines that were cut before',
  'cli/init/another-service.ts readThere': "the operator's own file",
  'cli/sample-file.ts readSamples': 'a file that the operator gives to a command of their own',
  'config/files/whole-file.ts textHash': 'reads nothing in it',
  'config/document.ts parseConfigDocument': 'what may come from outside is read by parseConfig',
  'config/layers.ts readSource': 'see parseConfig',
  'config/load.ts readSources': "the operator's own files",
  'config/load.ts readKnownSources': "the operator's own files",
  'config/parse.ts parseSources': 'parseConfig, with sources that were read',
  'config/secrets.ts secretsByShape': 'what may come from outside is read by parseConfig',
  'doctor/slack-api.ts slackApi': 'an address of the environment',
  'domain/changelog/changelog.ts readOutline': 'see readChangelog',
  'domain/changelog/status.ts readStatus': 'see outlineOf',
  'domain/changelog/heading-reading.ts isOnly': 'takes out words of our own',
  'domain/commands/words.ts isOneOf': 'compares words',
  'domain/release/version-files/checked.ts isMarked': 'see findVersions',
  'domain/release/version-files/checked.ts presentOf': 'parts of a text that findVersions found',
  'domain/release/version-files/checked.ts versionAt': 'a part of a text that findVersions found',
  'domain/state-file/yaml-edit.ts parsed': 'see recordDeployment',
  'domain/state-file/yaml-text.ts insertLines': 'see recordDeployment',
  'domain/state-file/yaml-text.ts newlineAt': 'see recordDeployment',
  'domain/state-file/yaml-text.ts splice': 'joins two parts of a text',
  'domain/text/bounded-pattern.ts searchBounded':
    'has a limit of its own, see expectation.ts and version-files.ts',
  'domain/text/redaction.ts withoutSpellings': 'see redacted',
  'domain/text/yaml-limits.ts yamlDocument': 'see parseState',
  'domain/text/yaml-limits.ts yamlDocuments': 'see spotInYaml',
  'engine/audit/key-file.ts keyIn': "the operator's key",
  'engine/audit/key-file.ts readKeyFile': "the operator's key",
  'engine/audit/signer.ts signerOf': "the operator's key",
  'engine/database/binaries.ts findBinaries': 'looks for files of a package',
  'engine/database/binaries.ts findOlderPostgres': 'looks for files of a package',
  'engine/database/connection.ts poolConfig': 'an address of the environment',
  'engine/database/postmaster.ts readPostmaster': 'a file of our own database',
  'engine/tables/store.ts storable': 'replaces one character',
  'flows/plan/facts.ts readFeatures': 'reads by readStateFiles',
  'flows/plan/release-files.ts readEach': 'reads files of the repository, whatever is in them',
  'flows/plan/release-files.ts readFiles': 'see findVersions, readFragments and outlineOf',
  'flows/plan/release-files.ts readVersionTexts': 'gives the texts to findVersions',
  'flows/plan/release-history.ts readHistory': 'see readCommit',
};

function exportedReaders(): readonly string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.flatMap((file) => {
    const functions = readFileSync(join(SRC, file), 'utf8').matchAll(
      /^export (?:async )?function\*? (\w+)(?:<[^(]*>)?\(\s*(?:(\w+)\??: ([\w| ]+))?/gm,
    );
    return [...functions].flatMap(([, name = '', parameter = '', type = '']) => {
      const takesText = TEXT.test(parameter) && /\bstring\b/.test(type);
      return READS.test(name) || takesText ? [`${file} ${name}`] : [];
    });
  });
}

const tried = new Set(
  Object.entries(READERS).flatMap(([file, readers]) =>
    Object.keys(readers).map((name) => `${file} ${name.split(' ', 1)[0]}`),
  ),
);

test('every function that reads text is given hostile text, or is said to read none from outside', () => {
  const exported = exportedReaders();
  expect(exported.length).toBeGreaterThan(90);
  expect(exported.filter((one) => !tried.has(one) && !Object.hasOwn(OTHERS, one))).toEqual([]);
});

test('what is listed exists', () => {
  const exported = new Set(exportedReaders());
  expect(Object.keys(OTHERS).filter((one) => !exported.has(one) || tried.has(one))).toEqual([]);
  const gone = [...tried].filter((one) => {
    const [file = '', name = ''] = one.split(' ');
    return !new RegExp(`^export (?:async )?(?:function\\*?|const) ${name}\\b`, 'm').test(
      readFileSync(join(SRC, file), 'utf8'),
    );
  });
  expect(gone).toEqual([]);
});
