import { type Field, parseState, quoteOf, type StateDocument } from './document.ts';
import type { ProductionRecord, Reading, StagingDeployment, Statement, StateReading } from './reading.ts';
import { featureNumber, gateWord, leaningOf, namesFeature, phaseWord } from './vocabulary.ts';

const STAGING_GATES = ['staging_validation', 'staging-validation', 'validate-staging', 'validate_staging'];
const ROLLBACK_GATES = ['rollback', 'rollback_capability', 'rollback-capability'];
const COMMIT_KEYS = ['commit_sha', 'commit', 'sha'];
const VALIDATED_COMMIT_KEYS = ['commit_sha', 'validated_commit', 'commit', 'sha'];
const NAME_KEYS = ['name', 'id', 'gate', 'key', 'type'];

/** A statement with its value, and what two statements must share to agree. */
interface Said<T> extends Statement {
  readonly value: T;
  readonly agrees: string;
}

interface File {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads the state of one feature from its own state files and from shared ones, in that order of precedence.
 *
 * In each file the canonical key comes first, then its aliases; whatever two places say differently is a
 * contradiction, wherever they stand. A file that is there but cannot be read makes every fact unreadable:
 * it might say no. A shared file that names another feature says nothing about this one.
 *
 * @param feature of which the files speak; absent: they are taken as they are (to read `current_feature`)
 */
export function readStateFiles(
  files: readonly File[],
  feature?: { readonly slug: string; readonly dir: string },
): StateReading {
  const paths = files.map((file) => file.path);
  const documents: StateDocument[] = [];
  for (const file of files) {
    const parsed = parseState(file.path, file.bytes);
    if (parsed.kind === 'unreadable') return allUnreadable(paths, parsed.reason);
    const own = feature === undefined || file.path.startsWith(`${feature.dir}/`);
    const stranger = feature === undefined ? null : otherFeature(parsed.document, feature.slug, own);
    if (stranger === null) documents.push(parsed.document);
    else if (own)
      return allUnreadable(paths, `${stranger.source} says ${stranger.quote}: it speaks of another feature`);
  }
  const looked = documents.map((document) => document.path);
  const say = <T>(pick: (document: StateDocument) => readonly Said<T>[]): Reading<T> =>
    agree(documents.flatMap(pick), looked);
  return {
    files: paths,
    phase: say(phases),
    stagingValidation: say((document) =>
      gateStatements(document, 'manual_gates', STAGING_GATES).concat(stagingFlag(document)),
    ),
    rollbackGate: say((document) => gateStatements(document, 'quality_gates', ROLLBACK_GATES)),
    stagingDeployment: stagingDeployment(documents, looked),
    validatedCommit: longestCommit(documents.flatMap(validatedCommits), looked),
    production: say(productionRecords),
    currentFeature: say(currentFeatures),
  };
}

/** The root and `workflow:`, where older files keep everything. */
function bases(document: StateDocument): readonly Field[] {
  const workflow = document.root.get('workflow');
  return workflow === null ? [document.root] : [document.root, workflow];
}

function said<T>(document: StateDocument, field: Field, value: T, agrees: string): Said<T> {
  return { value, agrees, quote: quoteOf(field), source: `${document.path}:${field.line}` };
}

function phases(document: StateDocument): Said<string>[] {
  return bases(document)
    .flatMap((base) => [base.get('current_phase'), base.get('phase')])
    .flatMap((field) => {
      if (!field?.text) return [];
      const word = phaseWord(field.text);
      return [said(document, field, word, word)];
    });
}

function currentFeatures(document: StateDocument): Said<string>[] {
  return bases(document).flatMap((base) => {
    const feature = base.get('feature');
    return [base.get('current_feature'), feature?.get('slug') ?? null, feature].flatMap((field) =>
      field?.text ? [said(document, field, field.text, field.text.toLowerCase())] : [],
    );
  });
}

/** The statement by which a file says that it belongs to another feature, or null. */
function otherFeature(document: StateDocument, slug: string, own: boolean): Said<string> | null {
  const statements = currentFeatures(document);
  if (!own) return statements.find((statement) => !namesFeature(statement.value, slug)) ?? null;
  // In a feature's own file the field is often a free title; only another number is telling.
  const number = featureNumber(slug);
  return (
    statements.find((statement) => {
      const other = featureNumber(statement.value);
      return number !== null && other !== null && other !== number;
    }) ?? null
  );
}

/** Gates by name below a map, or in a list of maps that carry their name, or of one-key maps. */
function gatesNamed(container: Field | null, names: readonly string[]): Field[] {
  if (container === null) return [];
  const members =
    container.kind === 'list'
      ? container.items.flatMap((item): (readonly [string, Field])[] => {
          const name = NAME_KEYS.map((key) => item.get(key)?.text ?? null).find((text) => text !== null);
          return name ? [[name, item]] : item.entries.map(([key, value]) => [key, value] as const);
        })
      : container.entries;
  return names.flatMap((name) => members.flatMap(([key, field]) => (key === name ? [field] : [])));
}

function gateStatements(
  document: StateDocument,
  section: 'manual_gates' | 'quality_gates',
  names: readonly string[],
): Said<string>[] {
  return bases(document)
    .flatMap((base) => gatesNamed(base.get(section), names))
    .flatMap((gate) => gateSays(document, gate));
}

function gateSays(document: StateDocument, gate: Field): Said<string>[] {
  const statements: Said<string>[] = [];
  const status = gate.kind === 'scalar' ? gate : gate.get('status');
  if (status?.text) statements.push(wordStatement(document, status, gateWord(status.text)));
  else if (status !== null && status.kind !== 'null')
    statements.push(wordStatement(document, status, quoteOf(status)));
  const flag = gate.get('passed');
  if (flag?.text) {
    const word = { true: 'passed', false: 'failed' }[flag.text.toLowerCase()] ?? gateWord(flag.text);
    statements.push(wordStatement(document, flag, word));
  }
  const blockers = gate.get('blockers');
  const blocked = blockers !== null && (blockers.items.length > 0 || isBlockerText(blockers.text));
  if (blockers !== null && blocked && statements.some((statement) => statement.agrees === 'yes')) {
    statements.push(wordStatement(document, blockers, 'blocked'));
  }
  return statements;
}

function isBlockerText(text: string | null): boolean {
  return text !== null && !['', 'none', 'no', '0', 'false', 'n/a', '-'].includes(text.toLowerCase());
}

function wordStatement(document: StateDocument, field: Field, word: string): Said<string> {
  const leaning = leaningOf(word);
  return said(document, field, word, leaning === 'other' ? `other ${word}` : leaning);
}

/**
 * `deployment.staging.validated: false` speaks against an approval, unless `validated_at: null` beside it shows
 * that it is the template's default. `true` says nothing: it is no person's approval.
 */
function stagingFlag(document: StateDocument): Said<string>[] {
  return stagingFields(document).flatMap((staging) => {
    const flag = staging.get('validated');
    if (flag?.text?.toLowerCase() !== 'false' || staging.get('validated_at')?.kind === 'null') return [];
    return gateStatements(document, 'manual_gates', STAGING_GATES).some(
      (statement) => statement.agrees === 'yes',
    )
      ? [wordStatement(document, flag, 'failed')]
      : [];
  });
}

function environment(document: StateDocument, name: 'staging' | 'production'): Field[] {
  return bases(document).flatMap((base) => base.get('deployment')?.get(name) ?? []);
}

function stagingFields(document: StateDocument): Field[] {
  return environment(document, 'staging');
}

function textOf(field: Field, keys: readonly string[]): Field | null {
  for (const key of keys) {
    const found = field.get(key);
    if (found?.text) return found;
  }
  return null;
}

function timeOf(field: Field): Field | null {
  const found = textOf(field, ['deployed_at', 'timestamp']);
  return found !== null && Number.isFinite(Date.parse(found.text ?? '')) ? found : null;
}

/** The id of a deployment; several ids (one per app) read as `app=…, api=…`. */
function deploymentIds(field: Field): { readonly field: Field; readonly text: string } | null {
  const single = textOf(field, ['deployment_id', 'run_id']);
  if (single?.text) return { field: single, text: single.text };
  const several = field.get('deployment_ids');
  const named = several?.entries.flatMap(([key, id]) => (id.text ? [`${key}=${id.text}`] : [])) ?? [];
  return several && named.length > 0 ? { field: several, text: named.join(', ') } : null;
}

function stagingDeployment(
  documents: readonly StateDocument[],
  looked: readonly string[],
): Reading<StagingDeployment> {
  const statements = documents.flatMap((document) =>
    stagingFields(document).flatMap((staging): Said<StagingDeployment>[] => {
      const at = timeOf(staging);
      const ids = deploymentIds(staging);
      const commit = textOf(staging, COMMIT_KEYS);
      const flag = staging.get('deployed');
      const yes = flag?.text?.toLowerCase() === 'true' ? flag : (at ?? ids?.field ?? commit);
      const no = flag?.text?.toLowerCase() === 'false' ? flag : null;
      const url = textOf(staging, ['url', 'staging_url'])?.text;
      const facts = {
        ...(url ? { url } : {}),
        ...(ids ? { deploymentId: ids.text } : {}),
        ...(at?.text ? { deployedAt: at.text } : {}),
        ...(commit?.text ? { commit: commit.text } : {}),
      };
      return [
        ...(yes ? [said(document, yes, { deployed: true, ...facts }, 'deployed')] : []),
        ...(no ? [said(document, no, { deployed: false }, 'not deployed')] : []),
      ];
    }),
  );
  return agree(statements, looked);
}

function validatedCommits(document: StateDocument): Said<string>[] {
  const gates = bases(document).flatMap((base) => gatesNamed(base.get('manual_gates'), STAGING_GATES));
  const fields = [
    ...gates.map((gate) => textOf(gate, VALIDATED_COMMIT_KEYS)),
    ...stagingFields(document).map((staging) => textOf(staging, COMMIT_KEYS)),
  ];
  return fields.flatMap((field) =>
    field?.text ? [said(document, field, field.text.toLowerCase(), field.text.toLowerCase())] : [],
  );
}

/** A short id agrees with the full id that it begins; the longest is the answer. */
function longestCommit(statements: readonly Said<string>[], looked: readonly string[]): Reading<string> {
  const odd = statements.find((statement) => !/^[0-9a-f]{7,64}$/.test(statement.value));
  if (odd) return { kind: 'unreadable', reason: `${odd.source} says ${odd.quote}, which is not a commit id` };
  const longest = statements.reduce<Said<string> | null>(
    (best, statement) => (best === null || statement.value.length > best.value.length ? statement : best),
    null,
  );
  return agree(
    statements.map((statement) => {
      const same = longest?.value.startsWith(statement.value) ? longest.value : statement.value;
      return { ...statement, value: same, agrees: same };
    }),
    looked,
  );
}

function productionRecords(document: StateDocument): Said<ProductionRecord>[] {
  return environment(document, 'production').flatMap((production) => {
    const at = timeOf(production);
    const flag = production.get('deployed');
    const status = production.get('status');
    const back =
      textOf(production, ['rolled_back_at']) ??
      (gateWord(status?.text ?? '') === 'rolled_back' ? status : null);
    // A release that failed its health checks is rolled back before its deployment was ever recorded.
    const sign =
      flag?.text?.toLowerCase() === 'true' ? flag : (at ?? deploymentIds(production)?.field ?? back);
    if (sign === null) return [];
    const rolledBack = back !== null;
    const rolledBackAt = textOf(production, ['rolled_back_at'])?.text;
    const version = production.get('version')?.text;
    const record = {
      rolledBack,
      ...(version ? { version } : {}),
      ...(at?.text ? { deployedAt: at.text } : {}),
      ...(rolledBackAt ? { rolledBackAt } : {}),
    };
    return [said(document, sign, record, rolledBack ? 'rolled back' : 'deployed')];
  });
}

/** The first statement when all agree, else the first of each side. */
function agree<T>(statements: readonly Said<T>[], looked: readonly string[]): Reading<T> {
  const first = statements[0];
  if (first === undefined) return { kind: 'missing', looked };
  const sides = statements.filter(
    (statement, index) => statements.findIndex((other) => other.agrees === statement.agrees) === index,
  );
  if (sides.length > 1) {
    return { kind: 'contradiction', statements: sides.map(({ quote, source }) => ({ quote, source })) };
  }
  return { kind: 'value', value: first.value, source: first.source, quote: first.quote };
}

function allUnreadable(files: readonly string[], reason: string): StateReading {
  const unreadable = { kind: 'unreadable', reason } as const;
  return {
    files,
    phase: unreadable,
    stagingValidation: unreadable,
    rollbackGate: unreadable,
    stagingDeployment: unreadable,
    validatedCommit: unreadable,
    production: unreadable,
    currentFeature: unreadable,
  };
}
