import type { AdapterTables } from '../adapters/tables.ts';
import { canonicalJson } from '../domain/text/canonical-json.ts';
import { hasMoreMarks } from '../domain/text/yaml-marks.ts';
import { recordOf } from './document.ts';
import type { Fault } from './problems.ts';
import type { ServiceConfig } from './service-config.ts';
import { ALWAYS, type FromSettings } from './settings/from.ts';

const DEEPEST = 20;

/** More than anything that describes one service has, bytes. */
export const MOST_BYTES = 16 * 1_024;
const MOST_MARKS = 3_000;

/** Why the text of a repository's file is not even read; null: it is. */
export function tooMuch(text: string): string | null {
  if (text.length > MOST_BYTES) return `this file has more than ${MOST_BYTES} bytes`;
  return hasMoreMarks(text, MOST_MARKS) ? 'this file has too many keys and values' : null;
}

/** What the file of a repository says that it may not, whoever wrote it. */
export function notAllowed(value: unknown, from: FromSettings): readonly Fault[] {
  const fault = (at: Fault['at'], message: string, expected: string): Fault => ({
    at,
    key: true,
    message,
    expected,
  });
  const settings = recordOf(value);
  if (settings === null) return [fault([], 'this is no map of settings', 'settings of one service')];
  const allowed: readonly string[] = [...ALWAYS, ...from.may];
  const others = Object.keys(settings).filter((key) => !allowed.includes(key));
  const people = Object.keys(recordOf(settings['approvals']) ?? {}).filter((key) => key !== 'required');
  return [
    ...others.map((key) =>
      fault(
        [key],
        `${JSON.stringify(key)} of this service is set by those who run Slipway, not in its repository`,
        `only ${allowed.join(', ')}`,
      ),
    ),
    ...people.map((key) =>
      fault(
        ['approvals', key],
        'who may approve is set by those who run Slipway, not in the repository',
        'only approvals.required, to ask for more',
      ),
    ),
    ...foreign(settings, from).map(({ at, what, expected }) => fault(at, what, expected)),
  ];
}

interface Foreign {
  readonly at: Fault['at'];
  readonly what: string;
  readonly expected: string;
}

/** Programs and variables of the environment, wherever they are named. Whatever is called `env` or `secrets` counts. */
function foreign(value: unknown, from: FromSettings, at: Fault['at'] = []): readonly Foreign[] {
  if (typeof value !== 'object' || value === null) return [];
  if (at.length > DEEPEST) return [{ at, what: 'this is too deep', expected: 'settings of one service' }];
  return Object.entries(value).flatMap(([key, inner]): readonly Foreign[] => {
    const here = [...at, Array.isArray(value) ? Number(key) : key];
    const deeper = foreign(inner, from, here);
    if (key === 'use' && inner === 'command' && !from.programs) {
      return [
        { at: here, what: 'a repository may not have programs run', expected: 'another kind' },
        ...deeper,
      ];
    }
    if (key !== 'env' && key !== 'secrets') return deeper;
    const unknown = namesIn(inner).filter((name) => !from.secrets.includes(name));
    const expected = from.secrets.length > 0 ? `only ${from.secrets.join(', ')}` : 'none';
    return [
      ...unknown.map((name) => ({
        at: here,
        what: `this repository may not use the variable ${name}`,
        expected,
      })),
      ...deeper,
    ];
  });
}

function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value)
    ? value.flatMap(namesIn)
    : [...Object.keys(value), ...Object.values(value).flatMap(namesIn)];
}

/**
 * The settings of a service with those of its repository: maps key by key, where `own`, what the central files say of this
 * very service, wins; lists behind the central ones.
 */
export function withRepositoryFile(
  central: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...central };
  for (const [key, value] of Object.entries(file)) {
    const below = central[key];
    const map = recordOf(value);
    if (isOneOfMany(value)) merged[key] = [...listOf(below), ...listOf(value)];
    else if (map && (recordOf(below) || below === undefined)) {
      merged[key] = withRepositoryFile(recordOf(below) ?? {}, recordOf(own[key]) ?? {}, map);
    } else if (own[key] === undefined) merged[key] = value;
  }
  return merged;
}

/** Entries of the list that the central files have before those of the repository. */
export function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** A list, or the only one of what may be a list. */
function isOneOfMany(value: unknown): boolean {
  return Array.isArray(value) || 'use' in (recordOf(value) ?? {});
}

/**
 * What the file of a repository would have changed that is not its to change, whatever it said; null: nothing. The last look
 * before it is taken.
 */
export function weakened(
  central: ServiceConfig<AdapterTables>,
  whole: ServiceConfig<AdapterTables>,
  { may }: FromSettings,
): string | null {
  const [before, after] = [fixedOf(central, may), fixedOf(whole, may)];
  if (before !== after) return 'this would change what is set by those who run Slipway';
  const [policy, next] = [central.service.policy, whole.service.policy];
  if (next.approvals < policy.approvals) return 'this would ask for fewer approvals';
  const kept = next.freeze.slice(0, policy.freeze.length);
  return canonicalJson(kept) === canonicalJson(policy.freeze) ? null : 'this would lift a freeze';
}

function fixedOf(config: ServiceConfig<AdapterTables>, may: FromSettings['may']): string {
  const { service, repository, target, onCall } = config;
  const { channel, visibility, branch, paths, people, reports, stages, stopWithinMs } = service;
  const {
    approvals: _number,
    freeze: _freeze,
    breakingBelowOne: _below,
    blindMonitor,
    ...rights
  } = service.policy;
  const blind = may.includes('monitor') ? null : blindMonitor;
  const own = { channel, visibility, branch, paths, people, reports, stages, stopWithinMs, rights, blind };
  return canonicalJson({ ...own, repository, target, onCall });
}
