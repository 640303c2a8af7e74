import { type Field, quoteOf, type StateDocument } from './document.ts';
import { isAfter, isAfterInAnyZone, momentOf } from './moment.ts';
import { deploymentFields } from './places.ts';
import { bases, named, type StatementOf, said, textOf, timeOf } from './statements.ts';
import { flagOf, gateWord, isBlank, keyWord, leaningOf } from './vocabulary.ts';

interface Kind {
  readonly section: string;
  readonly names: readonly string[];
  /** The word that passes the gate. */
  readonly word: string;
}

const STAGING: Kind = {
  section: 'manual_gates',
  names: ['staging_validation', 'validate_staging', 'staging_approval'],
  word: 'approved',
};
const ROLLBACK: Kind = {
  section: 'quality_gates',
  names: ['rollback', 'rollback_capability', 'rollback_test', 'rollback_tested', 'rollback_capable'],
  word: 'passed',
};
const NAME_KEYS = ['name', 'id', 'gate', 'key', 'type'];
const STATUS_KEYS = [
  'status',
  'state',
  'result',
  'outcome',
  'decision',
  'verdict',
  'approval',
  'test_result',
];
/** Flags that give a result: the word of their yes and of their no. */
const RESULTS: Readonly<Record<string, readonly [string, string]>> = {
  passed: ['passed', 'failed'],
  test_passed: ['passed', 'failed'],
  tests_passed: ['passed', 'failed'],
  approved: ['approved', 'pending'],
  accepted: ['accepted', 'pending'],
  signed_off: ['signed_off', 'pending'],
  success: ['success', 'failed'],
  ok: ['ok', 'failed'],
  validated: ['validated', 'not_validated'],
  verified: ['verified', 'not_validated'],
};
/** Flags of which only the no tells something of the result: what was tested may have failed. */
const CONDITIONS: Readonly<Record<string, readonly [string, string]>> = {
  tested: ['tested', 'not_tested'],
  completed: ['completed', 'not_completed'],
  complete: ['complete', 'not_completed'],
  done: ['done', 'not_done'],
  available: ['available', 'not_available'],
};
/** Flags whose yes is a no. */
const OBJECTIONS = [
  'rejected',
  'failed',
  'blocked',
  'declined',
  'pending',
  'skipped',
  'auto_skipped',
  'waived',
  'revoked',
  'withdrawn',
  'cancelled',
  'canceled',
  'expired',
];
const BLOCKER_KEYS = ['blockers', 'blocking_issues', 'blocker_issues', 'open_blockers'];
/** The keys by which a gate says when it was approved, the one that is read first in front. */
export const APPROVAL_TIMES = [
  'approved_at',
  'approved_on',
  'validated_at',
  'signed_off_at',
  'timestamp',
  'date',
  'at',
];

const TEST_TIMES = [
  ...APPROVAL_TIMES,
  'tested_at',
  'passed_at',
  'verified_at',
  'completed_at',
  'last_tested',
];

/** What a file says of the validation of staging by a person. */
export function stagingValidations(document: StateDocument): StatementOf<string>[] {
  return gateStatements(document, STAGING).concat(stagingFlag(document));
}

/**
 * What the files say of a rollback that was tried. The `rollback_tested: false` of the template counts where the gate that it
 * stands in is approved, and nothing says that a test passed, or only one of before staging was deployed.
 */
export function rollbackTests(
  documents: readonly StateDocument[],
  deployedAt: string,
): StatementOf<string>[] {
  const tests = documents.flatMap((document) => gateStatements(document, ROLLBACK));
  const times = documents.flatMap(rollbackTimes);
  const isOlder = times.length > 0 && times.every((time) => isAfterInAnyZone(deployedAt, time));
  if (tests.length > 0 && !(isOlder && tests.every(({ agrees }) => agrees === 'yes'))) return tests;
  return [...tests, ...documents.flatMap(untested)];
}

function untested(document: StateDocument): StatementOf<string>[] {
  return stagingGates(document)
    .filter((gate) => isYes(document, gate))
    .flatMap((gate) => named(gate, ['rollback_tested']))
    .flatMap((field) =>
      field.text !== null && flagOf(field.text) === false
        ? [wordStatement(document, field, 'not_tested')]
        : [],
    );
}

/** Whether a file says that a rollback was tried. */
export function isTested(document: StateDocument): boolean {
  return gatesOf(document, ROLLBACK).some((gate) => isYes(document, gate));
}

/** Whether something in a gate says that it passed. */
export function isYes(document: StateDocument, gate: Field): boolean {
  return gateSays(document, gate).some(({ agrees }) => agrees === 'yes');
}

/** The gates of staging as they are written. */
export function stagingGates(document: StateDocument): Field[] {
  return gatesOf(document, STAGING);
}

/** When a gate says that staging was approved, as written. */
export function approvalTime(gate: Field): string | null {
  const flagged = named(gate, ['approved']).find(({ text }) => text !== null && momentOf(text) !== null);
  return (timeOf(gate, APPROVAL_TIMES) ?? flagged)?.text ?? null;
}

