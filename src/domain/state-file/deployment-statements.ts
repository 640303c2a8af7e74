import type { Field, StateDocument } from './document.ts';
import { approvalTime, isYes, stagingGates } from './gate-statements.ts';
import { isAfter, momentOf } from './moment.ts';
import { deploymentFields } from './places.ts';
import type { ProductionRecord, Reading, StagingApproval, StagingDeployment } from './reading.ts';
import { agree, named, type StatementOf, said, textOf, timeOf } from './statements.ts';
import { flagOf, gateWord, leaningOf } from './vocabulary.ts';

/** The keys by which files name the facts of a deployment, the usual one first. */
export const COMMIT_KEYS = ['commit_sha', 'commit', 'sha', 'commit_hash', 'git_sha', 'git_commit'];
export const DEPLOYED_KEYS = [
  'deployed_at',
  'timestamp',
  'deployment_date',
  'deployed_on',
  'date',
  'completed_at',
  'at',
];
export const ROLLED_BACK_KEYS = ['rolled_back_at', 'rollback_at', 'rolledback_at'];
export const ID_KEYS = ['deployment_id', 'run_id', 'workflow_run_id', 'deploy_id'];
const VALIDATED_COMMIT_KEYS = ['commit_sha', 'validated_commit', ...COMMIT_KEYS.slice(1)];
/** Words of a status that say that it runs there. */
const DEPLOYED_WORDS = ['deployed', 'live', 'shipped', 'released', 'active', 'healthy', 'running'];
const ROLLED_BACK_WORDS = ['rolled_back', 'rolledback', 'rollback', 'reverted'];

/** What the files say of the build on staging. */
export function stagingDeployment(
  documents: readonly StateDocument[],
  looked: readonly string[],
): Reading<StagingDeployment> {
  const statements = documents.flatMap((document) =>
    deploymentFields(document, 'staging').flatMap((staging): StatementOf<StagingDeployment>[] => {
      const { yes, no, at, ids } = signsOf(staging);
      const commit = textOf(staging, COMMIT_KEYS);
      const url = textOf(staging, ['url', 'staging_url', 'deployment_url'])?.text;
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

/**
 * The fields by which a file says that something was deployed and that it was not. Ids and commits may be left over
 * from an earlier time: they count only where no flag and no status says no.
 */
function signsOf(field: Field) {
  const at = timeOf(field, DEPLOYED_KEYS);
  const ids = deploymentIds(field);
  const flags = [...named(field, ['deployed']), ...named(field, ['status', 'state'])];
  const no = flags.find((flag) => saysDeployed(flag) === false) ?? null;
  const yes =
    flags.find((flag) => saysDeployed(flag) === true) ??
    at ??
    (no === null ? (ids?.field ?? textOf(field, COMMIT_KEYS)) : null);
  return { yes, no, at, ids };
}

function saysDeployed({ text }: Field): boolean | null {
  if (text === null) return null;
  const word = gateWord(text);
  if (DEPLOYED_WORDS.includes(word) || momentOf(text) !== null) return true;
  if (ROLLED_BACK_WORDS.includes(word) || word === 'not_deployed') return false;
  const flag = flagOf(text);
  if (flag !== null) return flag;
  const leaning = leaningOf(word);
  return leaning === 'other' ? null : leaning === 'yes';
}

/** The approvals of staging that a file holds, each with its own time and commit. */
export function approvals(document: StateDocument): StagingApproval[] {
  return stagingGates(document).flatMap((gate) => {
    const [at, commit] = [approvalTime(gate), textOf(gate, VALIDATED_COMMIT_KEYS)?.text ?? null];
    return isYes(document, gate) || at !== null || commit !== null ? [{ at, commit }] : [];
  });
}

/** Commits that a file calls validated on staging, or deployed there. */
export function validatedCommits(document: StateDocument): StatementOf<string>[] {
  const fields = [
    ...stagingGates(document).map((gate) => textOf(gate, VALIDATED_COMMIT_KEYS)),
    ...deploymentFields(document, 'staging').map((staging) => textOf(staging, COMMIT_KEYS)),
  ];
  return fields.flatMap((field) =>
    field?.text ? [said(document, field, field.text.toLowerCase(), field.text.toLowerCase())] : [],
  );
}

/** A short id agrees with the full id that it begins; the longest is the answer. */
export function longestCommit(
  statements: readonly StatementOf<string>[],
  looked: readonly string[],
): Reading<string> {
  const odd = statements.find((statement) => !/^[0-9a-f]{7,64}$/.test(statement.value));
  if (odd) return { kind: 'unreadable', reason: `${odd.source} says ${odd.quote}, which is not a commit id` };
  const longest = statements.reduce<StatementOf<string> | null>(
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

/** What a file says of an earlier deployment to production. */
export function productionRecords(document: StateDocument): StatementOf<ProductionRecord>[] {
  return deploymentFields(document, 'production').flatMap((production) => {
    const { yes, no, at } = signsOf(production);
    const back = rollbackOf(production);
    const again = at !== null && back?.at != null && isAfter(momentOf(at.text ?? ''), momentOf(back.at));
    const rolledBack = back !== null && !again;
    const version = textOf(production, ['version', 'release_version'])?.text;
    const record = {
      rolledBack,
      ...(version ? { version } : {}),
      ...(at?.text ? { deployedAt: at.text } : {}),
      ...(back?.at ? { rolledBackAt: back.at } : {}),
    };
    // A release that failed its health checks is rolled back before its deployment was ever recorded.
    if (rolledBack) return [said(document, back.field, record, 'rolled back')];
    if (yes === null) return [];
    const deployed = said(document, yes, record, 'deployed');
    return no === null ? [deployed] : [deployed, said(document, no, record, 'not deployed')];
  });
}

/** The field that tells of a rollback, and when it was, as written. */
function rollbackOf(production: Field): { readonly field: Field; readonly at: string | null } | null {
  const history = named(production, ['rollback', 'rollbacks', 'rollback_history']).flatMap((field) =>
    field.kind === 'list' ? field.items.slice(-1) : [field],
  );
  const inner = history.find((field) => named(field, ['from', 'to', ...ROLLED_BACK_KEYS]).length > 0);
  const at =
    timeOf(production, ROLLED_BACK_KEYS) ??
    (inner ? timeOf(inner, [...ROLLED_BACK_KEYS, ...DEPLOYED_KEYS]) : null);
  const status = named(production, ['status', 'state']).find(
    ({ text }) => text !== null && ROLLED_BACK_WORDS.includes(gateWord(text)),
  );
  const flag = named(production, ['rolled_back']).find(({ text }) => text !== null && flagOf(text) === true);
  const field =
    at ??
    status ??
    flag ??
    textOf(production, [...ROLLED_BACK_KEYS, 'rollback_from', 'rollback_to', 'rolled_back_to']) ??
    inner;
  return field === undefined ? null : { field, at: at?.text ?? null };
}

/** The id of a deployment; several ids (one per app) read as `app=…, api=…`. */
function deploymentIds(field: Field): { readonly field: Field; readonly text: string } | null {
  const single = textOf(field, ID_KEYS);
  if (single?.text) return { field: single, text: single.text };
  for (const several of named(field, ['deployment_ids'])) {
    const ids = several.entries.flatMap(([key, id]) => (id.text ? [`${key}=${id.text}`] : []));
    if (ids.length > 0) return { field: several, text: ids.join(', ') };
  }
  return null;
}
