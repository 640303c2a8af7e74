import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { printable } from '../../src/adapters/charts/font.ts';
import { mysqlTrouble } from '../../src/adapters/checks/databases/mysql-words.ts';
import { postgresTrouble } from '../../src/adapters/checks/databases/postgres-words.ts';
import { momentIn } from '../../src/adapters/checks/jobs/backlog.ts';
import { decodeReply, NotRedis } from '../../src/adapters/checks/redis/reply.ts';
import { inItsWords, named } from '../../src/adapters/checks/shared/words.ts';
import { fillInAddress, missingIn } from '../../src/adapters/gates/question.ts';
import { headIn } from '../../src/adapters/heads/lines.ts';
import { printedLine } from '../../src/adapters/logs/printed-line.ts';
import { deployedBy, isOrderOf, isOrderOfOthers } from '../../src/adapters/repositories/correlation.ts';
import {
  isDamage,
  pageInstead,
  redirectLine,
  remoteFailure,
  saidBy,
} from '../../src/adapters/repositories/git/failure.ts';
import { parseHead, parseLsRemote, parseMirror, toRefs } from '../../src/adapters/repositories/git/refs.ts';
import { protocolOf, RemoteSettings } from '../../src/adapters/repositories/git/remote.ts';
import { webLinks } from '../../src/adapters/repositories/git/web-links.ts';
import { fitsFilter } from '../../src/adapters/repositories/github/filter-pattern.ts';
import { filesOf } from '../../src/adapters/repositories/github/tarball.ts';
import {
  readWorkflowFile,
  showsInput,
  startsByItself,
} from '../../src/adapters/repositories/github/workflow-file.ts';
import { fitsRefPattern, isAsWanted } from '../../src/adapters/repositories/ref-pattern.ts';
import { errorInJson, errorInXml } from '../../src/adapters/shared/aws/problem.ts';
import { parseSections } from '../../src/adapters/shared/aws/profile-files.ts';
import { escaped } from '../../src/adapters/shared/aws/signature.ts';
import { readXml } from '../../src/adapters/shared/aws/xml.ts';
import { difference } from '../../src/adapters/shared/expectation.ts';
import { readGoogleKey } from '../../src/adapters/shared/google/key.ts';
import { HttpUrl } from '../../src/adapters/shared/http.ts';
import { JsonPath, parseJson, valueAt } from '../../src/adapters/shared/json-path.ts';
import { plainText, scrubber } from '../../src/adapters/shared/program/scrub.ts';
import { groupName, ruleIn, shareOf } from '../../src/adapters/targets/aws-ecs/balancer.ts';
import { releaseIn, shareNoted } from '../../src/adapters/targets/aws-ecs/notes.ts';
import { endOf, troubleOf } from '../../src/adapters/targets/aws-ecs/shapes.ts';
import {
  orderOn,
  revisionName,
  releaseOn as runReleaseOn,
} from '../../src/adapters/targets/cloud-run/notes.ts';
import { serving, troubleIn } from '../../src/adapters/targets/cloud-run/shapes.ts';
import { traceTail } from '../../src/adapters/targets/gitlab-pipeline/pipeline-status.ts';
import { commitIn } from '../../src/adapters/targets/gitops/flux-status.ts';
import { overriddenBy } from '../../src/adapters/targets/gitops/overrides.ts';
import { findValue } from '../../src/adapters/targets/gitops/place.ts';
import { spotInYaml } from '../../src/adapters/targets/gitops/yaml-value.ts';
import { imagesBefore, releaseOn } from '../../src/adapters/targets/kubernetes/notes.ts';
import { cut } from '../../src/adapters/targets/kubernetes/workload.ts';
import {
  imageInWords,
  isImageName,
  isPlaceholder,
  withoutDigest,
} from '../../src/adapters/targets/shared/image.ts';
import { parseLive } from '../../src/adapters/targets/shared/live-answer.ts';
import { parseNote } from '../../src/adapters/targets/shared/noted.ts';
import { ReleaseTemplate, readName, versionOfTag } from '../../src/adapters/targets/shared/release-name.ts';
import { changelogLines } from '../../src/blocks/card/plan.ts';
import { decodeValue } from '../../src/blocks/kit/button-value.ts';
import { clean, cleanLines, inert, mention, truncate, webAddress } from '../../src/blocks/kit/escape.ts';
import * as rich from '../../src/blocks/kit/rich-text.ts';
import { notedHead, sinceMs } from '../../src/cli/audit-log.ts';
import { promotionIn } from '../../src/cli/bot-api.ts';
import { healthPathIn } from '../../src/cli/init/address.ts';
import { repositoryOf, serviceNameIn } from '../../src/cli/init/repository.ts';
import { onOneLine } from '../../src/cli/output.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { MOST_BYTES, tooMuch } from '../../src/config/repository-file.ts';
import { looksRandom } from '../../src/config/secrets.ts';
import { readChangelog, sectionOf } from '../../src/domain/changelog/changelog.ts';
import { dateOrderOf, findDate } from '../../src/domain/changelog/dates.ts';
import { bare, bareText, linesOf } from '../../src/domain/changelog/document.ts';
import { isBreakingEntry } from '../../src/domain/changelog/entries.ts';
import { readChangeset } from '../../src/domain/changelog/fragments/changesets.ts';
import { readFragments } from '../../src/domain/changelog/fragments/fragments.ts';
import { towncrierIn } from '../../src/domain/changelog/fragments/towncrier.ts';
import { comparable, plainHeading, readHeading } from '../../src/domain/changelog/heading-reading.ts';
import { moveOn } from '../../src/domain/changelog/links.ts';
import { outlineOf } from '../../src/domain/changelog/outline.ts';
import { releaseChangelog } from '../../src/domain/changelog/release-changelog.ts';
import { saidIn, withoutCommentsIn } from '../../src/domain/changelog/spans.ts';
import { startRequestOf, startRequestsOf } from '../../src/domain/commands/start.ts';
import {
  bareWord,
  isCourtesy,
  serviceNamed,
  servicesFirst,
  versionIn,
  wordsOf,
} from '../../src/domain/commands/words.ts';
import { address, code, fenced, link, note, plain } from '../../src/domain/documents/markdown.ts';
import { exampleOf } from '../../src/domain/logs/example.ts';
import { learnLogs, messagesOf } from '../../src/domain/logs/known.ts';
import { messageIn } from '../../src/domain/logs/message.ts';
import { templateOf } from '../../src/domain/logs/template.ts';
import { authorsOf } from '../../src/domain/promotion/authors.ts';
import { diskTrouble } from '../../src/domain/refusals/disk.ts';
import { readCommit } from '../../src/domain/release/commits.ts';
import { headerOf, linesAfterHeader, readConventional } from '../../src/domain/release/conventional.ts';
import {
  authoredMessage,
  isBreakingMerge,
  isMergeMessage,
  pullRequestOf,
} from '../../src/domain/release/merge-message.ts';
import { hasTrailer, trailerOf, withTrailer } from '../../src/domain/release/message.ts';
import { numberOf, readRevert, withoutNumber } from '../../src/domain/release/revert-message.ts';
import { schemeProblem, versionScheme } from '../../src/domain/release/scheme.ts';
import { versionTags } from '../../src/domain/release/tag-form.ts';
import { contentHash } from '../../src/domain/release/version-files/composer.ts';
import { CONVENTIONAL_FILES } from '../../src/domain/release/version-files/conventional.ts';
import { gemfileLockRanges, gemspecRanges } from '../../src/domain/release/version-files/gems.ts';
import { findJsonString, isJson } from '../../src/domain/release/version-files/json-text.ts';
import { pomRanges, pomsIn } from '../../src/domain/release/version-files/maven.ts';
import { bunLockRanges } from '../../src/domain/release/version-files/node.ts';
import { findVersions } from '../../src/domain/release/version-files/version-files.ts';
import { pnpmLockRanges, yarnLockRanges } from '../../src/domain/release/version-files/workspace-locks.ts';
import { xmlTexts } from '../../src/domain/release/version-files/xml.ts';
import {
  asSemver,
  compareVersions,
  exactVersion,
  isPrerelease,
  versionKey,
} from '../../src/domain/release/version-key.ts';
import { sameWords, shortQuote, wordSaidIn } from '../../src/domain/reports/words.ts';
import { beginsMoment, momentOf as plannedMoment, zoneAmong } from '../../src/domain/schedule/moment.ts';
import { parseState } from '../../src/domain/state-file/document.ts';
import { momentOf } from '../../src/domain/state-file/moment.ts';
import { readStateFiles } from '../../src/domain/state-file/read.ts';
import { recordDeployment, recordRollback } from '../../src/domain/state-file/update.ts';
import * as vocabulary from '../../src/domain/state-file/vocabulary.ts';
import { groupCount, literalPattern, regularExpression } from '../../src/domain/text/bounded-pattern.ts';
import { decoded } from '../../src/domain/text/decoded.ts';
import { parseDuration, parseSpokenDuration } from '../../src/domain/text/duration.ts';
import { jsonIn } from '../../src/domain/text/json.ts';
import { isLoopback } from '../../src/domain/text/loopback.ts';
import { nearest } from '../../src/domain/text/nearest.ts';
import { redacted } from '../../src/domain/text/redaction.ts';
import { withoutReferences } from '../../src/domain/text/references.ts';
import { looksSealed } from '../../src/domain/text/seal.ts';
import { withoutTrailing } from '../../src/domain/text/trailing.ts';
import { asTyped, asWritten } from '../../src/domain/text/typed.ts';
import { visible, visibleInJson, withoutHidden } from '../../src/domain/text/visible.ts';
import { smallYaml } from '../../src/domain/text/yaml-limits.ts';
import { parsedAddress, passwordsIn, placeOf, serverOf } from '../../src/engine/database/address.ts';
import { parseCommand } from '../../src/handlers/parse/command.ts';
import { withoutMentions, withoutStyle } from '../../src/handlers/parse/markup.ts';
import { parseMention } from '../../src/handlers/parse/mention.ts';
import {
  guessThreadReply,
  isThreadRequest,
  parseThreadReply,
} from '../../src/handlers/parse/thread-reply.ts';
import { nearestTypo } from '../../src/handlers/parse/typo.ts';
import { ADAPTERS } from '../support/all-adapters.ts';