/** When rollbacks were tested, by each gate that says so; as written. */
export function rollbackTimes(document: StateDocument): string[] {
  return gatesOf(document, ROLLBACK).flatMap((gate) => timeOf(gate, TEST_TIMES)?.text ?? []);
}

/** Gates by name below a map, or in a list of maps that carry their name, or of one-key maps. */
function gatesOf(document: StateDocument, kind: Kind, section = kind.section): Field[] {
  const members = bases(document)
    .flatMap((base) => named(base, [section]))
    .flatMap((container) => [
      ...container.entries,
      ...container.items.flatMap((item): (readonly [string, Field])[] => {
        const name = textOf(item, NAME_KEYS)?.text;
        return name ? [[name, item]] : [...item.entries];
      }),
    ]);
  return kind.names.flatMap((name) =>
    members.flatMap(([key, gate]) => (keyWord(key) === name ? [gate] : [])),
  );
}

/** In the section of the other kind of gates only what speaks against it counts. */
function gateStatements(document: StateDocument, kind: Kind): StatementOf<string>[] {
  const own = gatesOf(document, kind).flatMap((gate) => {
    const all = gateSays(document, gate);
    // Of several words for the same, the one that the gate asks for is what was said.
    return all.toSorted((a, b) => Number(b.value === kind.word) - Number(a.value === kind.word));
  });
  const other = kind === STAGING ? ROLLBACK.section : STAGING.section;
  const against = gatesOf(document, kind, other)
    .flatMap((gate) => gateSays(document, gate))
    .filter(({ agrees }) => agrees !== 'yes');
  return [...own, ...against];
}

/** A no of a flag is often a default that nobody changed: it counts against a yes, or when nothing else is said. */
function gateSays(document: StateDocument, gate: Field): StatementOf<string>[] {
  const words = gate.kind === 'scalar' ? [gate] : named(gate, STATUS_KEYS);
  const results = words
    .flatMap((field) => wordOf(document, field))
    .concat(flags(document, gate, RESULTS, true));
  const yes = results.some(({ agrees }) => agrees === 'yes');
  const against = [
    ...flags(document, gate, CONDITIONS, false),
    ...flags(document, gate, RESULTS, false),
    ...objections(document, gate),
  ];
  if (yes) return [...results, ...against, ...blockers(document, gate)];
  if (results.length > 0) return results;
  if (against.length > 0) return against.slice(0, 1);
  return flags(document, gate, CONDITIONS, true).slice(0, 1);
}

function wordOf(document: StateDocument, field: Field): StatementOf<string>[] {
  if (field.kind === 'null' || (field.text !== null && isBlank(field.text))) return [];
  return [wordStatement(document, field, field.text === null ? quoteOf(field) : gateWord(field.text))];
}

/** The flags of a gate that say yes (or no), each in its word. A flag with any other text is a word of its own. */
function flags(
  document: StateDocument,
  gate: Field,
  known: Readonly<Record<string, readonly [string, string]>>,
  wanted: boolean,
): StatementOf<string>[] {
  return Object.entries(known).flatMap(([key, [yes, no]]) =>
    named(gate, [key]).flatMap((field) => {
      if (field.text === null || isBlank(field.text)) return [];
      const flag = momentOf(field.text) === null ? flagOf(field.text) : true;
      const word = flag === null ? gateWord(field.text) : flag ? yes : no;
      const positive = flag ?? ['yes', 'other'].includes(leaningOf(word));
      return positive === wanted ? [wordStatement(document, field, word)] : [];
    }),
  );
}

/**
 * What is said to be off again, by a flag or by a time, unless the gate passed after that time. `expired_at` may be yet to
 * come.
 */
function objections(document: StateDocument, gate: Field): StatementOf<string>[] {
  const passed = momentOf(timeOf(gate, TEST_TIMES)?.text ?? '');
  return OBJECTIONS.flatMap((key) =>
    named(gate, key === 'expired' ? [key] : [key, `${key}_at`]).flatMap((field) => {
      const since = momentOf(field.text ?? '');
      const counts = since === null ? flagOf(field.text ?? '') === true : !isAfter(passed, since);
      return counts ? [wordStatement(document, field, key)] : [];
    }),
  );
}

function blockers(document: StateDocument, gate: Field): StatementOf<string>[] {
  return named(gate, BLOCKER_KEYS).flatMap((field) =>
    field.items.length > 0 || field.entries.length > 0 || isBlockerText(field.text)
      ? [wordStatement(document, field, 'blocked')]
      : [],
  );
}

function isBlockerText(text: string | null): boolean {
  return (
    text !== null && !['', 'none', 'no', '0', 'false', 'n/a', '-', '~', 'null'].includes(text.toLowerCase())
  );
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
    const flag = named(staging, ['validated']).find(({ text }) => text !== null && flagOf(text) === false);
    if (!flag || named(staging, ['validated_at'])[0]?.kind === 'null') return [];
    return gateStatements(document, STAGING).some((statement) => statement.agrees === 'yes')
      ? [wordStatement(document, flag, 'failed')]
      : [];
  });
}
