import { Refusal } from '../refusals/refusal.ts';
import type { Deployment, Release } from '../release/release.ts';
import { isoTime } from '../text/calendar.ts';
import { COMMIT_KEYS, DEPLOYED_KEYS, ID_KEYS, ROLLED_BACK_KEYS } from './deployment-statements.ts';
import { type Field, parseState } from './document.ts';
import { Draft, spelledLike } from './draft.ts';
import { phaseStates } from './phases.ts';
import { deploymentFields, productionHome } from './places.ts';
import { bases, named } from './statements.ts';
import {
  flagOf,
  gateWord,
  isAfterProduction,
  isBlank,
  isShipProd,
  leaningOf,
  phaseWord,
} from './vocabulary.ts';
import { Uneditable } from './yaml-edit.ts';
import type { KeyPath, Scalar } from './yaml-text.ts';

/** What is taken back by the next deployment. */
const OF_A_ROLLBACK = [
  ...ROLLED_BACK_KEYS,
  'rolled_back_to',
  'rollback_to',
  'rollback_from',
  'rollback_reason',
];
/** The phase of production where there is no staging, or where one phase ships to both. */
const DIRECT_PHASES = ['deploy-prod', 'deploy-production', 'production-deployment', 'ship'];

export interface DeploymentFacts {
  readonly release: Release;
  readonly deployment: Deployment;
  /** Production's address, when the deployment does not say. */
  readonly url?: string;
}

export interface RollbackFacts {
  /** The release that production went back to. */
  readonly to: Release;
  /** ms since the epoch */
  readonly at: number;
  readonly reason: string;
}

/**
 * Writes a production deployment into a state file, where it keeps its deployments and in the words that it uses:
 * `deployment.production` with `deployed_at` or, in older files, `deployed` and `timestamp`; the phase moves on from
 * ship-prod. Everything else stays as it is, byte for byte. Doing it twice changes nothing more.
 *
 * @throws Refusal `state-file-unwritable`
 */
export function recordDeployment(path: string, text: string, facts: DeploymentFacts): string {
  return edit(path, text, (file) => {
    const at = isoTime(facts.deployment.finishedAt);
    for (const place of productionPlaces(file)) {
      writeDeployment(file, place, facts, at);
      const { release } = facts;
      for (let depth = place.keys.length - 1; depth > 0; depth--) {
        const section = place.keys.slice(0, depth);
        if (section.at(-1) !== 'workflow') file.setIfThere([...section, 'version'], release.version);
      }
    }
    movePhases(file, { current: 'shipped', phase: 'finalize', done: true });
    touch(file, at);
  });
}

/**
 * Marks the production deployment as rolled back. The approvals of the feature stay as they were; it counts as
 * ready again only after a new deployment to staging.
 *
 * @throws Refusal `state-file-unwritable`
 */
export function recordRollback(path: string, text: string, facts: RollbackFacts): string {
  return edit(path, text, (file) => {
    const at = isoTime(facts.at);
    for (const place of productionPlaces(file)) {
      const from = place.value('version');
      place.set(['status'], 'rolled_back');
      place.set(ROLLED_BACK_KEYS, at);
      place.set(['rolled_back_to', 'rollback_to'], facts.to.version);
      place.setIfThere(['rollback_from', 'rolled_back_from'], from);
      place.set(['rollback_reason', 'rolled_back_reason'], facts.reason.replaceAll(/\s+/g, ' ').trim());
      place.setIfThere(['rolled_back'], true);
    }
    movePhases(file, { current: 'rolled-back', phase: 'ship-prod', done: false });
    touch(file, at);
  });
}

/** One place in which a file keeps its production deployment. */
interface Place {
  readonly keys: KeyPath;
  /** What stands there, by any of its names. */
  value(name: string): string | null;
  has(names: readonly string[]): boolean;
  /** Under the name that the file uses, else the first. The first place gets what is missing, others do not. */
  set(names: readonly string[], value: Scalar): void;
  setIfThere(names: readonly string[], value: Scalar): void;
}

function productionPlaces(file: Draft): readonly Place[] {
  const places = deploymentFields(file.before, 'production');
  const main = places.find(({ entries }) => entries.length > 0) ?? places[0];
  if (main === undefined) return [placeAt(file, newPlace(file), null, true)];
  // `production: pending` gives way to what is known now; an address, or any other text, is nobody's to throw away.
  if (main.text !== null && saysNotYet(main.text)) file.set(main.keys, null);
  return places.map((place) => placeAt(file, place.keys, place, place === main));
}

function saysNotYet(text: string): boolean {
  const word = gateWord(text);
  return isBlank(text) || flagOf(text) === false || word === 'not_deployed' || leaningOf(word) === 'open';
}

/** Where production goes in a file that does not speak of it. */
function newPlace(file: Draft): KeyPath {
  const { keys, name, item } = productionHome(file.before);
  if (item === null) return [...keys, name];
  file.append(keys, [item.key, name]);
  return [...keys, item.index];
}

