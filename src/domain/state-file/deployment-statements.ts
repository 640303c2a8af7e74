import type { Field, StateDocument } from './document.ts';
import { stagingGates } from './gate-statements.ts';
import type { ProductionRecord, Reading, StagingDeployment } from './reading.ts';
import { agree, deploymentFields, type StatementOf, said, textOf } from './statements.ts';
import { gateWord } from './vocabulary.ts';

const COMMIT_KEYS = ['commit_sha', 'commit', 'sha'];
const VALIDATED_COMMIT_KEYS = ['commit_sha', 'validated_commit', 'commit', 'sha'];

/** What the files say of the build on staging. */
export function stagingDeployment(
  documents: readonly StateDocument[],
  looked: readonly string[],
): Reading<StagingDeployment> {
  const statements = documents.flatMap((document) =>
    deploymentFields(document, 'staging').flatMap((staging): StatementOf<StagingDeployment>[] => {
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
