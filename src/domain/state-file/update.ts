import { Refusal } from '../refusals/refusal.ts';
import type { Deployment, Release } from '../release/release.ts';
import { parseState } from './document.ts';
import { phaseWord } from './vocabulary.ts';
import { addToList, type ParsedYaml, parsed, type Scalar, setIn, Uneditable, valueIn } from './yaml-edit.ts';

const PHASE_KEYS = [
  ['current_phase'],
  ['phase'],
  ['workflow', 'current_phase'],
  ['workflow', 'phase'],
] as const;

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
 * Writes a production deployment into a state file, in the words that the file uses: `deployment.production`
 * with `deployed_at` or, in older files, `deployed` and `timestamp`; the phase moves on from ship-prod.
 * Everything else stays as it is, byte for byte. Doing it twice changes nothing more.
 *
 * @throws Refusal `state-file-unwritable`
 */
export function recordDeployment(path: string, text: string, facts: DeploymentFacts): string {
  return edit(path, text, (file) => {
    const { release, deployment } = facts;
    const at = isoTime(deployment.finishedAt);
    const base = deploymentOf(file.parsed);
    const production = [...base, 'production'];
    const older = isOlder(file.parsed, base);
    const url = deployment.url ?? facts.url;
    if (url) file.set([...production, 'url'], url);
    if (older) file.set([...production, 'deployed'], true);
    file.set(
      [...production, older && !file.has([...production, 'deployed_at']) ? 'timestamp' : 'deployed_at'],
      at,
    );
    file.set([...production, 'deployment_id'], deployment.id);
    file.set([...production, 'commit_sha'], release.commit);
    file.set([...production, 'version'], release.version);
    file.set([...production, 'tag'], release.tag);
    if (release.url) file.setIfThere([...production, 'github_release_url'], release.url);
    file.setIfThere([...base, 'version'], release.version);
    file.setIfThere([...production, 'status'], 'deployed');
    for (const key of ['rolled_back_at', 'rolled_back_to', 'rollback_reason']) {
      file.setIfThere([...production, key], null);
    }
    for (const key of PHASE_KEYS) {
      file.setPhase(key, key.at(-1) === 'current_phase' ? 'shipped' : 'finalize');
      const done = [...key.slice(0, -1), 'completed_phases'];
      file.become(addToList(file.parsed, done, 'ship-prod'));
    }
    file.touch(at);
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
    const production = [...deploymentOf(file.parsed), 'production'];
    file.set([...production, 'status'], 'rolled_back');
    file.set([...production, 'rolled_back_at'], at);
    file.set([...production, 'rolled_back_to'], facts.to.version);
    file.set([...production, 'rollback_reason'], facts.reason.replaceAll(/\s+/g, ' ').trim());
    for (const key of PHASE_KEYS) {
      file.setPhase(key, key.at(-1) === 'current_phase' ? 'rolled-back' : 'ship-prod');
      const status = [...key.slice(0, -1), 'status'];
      if (file.has(key) && key.at(-1) === 'phase') file.setIfThere(status, 'failed');
    }
    file.touch(at);
  });
}

/** The text between edits. */
class Draft {
  parsed: ParsedYaml;
  constructor(text: string) {
    this.parsed = parsed(text);
  }
  has(path: readonly string[]): boolean {
    return valueIn(this.parsed, path).there;
  }
  set(path: readonly string[], value: Scalar): void {
    if (valueIn(this.parsed, path).value !== value) this.become(setIn(this.parsed, path, value));
  }
  become(text: string): void {
    if (text !== this.parsed.text) this.parsed = parsed(text);
  }
  setIfThere(path: readonly string[], value: Scalar): void {
    if (this.has(path)) this.set(path, value);
  }
  setPhase(path: readonly string[], phase: string): void {
    const { there, value } = valueIn(this.parsed, path);
    if (!there || (typeof value === 'string' && phaseWord(value) === phase)) return;
    const prefix = typeof value === 'string' && value.startsWith('ship:') ? 'ship:' : '';
    this.set(path, prefix + phase);
  }
  touch(at: string): void {
    this.setIfThere(['last_updated'], at);
    this.setIfThere(['feature', 'last_updated'], at);
  }
}

function edit(path: string, text: string, work: (file: Draft) => void): string {
  const refuse = (reason: string): Refusal => new Refusal('state-file-unwritable', { path, reason });
  const before = parseState(path, new TextEncoder().encode(text));
  if (before.kind === 'unreadable') throw refuse(before.reason);
  const file = new Draft(text);
  try {
    work(file);
  } catch (error) {
    if (error instanceof Uneditable) throw refuse(error.message);
    throw error;
  }
  const after = parseState(path, new TextEncoder().encode(file.parsed.text));
  if (after.kind === 'unreadable') throw refuse(`the result would not be readable: ${after.reason}`);
  return file.parsed.text;
}

/** To the second: `2026-11-20T10:00:00Z`. */
function isoTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function deploymentOf(file: ParsedYaml): readonly string[] {
  return valueIn(file, ['workflow', 'deployment']).isMap ? ['workflow', 'deployment'] : ['deployment'];
}

/** The older form says `deployed: true` and `timestamp`. */
function isOlder(file: ParsedYaml, base: readonly string[]): boolean {
  const said = (environment: string, key: string): boolean =>
    valueIn(file, [...base, environment, key]).there;
  return (
    said('production', 'deployed') ||
    (said('staging', 'deployed') && said('staging', 'timestamp') && !said('production', 'deployed_at'))
  );
}
