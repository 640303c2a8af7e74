import type { AdapterTables } from '../adapters/tables.ts';
import { canonicalJson } from '../domain/text/json.ts';
import { recordOf, valueAt } from './document.ts';
import type { Fault } from './problems.ts';
import type { ServiceConfig } from './service-config.ts';
import { ALWAYS, type FromSettings } from './settings/from.ts';

const DEEPEST = 20;

/** More than anything that describes one service has, bytes. */
export const MOST_BYTES = 16 * 1_024;
const TOO_LARGE = `this file has more than ${MOST_BYTES} bytes`;

/** The text of a repository's file, whole, or why it is not read. */
export function wholeText(bytes: Uint8Array): { readonly text: string } | { readonly fault: string } {
  if (bytes.length > MOST_BYTES) return { fault: TOO_LARGE };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { fault: 'this file is not UTF-8 text' };
  }
}

/** Why the text of a repository's file is not even parsed; null: it is. */
export function tooMuch(text: string): string | null {
  return Buffer.byteLength(text) > MOST_BYTES ? TOO_LARGE : null;
}

/** What the file of a repository says that it may not, whoever wrote it. */
export function notAllowed(value: unknown, from: FromSettings): readonly Fault[] {
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
    ...misshapen(settings),
    ...ofThisMachine(settings),
    ...foreign(settings, from),
  ];
}

function fault(at: Fault['at'], message: string, expected: string): Fault {
  return { at, key: true, message, expected };
}

/** Each of these is a list, or what stands alone for a list of one; a repository adds to it, and changes no other entry. */
const ADAPTERS = ['alerts', 'checks', 'gates', 'logs', 'metrics'] as const;
const LISTS: readonly string[] = [...ADAPTERS, 'freeze'];

/**
 * What could not be added to the central settings as it is. An adapter names its kind: without it the address of a repository
 * would meet the token of those who run Slipway.
 */
function misshapen(settings: Readonly<Record<string, unknown>>): readonly Fault[] {
  const lists = ADAPTERS.flatMap((key) => {
    const given = settings[key];
    if (given === undefined) return [];
    const entries = Array.isArray(given)
      ? given.map((entry, nr) => ({ at: [key, nr], entry }))
      : [{ at: [key], entry: given }];
    return entries
      .filter(({ entry }) => typeof recordOf(entry)?.['use'] !== 'string')
      .map(({ at }) =>
        fault(
          at,
          'what those who run Slipway have set up is not changed in a repository, only added to',
          'all that one of its own needs, beginning with `use`',
        ),
      );
  });
  const { freeze } = settings;
  const noList = freeze === undefined || Array.isArray(freeze) ? [] : [shapeOf('freeze', 'a list')];
  const noMaps = Object.keys(settings)
    .filter((key) => !LISTS.includes(key) && recordOf(settings[key]) === null)
    .map((key) => shapeOf(key, 'a map of settings'));
  return [...lists, ...noList, ...noMaps];
}

function shapeOf(key: string, expected: string): Fault {
  return fault([key], `${JSON.stringify(key)} is not ${expected}`, expected);
}

/** Kinds that ask AWS: with keys of their own, else with whatever the environment, the profiles and the machine give. */
const AWS_KINDS: readonly unknown[] = ['cloudwatch', 'cloudwatch-logs'];

/** Accounts and files that nobody has to name a variable for. */
function ofThisMachine(settings: Readonly<Record<string, unknown>>): readonly Fault[] {
  return ADAPTERS.flatMap((port) =>
    listOf(settings[port]).flatMap((entry, nr): readonly Fault[] => {
      const at = Array.isArray(settings[port]) ? [port, nr] : [port];
      const own = recordOf(entry) ?? {};
      const hasKeys = own['access-key'] !== undefined && own['secret-key'] !== undefined;
      const isAccount = AWS_KINDS.includes(own['use']) && !hasKeys;
      const account = fault(
        [...at, 'use'],
        'this repository may not use the account that this machine has at AWS',
        'access-key and secret-key, each { env: … } with a variable of from.secrets',
      );
      const files = [['ca'], ['tls', 'ca']]
        .filter((path) => valueAt(own, path) !== undefined)
        .map((path) =>
          fault(
            [...at, ...path],
            'this repository may not name files of this machine',
            'certificates that everybody trusts, or a check in the central files',
          ),
        );
      return [...(isAccount ? [account] : []), ...files];
    }),
  );
}

