import { z } from 'zod';
import type { Adapters, AdapterTables } from '../adapters/tables.ts';
import type { Refusal } from '../domain/refusals/refusal.ts';
import { clashes } from './clashes/clashes.ts';
import { recordOf, valueAt } from './document.ts';
import { includesIn, leavesFolder } from './files/included.ts';
import { FreezeSettings } from './freeze.ts';
import { configJsonSchema, includedJsonSchema } from './json-schema.ts';
import {
  type ConfigSource,
  type Layer,
  type Layers,
  mergedSettings,
  problemAt,
  problemOf,
  type ReadSource,
  readSource,
} from './layers.ts';
import { type Fault, faultsOf, invalid } from './problems.ts';
import { type RemoteService, type RepositoryTexts, takeFiles } from './remote-services.ts';
import { DataDir, Include, Keep, ServiceName, SlackSettings } from './schema.ts';
import type { ServiceConfig } from './service-config.ts';
import { ServiceReader } from './service-reader.ts';
import { AuditSettings } from './settings/audit.ts';
import { OperationsSettings } from './settings/operations.ts';
import { type EventWebhook, WebhooksSettings } from './settings/webhooks.ts';

/** What every file of the config may say. */
const ANY_FILE = {
  defaults: z.record(z.string(), z.unknown()).default({}),
  services: z.record(ServiceName, z.record(z.string(), z.unknown())).default({}),
};
const IncludedShape = z.strictObject(ANY_FILE);
const FileShape = z.strictObject({
  include: Include,
  slack: SlackSettings.prefault({}),
  data: DataDir,
  keep: Keep,
  audit: AuditSettings.prefault({}),
  operations: OperationsSettings.optional(),
  webhooks: WebhooksSettings,
  freeze: FreezeSettings,
  ...ANY_FILE,
});

/** The files of a config. */
export interface ConfigSources {
  readonly main: ReadSource;
  readonly included: readonly ReadSource[];
  /** Entries of `include` that lead to no file. */
  readonly missing: readonly number[];
}

export interface ParsedFile<A extends AdapterTables = Adapters> {
  readonly data: string;
  /** ms */
  readonly keep: number;
  readonly audit: AuditSettings;
  readonly operations?: OperationsSettings | undefined;
  readonly webhooks: readonly EventWebhook[];
  readonly slack: SlackSettings;
  /** By which it was read, and its services are opened. */
  readonly adapters: A;
  /** Those of which all is known. */
  readonly services: ReadonlyMap<string, ServiceConfig<A>>;
  readonly remote: ReadonlyMap<string, RemoteService<A>>;
  /** Why the file of a repository is not taken, by service. */
  readonly refused: ReadonlyMap<string, Refusal>;
  /** Freezes of all services. */
  readonly freeze: FreezeSettings;
  /** Where each service has its settings from. */
  readonly layers: ReadonlyMap<string, Layers>;
}

/** A config that is one text; `file` is how messages call it. The rest as for `parseSources`. */
export function parseConfig<A extends AdapterTables>(
  text: string,
  file: string,
  adapters: A,
  ofRepositories?: RepositoryTexts,
): ParsedFile<A> {
  const given = { main: readSource({ file, text }), included: [], missing: [] };
  return parseSources(given, adapters, ofRepositories);
}

/**
 * Checks a config with all that belongs to it. Everything that is wrong is said at once, each with file, line and column, and
 * secrets are never repeated. What is wrong with the file of a repository concerns that service alone. Refusal
 * `config-invalid`.
 */
