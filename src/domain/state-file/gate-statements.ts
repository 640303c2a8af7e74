import { type Field, quoteOf, type StateDocument } from './document.ts';
import { bases, deploymentFields, type StatementOf, said } from './statements.ts';
import { gateWord, leaningOf } from './vocabulary.ts';

const STAGING_GATES = ['staging_validation', 'staging-validation', 'validate-staging', 'validate_staging'];
const ROLLBACK_GATES = ['rollback', 'rollback_capability', 'rollback-capability'];
const NAME_KEYS = ['name', 'id', 'gate', 'key', 'type'];

/** What a file says of the validation of staging by a person. */
export function stagingValidations(document: StateDocument): StatementOf<string>[] {
  return gateStatements(document, 'manual_gates', STAGING_GATES).concat(stagingFlag(document));
}

/** What a file says of a rollback that was tried. */
export function rollbackTests(document: StateDocument): StatementOf<string>[] {
  return gateStatements(document, 'quality_gates', ROLLBACK_GATES);
}

/** The gates of staging as they are written. */
export function stagingGates(document: StateDocument): Field[] {
  return bases(document).flatMap((base) => gatesNamed(base.get('manual_gates'), STAGING_GATES));
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
): StatementOf<string>[] {
  return bases(document)
    .flatMap((base) => gatesNamed(base.get(section), names))
    .flatMap((gate) => gateSays(document, gate));
}

function gateSays(document: StateDocument, gate: Field): StatementOf<string>[] {
  const statements: StatementOf<string>[] = [];
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

function wordStatement(document: StateDocument, field: Field, word: string): StatementOf<string> {
  const leaning = leaningOf(word);
  return said(document, field, word, leaning === 'other' ? `other ${word}` : leaning);
}

/**
 * `deployment.staging.validated: false` speaks against an approval, unless `validated_at: null` beside it shows
 * that it is the template's default. `true` says nothing: it is no person's approval.
 */
function stagingFlag(document: StateDocument): StatementOf<string>[] {
  return deploymentFields(document, 'staging').flatMap((staging) => {
    const flag = staging.get('validated');
    if (flag?.text?.toLowerCase() !== 'false' || staging.get('validated_at')?.kind === 'null') return [];
    return gateStatements(document, 'manual_gates', STAGING_GATES).some(
      (statement) => statement.agrees === 'yes',
    )
      ? [wordStatement(document, flag, 'failed')]
      : [];
  });
}