function placeAt(file: Draft, keys: KeyPath, field: Field | null, isMain: boolean): Place {
  const found = (names: readonly string[]) => (field === null ? [] : named(field, names));
  const camel = field?.entries.some(([key]) => /[a-z][A-Z]/.test(key)) === true;
  const spelled = (name: string) =>
    camel ? name.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()) : name;
  return {
    keys,
    value: (name) => found([name])[0]?.text ?? null,
    has: (names) => found(names).length > 0,
    set: (names, value) => {
      const [there] = found(names);
      if (there) file.set(there.keys, value);
      else if (isMain) file.set([...keys, spelled(names[0] ?? '')], value);
    },
    setIfThere: (names, value) => {
      for (const there of found(names)) file.set(there.keys, value);
    },
  };
}

function writeDeployment(file: Draft, place: Place, facts: DeploymentFacts, at: string): void {
  const { release, deployment } = facts;
  const [staging] = deploymentFields(file.before, 'staging');
  const used = (name: string): boolean => staging !== undefined && named(staging, [name]).length > 0;
  const older =
    place.has(['deployed']) || (used('deployed') && used('timestamp') && !place.has(['deployed_at']));
  const time = older ? (DEPLOYED_KEYS.find(used) ?? 'timestamp') : 'deployed_at';
  const url = deployment.url ?? facts.url;
  if (url) place.set(['url'], url);
  if (older) place.set(['deployed'], true);
  place.set(place.has(DEPLOYED_KEYS) ? DEPLOYED_KEYS : [time], at);
  place.set(ID_KEYS, deployment.id);
  place.set([COMMIT_KEYS.find(used) ?? 'commit_sha', ...COMMIT_KEYS], release.commit);
  place.set(['version', 'release_version'], release.version);
  place.set(['tag'], release.tag);
  if (release.url) place.setIfThere(['github_release_url'], release.url);
  place.setIfThere(['status'], 'deployed');
  place.setIfThere(OF_A_ROLLBACK, null);
  place.setIfThere(['rolled_back'], false);
}

/** Moves on what the file says of its phases: the current one, the finished ones, and the state of each. */
function movePhases(
  file: Draft,
  to: { readonly current: string; readonly phase: string; readonly done: boolean },
): void {
  for (const base of bases(file.before)) {
    for (const key of named(base, ['current_phase'])) file.setPhase(key.keys, to.current);
    for (const key of named(base, ['phase'])) {
      file.setPhase(key.keys, to.phase);
      if (!to.done) for (const status of named(base, ['status'])) file.set(status.keys, 'failed');
    }
    for (const list of named(base, ['completed_phases', 'phases_completed']))
      if (to.done) addPhase(file, list);
  }
  setPhaseState(file, to.done);
}

/** Adds ship-prod to a list of finished phases, in the spelling of the others, unless it tells of production already. */
function addPhase(file: Draft, list: Field): void {
  const known = list.items.flatMap(({ text }) => text ?? []);
  if (list.kind !== 'list' || known.length < list.items.length) return;
  if (known.some((phase) => toldOfProduction(phaseWord(phase)))) return;
  if (known.length > 0 || file.isFlow(list.keys)) file.append(list.keys, spelledLike('ship-prod', known));
}

function toldOfProduction(phase: string): boolean {
  return isShipProd(phase) || isAfterProduction(phase) || DIRECT_PHASES.includes(phase);
}

/** The state of ship-prod among those of the phases, in the word that the file has for a finished one. */
function setPhaseState(file: Draft, done: boolean): void {
  const states = phaseStates(file.before);
  const words = states.map(([, { text }]) => text);
  const word = ['completed', 'done', 'complete'].find((known) => words.includes(known)) ?? 'completed';
  for (const [name, { keys, text }] of states) {
    if (!isShipProd(phaseWord(name))) continue;
    const flag = text !== null && flagOf(text) !== null;
    file.set(keys, flag ? done : done ? word : 'failed');
  }
}

/** The file says when it was changed last, where it says that at all. */
export function touch(file: Draft, at: string): void {
  const { root } = file.before;
  for (const map of [root, ...named(root, ['feature'])]) {
    for (const key of named(map, ['last_updated'])) file.set(key.keys, at);
  }
}

/** Edits a state file; what cannot be edited in place is refused. @throws Refusal `state-file-unwritable` */
export function edit(path: string, text: string, work: (file: Draft) => void): string {
  const refuse = (reason: string): Refusal => new Refusal('state-file-unwritable', { path, reason });
  const before = parseState(path, new TextEncoder().encode(text));
  if (before.kind === 'unreadable') throw refuse(before.reason);
  try {
    const file = new Draft(before.document, text);
    work(file);
    return file.finish();
  } catch (error) {
    if (error instanceof Uneditable) throw refuse(error.message);
    throw error;
  }
}