type Reader = (text: string) => unknown;

const SERVICES = ['shop', 'api'];
const RELEASE = { version: '1.1.0', tag: 'v1.1.0', previousTag: 'v1.0.0', date: '2030-01-01', generated: [] };
const COMMIT = 'a'.repeat(40);
const SHIPPED = { commit: COMMIT, version: '1.1.0', tag: 'v1.1.0' } as const;
const DEPLOYMENT = { id: '1', url: 'https://shop.example', startedAt: 0, finishedAt: 0 };
const CONNECTION = { host: 'db.test', port: 1, user: 'shop', password: '', database: 'shop', tls: null };
const PLACES = ['package.json', 'package-lock.json', 'VERSION', 'pyproject.toml', 'Cargo.toml'];

/** Lines of a log, all of them different. */
const linesIn = (text: string) =>
  Array.from({ length: 200 }, (_, index) => ({
    atMs: index,
    text: text.slice(index * 100, (index + 1) * 500),
  }));
const bytes = (text: string) => new TextEncoder().encode(text);
const reply = (body: string) =>
  ({ kind: 'reply', status: 200, headers: {}, body, cut: false, tookMs: 1 }) as const;

/**
 * Every reader of text that comes from outside: people, repositories, hosts, programs, production. By the file below
 * src/ that exports it; the first word of a name is that of the exported function.
 */