export function parseSources<A extends AdapterTables>(
  given: ConfigSources,
  adapters: A,
  ofRepositories?: RepositoryTexts,
): ParsedFile<A>;
export function parseSources(
  given: ConfigSources,
  adapters: AdapterTables,
  ofRepositories: RepositoryTexts = new Map(),
): ParsedFile<AdapterTables> {
  const { file } = given.main;
  const read = [given.main, ...given.included];
  const problems = read.flatMap((one) => ('problems' in one ? one.problems : one.leaks));
  const sources = read.flatMap((one) => ('problems' in one ? [] : [one]));
  const [main, ...included] = sources;
  if (main === undefined || sources.length < read.length) throw invalid(file, problems);
  const add = (source: ConfigSource, faults: readonly Fault[]) =>
    problems.push(...faults.flatMap((fault) => problemAt({ source, at: fault.at }, fault)));

  const root = withoutExtensions(main.document.value);
  const shape = FileShape.safeParse(root);
  if (!shape.success) add(main, faultsOf(shape.error.issues, root, configJsonSchema(adapters)));
  for (const source of included) {
    const { value } = source.document;
    const { error } = IncludedShape.safeParse(value);
    if (error) add(source, faultsOf(error.issues, value, includedJsonSchema(adapters)));
  }
  const entries = includesIn(given.main);
  add(
    main,
    given.missing.map((nr) => leadsNowhere(nr, entries[nr] ?? '')),
  );

  const slack = shape.success ? shape.data.slack : channelOf(root);
  const reader = new ServiceReader(adapters, { ...slack, freeze: shape.success ? shape.data.freeze : [] });
  const layers = new Map<string, Layers>();
  const remote = new Map<string, RemoteService<AdapterTables>>();
  const services = new Map<string, ServiceConfig<AdapterTables>>();
  for (const source of sources) {
    const defaults = [...new Set([main, source])].map((one): Layer => ({ source: one, at: ['defaults'] }));
    const given = Object.entries(recordOf(recordOf(source.document.value)?.['services']) ?? {});
    const isReadWithServices = given.length > 0 || (source === main && included.length > 0);
    if (!isReadWithServices) problems.push(...faultsOfDefaults(reader, source, defaults));
    for (const [name, own] of given) {
      const other = layers.get(name)?.central.at(-1)?.source.file;
      if (other !== undefined) add(source, [standsTwice(name, other)]);
      if (other !== undefined || recordOf(own) === null) continue;
      const all: Layers = { central: [...defaults, { source, at: ['services', name] }], repository: null };
      layers.set(name, all);
      const { config, from, faults } = reader.read(name, mergedSettings(all).central);
      problems.push(...faults.flatMap((fault) => problemOf(all, fault)));
      if (config && from) remote.set(name, { from, central: config });
      else if (config) services.set(name, config);
    }
  }
  if (shape.success && layers.size === 0) add(main, [NO_SERVICE]);
  for (const fault of clashes(services)) {
    const all = layers.get(String(fault.at[1]));
    if (all) problems.push(...problemOf(all, { ...fault, at: fault.at.slice(2) }));
  }
  if (problems.length > 0) throw invalid(file, problems);
  if (!shape.success) throw new Error('A config without a problem must fit its shape.');

  const refused = takeFiles(reader, services, remote, layers, ofRepositories);
  const inOrder = [...layers.keys()].flatMap((name) => {
    const config = services.get(name);
    return config ? [[name, config] as const] : [];
  });
  const { data, keep, audit, operations, webhooks, freeze } = shape.data;
  const rest = { data, keep, audit, operations, webhooks, freeze, slack: shape.data.slack, adapters };
  return { ...rest, services: new Map(inOrder), remote, refused, layers };
}

/** What is wrong with the defaults of a file that has no service yet, whatever its services will say besides. */
function faultsOfDefaults(reader: ServiceReader, source: ConfigSource, central: readonly Layer[]) {
  const all: Layers = { central, repository: null };
  const settings = mergedSettings(all).central;
  const { config, faults } = reader.read('', settings);
  // What does not go together, or is not all that a map needs, a service may mend.
  const isItsOwn = ({ at, key }: Fault) =>
    config === undefined && (key || recordOf(valueAt(settings, at)) === null);
  return faults
    .filter((fault) => source.document.has(['defaults', ...fault.at]) && isItsOwn(fault))
    .flatMap((fault) => problemOf(all, fault));
}

const NO_SERVICE: Fault = {
  at: ['services'],
  key: false,
  message: 'there is no service',
  expected: 'at least one service, here or in a file that is included',
};

function leadsNowhere(index: number, entry: string): Fault {
  const [message, expected] = leavesFolder(entry)
    ? ['this leads out of the folder of this file', 'a file or a glob in this folder or below it']
    : ['there is no such file', 'a file or a glob, relative to this file'];
  return { at: ['include', index], key: false, message, expected };
}

function standsTwice(name: string, other: string): Fault {
  return {
    at: ['services', name],
    key: true,
    message: `${name} stands in ${other} too`,
    expected: 'one of them',
  };
}

/** Keys that begin with `x-` are free, for YAML anchors. */
function withoutExtensions(value: unknown): unknown {
  const map = recordOf(value);
  return map ? Object.fromEntries(Object.entries(map).filter(([key]) => !key.startsWith('x-'))) : value;
}

/** Whether there is a channel for all, in a file with mistakes elsewhere or in that very place. */
function channelOf(root: unknown): { readonly channel?: string } {
  return 'channel' in (recordOf(recordOf(root)?.['slack']) ?? {}) ? { channel: '' } : {};
}
