import {
  approvals,
  longestCommit,
  productionRecords,
  stagingDeployment,
  validatedCommits,
} from './deployment-statements.ts';
import { parseState, type StateDocument } from './document.ts';
import { isTested, rollbackTests, rollbackTimes, stagingValidations } from './gate-statements.ts';
import { PHASE_NAMES, phaseStates } from './phases.ts';
import type { Reading, StateReading } from './reading.ts';
import { agree, bases, named, type StatementOf, said, textOf } from './statements.ts';
import {
  featureNumber,
  gateWord,
  isBlank,
  isShipProd,
  leaningOf,
  namesFeature,
  phaseWord,
} from './vocabulary.ts';

const UNDER_WAY = ['in_progress', 'running', 'started', 'current', 'active'];

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
  const isOfNoFeature = (document: StateDocument): boolean =>
    feature !== undefined &&
    !document.path.startsWith(`${feature.dir}/`) &&
    currentFeatures(document).length === 0;
  const own = documents.filter((document) => !isOfNoFeature(document));
  const shared = documents.filter(isOfNoFeature);
  const ownApprovals = own.flatMap(approvals);
  const staging = stagingDeployment(documents, looked);
  const deployedAt = staging.kind === 'value' ? (staging.value.deployedAt ?? '') : '';
  const say = <T>(pick: (document: StateDocument) => readonly StatementOf<T>[]): Reading<T> =>
    agree(documents.flatMap(pick), looked);
  return {
    files: paths,
    phase: say((document) => (saysPhase(documents) ? phases(document) : phasesUnderWay(document))),
    stagingValidation: say(stagingValidations),
    approvals: ownApprovals.length > 0 ? ownApprovals : shared.flatMap(approvals),
    rollbackGate: agree(rollbackTests(documents, deployedAt), looked),
    rollbackTestedAt: own.some(isTested) ? [] : shared.flatMap(rollbackTimes),
    stagingDeployment: staging,
    validatedCommit: longestCommit(documents.flatMap(validatedCommits), looked),
    production: say(productionRecords),
    shipProdDone: documents.some(isShipProdDone),
    currentFeature: say(currentFeatures),
  };
}

function phases(document: StateDocument): StatementOf<string>[] {
  return bases(document)
    .flatMap((base) => named(base, ['current_phase', 'phase']))
    .flatMap((field) => {
      if (field.text === null || isBlank(field.text)) return [];
      const word = phaseWord(field.text);
      return [said(document, field, word, word)];
    });
}

function saysPhase(documents: readonly StateDocument[]): boolean {
  return documents.some((document) => phases(document).length > 0);
}

/** Where no key names the phase: the one that a list of phases calls under way. */
function phasesUnderWay(document: StateDocument): StatementOf<string>[] {
  return phaseStates(document).flatMap(([name, state]) =>
    state.text !== null && UNDER_WAY.includes(gateWord(state.text))
      ? [said(document, state, phaseWord(name), phaseWord(name))]
      : [],
  );
}

function isShipProdDone(document: StateDocument): boolean {
  const listed = bases(document)
    .flatMap((base) => named(base, ['completed_phases', 'phases_completed']))
    .flatMap(({ items }) => items)
    .some((item) => isShipProd(phaseWord(item.text ?? textOf(item, PHASE_NAMES)?.text ?? '')));
  const states = phaseStates(document).filter(([name]) => isShipProd(phaseWord(name)));
  return listed || states.some(([, { text }]) => text !== null && leaningOf(gateWord(text)) === 'yes');
}

function currentFeatures(document: StateDocument): StatementOf<string>[] {
  return bases(document).flatMap((base) => {
    const feature = base.get('feature');
    return [base.get('current_feature'), feature?.get('slug') ?? null, feature].flatMap((field) =>
      field?.text ? [said(document, field, field.text, field.text.toLowerCase())] : [],
    );
  });
}

/** The statement by which a file says that it belongs to another feature, or null. */
function otherFeature(document: StateDocument, slug: string, own: boolean): StatementOf<string> | null {
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

function allUnreadable(files: readonly string[], reason: string): StateReading {
  const unreadable = { kind: 'unreadable', reason } as const;
  return {
    files,
    phase: unreadable,
    stagingValidation: unreadable,
    approvals: [],
    rollbackGate: unreadable,
    rollbackTestedAt: [],
    stagingDeployment: unreadable,
    validatedCommit: unreadable,
    production: unreadable,
    shipProdDone: false,
    currentFeature: unreadable,
  };
}