/** A service that takes all that it may from the file of its repository. */
const TEAM = `slack: { channel: "#ship" }
services:
  shop:
    from: { may: [alerts, checks, gates, health, logs, metrics, monitor] }
    repository: { use: git, url: "https://git.example.com/shop.git" }
    target: { use: git-branch, branch: production }
`;
const ofRepository = (text: string) =>
  parseConfig(TEAM, 'slipway.yaml', ADAPTERS, new Map([['shop', { file: 'shop@1/slipway.yaml', text }]]));

export const READERS: Readonly<Record<string, Readonly<Record<string, Reader>>>> = {
  'adapters/charts/font.ts': { printable },
  'adapters/checks/databases/mysql-words.ts': {
    mysqlTrouble: (text) => mysqlTrouble(new Error(text), CONNECTION),
  },
  'adapters/checks/databases/postgres-words.ts': {
    postgresTrouble: (text) => postgresTrouble(Object.assign(new Error(text), { code: '28000' }), CONNECTION),
  },
  'adapters/checks/jobs/backlog.ts': { momentIn },
  'adapters/checks/redis/reply.ts': {
    decodeReply: (text) => {
      try {
        return decodeReply(Buffer.from(text));
      } catch (error) {
        if (error instanceof NotRedis) return null;
        throw error;
      }
    },
  },
  'adapters/checks/shared/words.ts': { inItsWords, named },
  'adapters/gates/question.ts': {
    missingIn: (text) => missingIn(text, { service: 'shop' } as never),
    fillInAddress: (text) => fillInAddress(`https://a/{by}/${text}`, { service: 'shop', by: text } as never),
  },
  'adapters/heads/lines.ts': { headIn },
  'adapters/logs/printed-line.ts': { printedLine: (text) => printedLine(text, 0) },
  'adapters/repositories/git/failure.ts': {
    saidBy,
    isDamage: (text) => isDamage(text, '/data/git'),
    remoteFailure: (text) =>
      remoteFailure({ code: 1, stderr: text }, { url: 'https://git.example' } as never),
    pageInstead: (text) => pageInstead(`<= Recv header: content-type: ${text}`),
    redirectLine: (text) =>
      redirectLine(
        `<= Recv header: HTTP/1.1 302\n<= Recv header: Location: ${text}`,
        'https://git.example/a',
      ),
  },
  'adapters/repositories/git/refs.ts': {
    parseHead,
    parseLsRemote: (text) => toRefs(parseLsRemote(text)),
    parseMirror: (text) => toRefs(parseMirror(text)),
  },
  'adapters/repositories/git/remote.ts': {
    protocolOf,
    RemoteSettings: (text) => RemoteSettings.safeParse({ url: text }),
  },
  'adapters/repositories/git/web-links.ts': { webLinks: (text) => webLinks(text).commit('a') },
  'adapters/repositories/correlation.ts': {
    deployedBy,
    isOrderOf: (text) => isOrderOf({ tagPrefix: 'v' }, text),
    isOrderOfOthers: (text) => isOrderOfOthers({ tagPrefix: 'v' }, [{ tagPrefix: '' }], text),
  },
  'adapters/targets/gitlab-pipeline/pipeline-status.ts': { traceTail: (text) => traceTail(text, 20) },
  'adapters/repositories/github/filter-pattern.ts': {
    'fitsFilter pattern': (text) => fitsFilter(text.slice(0, 5_000), 'v1.2.3'),
    'fitsFilter name': (text) => fitsFilter('**[0-9]*.**.**+.*', text.slice(0, 5_000)),
  },
  'adapters/repositories/ref-pattern.ts': {
    'fitsRefPattern pattern': (text) => fitsRefPattern(text.slice(0, 5_000), 'refs/tags/v1.2.3'),
    'fitsRefPattern ref': (text) => fitsRefPattern('refs/**/v[0-9]*.*.?', text.slice(0, 5_000)),
    'isAsWanted text': (text) =>
      isAsWanted({ operator: 'regex', pattern: '^v(\\d+)+$' }, text.slice(0, 5_000)),
  },
  'adapters/repositories/github/tarball.ts': {
    filesOf: (text) => [...filesOf(gzipSync(Buffer.from(text), { level: 1 }), 1_000_000)],
  },
  'adapters/repositories/github/workflow-file.ts': {
    readWorkflowFile,
    showsInput: (text) => showsInput({ runName: text } as never, 'slipway'),
    startsByItself: (text) =>
      startsByItself({ events: { push: { tags: [text] } } } as never, { branch: 'main', tags: ['v1.2.3'] }),
  },
  'adapters/shared/aws/problem.ts': {
    errorInXml: (text) => errorInXml({ body: text, cut: false }),
    errorInJson: (text) => errorInJson({ body: JSON.stringify({ __type: text, message: text }), cut: false }),
  },
  'adapters/shared/aws/profile-files.ts': { parseSections },
  'adapters/shared/aws/signature.ts': { escaped: (text) => escaped(text.replaceAll(/\p{Surrogate}/gu, '')) },
  'adapters/shared/aws/xml.ts': { readXml },
  'adapters/shared/expectation.ts': {
    difference: (text) => difference('the body', text, { matches: '^ok$', contains: 'x' }),
    'difference of an unlucky pattern': (text) => difference('the body', text, { matches: '(a+)+$' }),
  },
  'adapters/shared/http.ts': { HttpUrl: (text) => HttpUrl.safeParse(`https://${text}`) },
  'adapters/shared/json-path.ts': {
    JsonPath: (text) => JsonPath.safeParse(text),
    valueAt: (text) => valueAt({}, text),
    parseJson: (text) => parseJson(reply(text)),
  },
  'adapters/shared/program/scrub.ts': {
    plainText,
    scrubber: (text) => scrubber(['s3cret-value']).clean(text),
  },
  'adapters/shared/google/key.ts': { readGoogleKey: (text) => readGoogleKey(text, 'KEY') },
  'adapters/targets/aws-ecs/balancer.ts': {
    groupName,
    ruleIn: (text) => {
      const groups = `<TargetGroups><member><TargetGroupArn>a</TargetGroupArn><Weight>${text}</Weight></member></TargetGroups>`;
      const action = `<member><Type>forward</Type><ForwardConfig>${groups}</ForwardConfig></member>`;
      const xml = readXml(`<R><Rules><member><Actions>${action}</Actions></member></Rules></R>`);
      const rule = xml && ruleIn(xml);
      return rule && shareOf('a', rule);
    },
  },
  'adapters/targets/aws-ecs/notes.ts': {
    shareNoted: (text) => shareNoted({ tags: [{ key: 'slipway:share', value: text }] }),
    releaseIn: (text) => {
      const tags = ['commit', 'version', 'image'].map((name) => ({ key: `slipway:${name}`, value: text }));
      const definition = { containerDefinitions: [{ name: 'web', image: text }] };
      return releaseIn({ definition, tags } as never, ['web']);
    },
  },
  'adapters/targets/aws-ecs/shapes.ts': {
    endOf,
    troubleOf: (text) =>
      troubleOf({
        taskArn: text,
        taskDefinitionArn: text,
        stoppedReason: text,
        containers: [{ name: 'web', reason: text }],
      }),
  },
  'adapters/targets/cloud-run/notes.ts': {
    orderOn: (text) => orderOn({ annotations: { 'slipway/order': text } }),
    releaseOn: (text) => runReleaseOn({ annotations: { 'slipway/release': text } }, text),
    revisionName: (text) => revisionName('shop', text, 'key'),
  },
  'adapters/targets/cloud-run/shapes.ts': {
    serving: (text) => serving({ trafficStatuses: [{ revision: text, percent: 100 }] } as never),
    troubleIn: (text) => troubleIn([{ state: 'CONDITION_FAILED', message: text }]),
  },
  'adapters/targets/gitops/flux-status.ts': { commitIn },
  'adapters/targets/gitops/overrides.ts': {
    overriddenBy: (text) =>
      overriddenBy(
        [{ path: text, helm: { values: text, valueFiles: [text] }, kustomize: { images: [text] } }],
        {
          file: 'values.yaml',
          place: { kind: 'value', path: ['image', 'tag'] },
        },
      ),
  },
  'adapters/targets/gitops/yaml-value.ts': {
    spotInYaml: (text) => spotInYaml(text, { kind: 'value', path: ['image', 'tag'] }),
  },
  'adapters/targets/gitops/place.ts': {
    'findValue of an image': (text) => findValue(text, { kind: 'kustomize', image: 'shop' }),
    'findValue at a path': (text) =>
      findValue(`image:\n  tag: ${text}`, { kind: 'value', path: ['image', 'tag'] }),
    'findValue by a pattern': (text) => findValue(text, { kind: 'pattern', pattern: '^TAG=(\\S+)$' }),
  },
  'adapters/targets/kubernetes/notes.ts': {
    releaseOn: (text) => releaseOn({ metadata: { annotations: { 'slipway/release': text } } } as never, text),
    imagesBefore: (text) => imagesBefore({ metadata: { annotations: { 'slipway/before': text } } } as never),
  },
  'adapters/targets/kubernetes/workload.ts': { cut },
  'adapters/targets/shared/release-name.ts': {
    ReleaseTemplate: (text) => ReleaseTemplate.safeParse(text),
    readName: (text) => [readName('ghcr.io/acme/shop:{tag}', text), readName('v{version}-x', text)],
    versionOfTag,
  },
  'adapters/targets/shared/image.ts': { imageInWords, isImageName, isPlaceholder, withoutDigest },
  'adapters/targets/shared/noted.ts': {
    parseNote: (text) => parseNote(z.record(z.string(), z.string()), text),
  },
  'adapters/targets/shared/live-answer.ts': { parseLive: (text) => parseLive(text, []) },
  'blocks/card/plan.ts': { changelogLines },
  'blocks/kit/button-value.ts': { decodeValue },
  'blocks/kit/escape.ts': {
    clean,
    cleanLines,
    inert,
    mention,
    truncate: (text) => truncate(text, 300),
    webAddress: (text) => webAddress(`https://${text}`),
  },
  'blocks/kit/rich-text.ts': {
    words: rich.words,
    line: rich.line,
    bold: rich.bold,
    italic: rich.italic,
    code: rich.code,
    header: rich.header,
    preformatted: rich.preformatted,
    linked: (text) => rich.linked(`https://${text}`, text),
    plain: (text) => rich.plain(text, 100),
  },
  'cli/bot-api.ts': {
    promotionIn: (body) => {
      try {
        promotionIn({ kind: 'reply', status: 200, headers: {}, body, cut: false, tookMs: 1 }, 'it', false);
      } catch {
        // It is no answer of a bot.
      }
    },
  },
  'cli/output.ts': { onOneLine },
  'cli/audit-log.ts': { notedHead, sinceMs: (text) => sinceMs(text, 0) },
  'domain/commands/start.ts': {
    startRequestOf: (text) => startRequestOf(wordsOf(text), SERVICES),
    startRequestsOf: (text) => startRequestsOf(wordsOf(text), SERVICES),
  },
  'domain/commands/words.ts': {
    bareWord,
    isCourtesy,
    serviceNamed: (text) => serviceNamed(text, SERVICES),
    servicesFirst: (text) => servicesFirst(text.split(' '), SERVICES),
    versionIn,
    wordsOf,
  },
  'domain/documents/markdown.ts': {
    plain,
    note,
    code,
    address,
    link: (text) => link(text, text),
    fenced: (text) => fenced(text.split('\n')),
  },
  'config/parse.ts': {
    parseConfig: ofRepository,
    // As much as is read at all.
    'parseConfig of the beginning': (text) => ofRepository(text.slice(0, MOST_BYTES)),
  },
  'config/repository-file.ts': { tooMuch },
  'config/secrets.ts': { looksRandom },
  'domain/changelog/changelog.ts': {
    readChangelog,
    'readChangelog rst': (text) => readChangelog(text, 'CHANGES.rst'),
    sectionOf: (text) => sectionOf(text, '1.0.0'),
  },
  'domain/changelog/fragments/changesets.ts': {
    readChangeset: (text) =>
      readChangeset('.changeset/a.md', `---\n"a": minor\n${text}\n---\n\n${text}`, null),
    'readChangeset of several services': (text) => readChangeset('.changeset/a.md', text, new Set(['a'])),
  },
  'domain/changelog/entries.ts': { isBreakingEntry },
  'domain/changelog/dates.ts': { findDate: (text) => findDate(text, 'day'), dateOrderOf },
  'domain/changelog/document.ts': { bare, bareText, linesOf },
  'domain/changelog/fragments/towncrier.ts': {
    towncrierIn: (text) => towncrierIn([text, `[tool.towncrier]\n${text}`]),
  },
  'domain/changelog/fragments/fragments.ts': {
    ...Object.fromEntries(
      ['.changeset/a.md', 'changelog.d/a.md', 'newsfragments/1.feature.md', '.changes/unreleased/a.yaml'].map(
        (path): [string, Reader] => [`readFragments ${path}`, (text) => readFragments([{ path, text }])],
      ),
    ),
    'readFragments of a changeset of several services': (text) =>
      readFragments([{ path: '.changeset/a.md', text: `---\n"a": minor\n${text}\n---\n\n${text}` }], {
        packages: new Set(['a']),
      }),
    'readFragments of a changeset': (text) =>
      readFragments([{ path: '.changeset/a.md', text: `---\n"shop": minor\n---\n\n${text}` }]),
  },
  'domain/changelog/heading-reading.ts': { readHeading, plainHeading, comparable },
  'domain/changelog/links.ts': { moveOn: (text) => moveOn(`https://a/compare/${text}`, RELEASE) },
  'domain/changelog/outline.ts': { outlineOf },
  'domain/changelog/release-changelog.ts': {
    releaseChangelog: (text) => releaseChangelog(text, RELEASE),
    'releaseChangelog rst': (text) => releaseChangelog(text, { ...RELEASE, path: 'CHANGES.rst' }),
    'releaseChangelog of what is unreleased': (text) =>
      releaseChangelog(`## [Unreleased]\n\n${text}`, RELEASE),
    'releaseChangelog of one with links': (text) =>
      releaseChangelog(`## [1.0.0] - 2029-01-01\n\n- a\n\n[1.0.0]: https://a/compare/${text}`, RELEASE),
  },
  'domain/text/yaml-limits.ts': { smallYaml: (text) => smallYaml(text, 100_000) },
  'domain/changelog/spans.ts': { saidIn, withoutCommentsIn },
  'domain/logs/example.ts': { exampleOf },
  'domain/logs/known.ts': {
    learnLogs: (text) => learnLogs([{ lines: linesIn(text), cut: false }], []),
    messagesOf: (text) => [...messagesOf(linesIn(text), ['health', text.slice(0, 200)])],
  },
  'domain/logs/message.ts': { messageIn },
  'domain/logs/template.ts': { templateOf },
  'domain/refusals/disk.ts': { diskTrouble },
  'domain/promotion/authors.ts': {
    authorsOf: (text) =>
      authorsOf([{ sha: COMMIT, authorEmail: text, message: `x\n\nCo-authored-by: ${text}` } as never], null),
  },
  'domain/release/commits.ts': {
    readCommit: (text) => readCommit({ sha: COMMIT, message: text } as never),
  },
  'domain/release/conventional.ts': {
    readConventional,
    headerOf,
    linesAfterHeader: (text) => [...linesAfterHeader(text)],
  },
  'domain/release/merge-message.ts': {
    isMergeMessage: (text) => isMergeMessage(text, true),
    authoredMessage,
    isBreakingMerge,
    pullRequestOf,
  },
  'domain/release/revert-message.ts': { readRevert, withoutNumber, numberOf },
  'domain/release/version-files/json-text.ts': {
    isJson,
    findJsonString: (text) => findJsonString(text, ['a', 'version']),
  },
  'domain/release/message.ts': {
    trailerOf: (text) => trailerOf(text, 'Slipway-Promotion'),
    hasTrailer: (text) => hasTrailer(text, 'Slipway-Promotion'),
    withTrailer: (text) => withTrailer(text, 'Slipway-Promotion', 'p1'),
  },
  'domain/release/version-key.ts': {
    exactVersion,
    versionKey,
    isPrerelease,
    asSemver,
    compareVersions: (text) => compareVersions(text, '1.2.3'),
  },
  'domain/release/scheme.ts': { versionScheme, schemeProblem },
  'domain/release/tag-form.ts': {
    versionTags: (text) =>
      ['semver', 'pep440', 'major.minor', 'YYYY.0M.MICRO'].map((scheme) =>
        versionTags(
          [text, `v${text}`].map((name) => ({ name, commit: COMMIT })),
          { tagPrefix: 'v', scheme },
        ),
      ),
  },
  'domain/release/version-files/workspace-locks.ts': Object.fromEntries(
    Object.entries({ pnpmLockRanges, yarnLockRanges }).map(([name, ranges]): [string, Reader] => [
      name,
      (text) => {
        const packages = new Map([
          ['package.json', '{"name":"a","version":"1.2.3"}'],
          ['b/package.json', '{"name":"@b/b","version":"1.2.3"}'],
        ]);
        return [
          ranges(text, '', packages),
          ranges(`__metadata:\n"a@workspace:.${text}\n    a: ${text}`, '', packages),
          ranges(`importers:\n  .:\n    dependencies:\n      a:\n        specifier: ${text}`, '', packages),
        ];
      },
    ]),
  ),
  'domain/release/version-files/node.ts': {
    bunLockRanges: (text) =>
      bunLockRanges(text, '', new Map([['package.json', '{"name":"a","version":"1.2.3"}']])),
  },
  'domain/release/version-files/xml.ts': { xmlTexts },
  'domain/release/version-files/composer.ts': { contentHash },
  'domain/release/version-files/gems.ts': {
    gemspecRanges: (text) => gemspecRanges(text, new Map([['a', () => true]])),
    gemfileLockRanges: (text) =>
      [text, `PATH\n${text}`].map((one) => gemfileLockRanges(one, new Map([['a', () => true]]))),
  },
  'domain/release/version-files/maven.ts': {
    pomRanges: (text) => pomRanges(text, pomsIn(new Map([['pom.xml', text]]))),
  },
  'domain/release/version-files/version-files.ts': {
    ...Object.fromEntries(
      PLACES.map((path): [string, Reader] => [
        `findVersions ${path}`,
        (text) => findVersions([{ path, text }], []),
      ]),
    ),
    'findVersions Cargo.lock': (text) =>
      findVersions(
        [
          { path: 'Cargo.toml', text: '[package]\nname = "a"\nversion = "1.0.0"' },
          { path: 'Cargo.lock', text },
        ],
        [],
      ),
    'findVersions by marker': (text) =>
      findVersions([{ path: 'a.txt', text: `${text} x-slipway-version` }], []),
    'findVersions in TOML': (text) => findVersions([{ path: 'pyproject.toml', text }], []),
    'findVersions in files of other languages': (text) =>
      findVersions(
        [...CONVENTIONAL_FILES, 'a.csproj', 'a.gemspec', 'lib/version.rb'].map((path) => ({ path, text })),
        [],
      ),
    'findVersions in a lock': (text) =>
      findVersions(
        [
          { path: 'Cargo.toml', text: '[package]\nname = "shop"' },
          { path: 'Cargo.lock', text: `[[package]]\nname = "shop"\n${text}` },
        ],
        [],
      ),
    'findVersions by an unlucky pattern': (text) =>
      findVersions([{ path: 'a.txt', text }], [{ path: 'a.txt', pattern: '((?:a|1|-)+)+!$' }]),
  },
  'cli/init/address.ts': { healthPathIn: (text) => [healthPathIn(text), healthPathIn(`path: /${text}`)] },
  'cli/init/repository.ts': { repositoryOf, serviceNameIn },
  'domain/state-file/document.ts': { parseState: (text) => parseState('state.yaml', bytes(text)) },
  'domain/state-file/moment.ts': { momentOf },
  'domain/state-file/read.ts': {
    readStateFiles: (text) => readStateFiles([{ path: 'state.yaml', bytes: bytes(text) }]),
  },
  'domain/state-file/update.ts': {
    recordDeployment: (text) =>
      recordDeployment('state.yaml', text, { release: SHIPPED as never, deployment: DEPLOYMENT as never }),
    recordRollback: (text) =>
      recordRollback('state.yaml', text, { to: SHIPPED as never, at: 0, reason: 'errors' }),
  },
  'domain/state-file/vocabulary.ts': {
    gateWord: vocabulary.gateWord,
    leaningOf: vocabulary.leaningOf,
    phaseWord: vocabulary.phaseWord,
    keyWord: vocabulary.keyWord,
    flagOf: vocabulary.flagOf,
    isBlank: vocabulary.isBlank,
    namesFeature: (text) => [vocabulary.namesFeature(text, '001-a'), vocabulary.namesFeature('001', text)],
  },
  'domain/schedule/moment.ts': {
    beginsMoment,
    momentOf: (text) => plannedMoment(text.split(' '), { now: 0, zone: 'Europe/Berlin' }, SERVICES),
    zoneAmong,
  },
  'domain/text/duration.ts': { parseDuration, parseSpokenDuration },
  'domain/text/json.ts': { jsonIn },
  'domain/text/loopback.ts': { isLoopback: (text) => isLoopback(`https://${text}`) },
  'domain/text/nearest.ts': { nearest: (text) => nearest(text, ['rollback', 'status', 'history']) },
  'domain/text/bounded-pattern.ts': { groupCount, literalPattern, regularExpression },
  'domain/text/decoded.ts': { decoded },
  'engine/database/address.ts': { parsedAddress, passwordsIn, placeOf, serverOf },
  'domain/text/redaction.ts': { redacted },
  'domain/text/references.ts': { withoutReferences },
  'domain/reports/words.ts': {
    sameWords,
    shortQuote,
    wordSaidIn: (text) => wordSaidIn(text, ['broken', 'does not work']),
  },
  'domain/text/typed.ts': { asTyped, asWritten },
  'domain/text/visible.ts': { visible, visibleInJson, withoutHidden },
  'domain/text/seal.ts': { looksSealed },
  'domain/text/trailing.ts': { withoutTrailing: (text) => withoutTrailing(text, '/.') },
  'handlers/parse/command.ts': {
    parseCommand: (text) => parseCommand(text, SERVICES),
    'parseCommand lock': (text) => parseCommand(`lock shop ${text}`, SERVICES),
    'parseCommand schedule': (text) => parseCommand(`schedule shop ${text}`, SERVICES),
  },
  'handlers/parse/markup.ts': { withoutMentions, withoutStyle },
  'handlers/parse/mention.ts': { parseMention: (text) => parseMention(text, SERVICES) },
  'handlers/parse/thread-reply.ts': {
    parseThreadReply,
    guessThreadReply: (text) => guessThreadReply(text, SERVICES),
    isThreadRequest: (text) => isThreadRequest(text, SERVICES),
  },
  'handlers/parse/typo.ts': { nearestTypo: (text) => nearestTypo(text, ['rollback']) },
};