/** Programs and variables of the environment, wherever they are named. Whatever is called `env` or `secrets` counts. */
function foreign(value: unknown, from: FromSettings, at: Fault['at'] = []): readonly Fault[] {
  if (typeof value !== 'object' || value === null) return [];
  if (at.length > DEEPEST) return [fault(at, 'this is too deep', 'settings of one service')];
  return Object.entries(value).flatMap(([key, inner]): readonly Fault[] => {
    const here = [...at, Array.isArray(value) ? Number(key) : key];
    const deeper = foreign(inner, from, here);
    if (key === 'use' && inner === 'command' && !from.programs)
      return [fault(here, 'a repository may not have programs run', 'another kind'), ...deeper];
    if (key !== 'env' && key !== 'secrets') return deeper;
    const unknown = namesIn(inner).filter((name) => !from.secrets.includes(name));
    const expected = from.secrets.length > 0 ? `only ${from.secrets.join(', ')}` : 'none';
    return [
      ...unknown.map((name) => fault(here, `this repository may not use the variable ${name}`, expected)),
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
 * The settings of a service with those of its repository, which `notAllowed` has nothing against: adapters and freezes behind
 * the central ones; of the rest maps key by key, where `own`, what the central files say of this very service, wins.
 */
export function withRepositoryFile(
  central: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const added = Object.keys(file)
    .filter((key) => LISTS.includes(key))
    .map((key) => [key, [...listOf(central[key]), ...listOf(file[key])]] as const);
  const rest = Object.entries(withoutLess(central, file)).filter(([key]) => !LISTS.includes(key));
  return { ...merged(central, own, Object.fromEntries(rest)), ...Object.fromEntries(added) };
}

/** Whether the file of a repository asks for fewer approvals than the central files. */
export function asksForFewer(central: unknown, file: unknown): boolean {
  const [least = 1, wanted] = [central, file].map((settings) => valueAt(settings, ['approvals', 'required']));
  return typeof wanted === 'number' && typeof least === 'number' && wanted < least;
}

function withoutLess(
  central: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!asksForFewer(central, file)) return file;
  const { required: _fewer, ...approvals } = recordOf(file['approvals']) ?? {};
  return { ...file, approvals };
}

function merged(
  central: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const all: Record<string, unknown> = { ...central };
  for (const [key, value] of Object.entries(file)) {
    const below = central[key];
    const map = recordOf(value);
    if (Array.isArray(value)) all[key] = [...listOf(below), ...value];
    else if (map && (recordOf(below) || below === undefined)) {
      all[key] = merged(recordOf(below) ?? {}, recordOf(own[key]) ?? {}, map);
    } else if (own[key] === undefined) all[key] = value;
  }
  return all;
}

/** Entries of the list that the central files have before those of the repository. */
export function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
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
  const isKept = (port: (typeof ADAPTERS)[number]) =>
    canonicalJson(whole[port].slice(0, central[port].length)) === canonicalJson(central[port]);
  if (before !== after || !ADAPTERS.every(isKept))
    return 'this would change what is set by those who run Slipway';
  const [policy, next] = [central.service.policy, whole.service.policy];
  if (policy.blindMonitor === 'refuse' && next.blindMonitor === 'allow')
    return 'this would ship without metrics';
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
  // How long a share is watched is of the monitoring; which shares there are is not.
  const staged = may.includes('monitor') ? (stages?.shares ?? null) : (stages ?? null);
  const own = { channel, visibility, branch, paths, people, reports, staged, stopWithinMs, rights, blind };
  return canonicalJson({ ...own, repository, target, onCall });
}
