import { z } from 'zod';
import { ADAPTERS, type Adapters, type AdapterTables } from '../adapters/tables.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { clashes, contradictions } from './contradictions.ts';
import { recordOf } from './document.ts';
import { FreezeSettings } from './freeze.ts';
import { configJsonSchema, serviceJsonSchema } from './json-schema.ts';
import {
  type ConfigSource,
  type Layer,
  type Layers,
  mergedSettings,
  problemAt,
  problemOf,
  readSource,
  type SourceText,
} from './layers.ts';
import { type Fault, faultsOf, type Problem, problemText } from './problems.ts';
import { notAllowed, tooMuch, weakened } from './repository-file.ts';
import { DataDir, Include, Keep, ServiceName, SlackSettings, serviceSettings } from './schema.ts';
import { type ServiceConfig, serviceConfig } from './service-config.ts';
import { AuditSettings } from './settings/audit.ts';
import type { FromSettings } from './settings/from.ts';
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

/** Texts that belong to the main file. */
export interface MoreTexts {
  readonly included?: readonly SourceText[];
  /** Entries of `include` that lead to no file. */
  readonly missing?: readonly number[];
  /** The files of repositories, by service. */
  readonly ofRepositories?: ReadonlyMap<string, SourceText>;
}

/** A service that takes more settings from its own repository. */
export interface RemoteService<A extends AdapterTables = Adapters> {
  readonly from: FromSettings;
  /** By the central files alone. */
  readonly central: ServiceConfig<A>;
}

export interface ParsedFile<A extends AdapterTables = Adapters> {
  readonly data: string;
  /** ms */
  readonly keep: number;
  readonly audit: AuditSettings;
  readonly operations?: OperationsSettings | undefined;
  readonly webhooks: readonly EventWebhook[];
  readonly slack: SlackSettings;
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

/**
 * Checks the text of a config with all that belongs to it; `file` is how messages call it. Everything that is wrong is said
 * at once, each with file, line and column, and secrets are never repeated. What is wrong with the file of a repository
 * concerns that service alone. Refusal `config-invalid`.
 */
export function parseConfig(text: string, file: string): ParsedFile;
export function parseConfig<A extends AdapterTables>(
  text: string,
  file: string,
  adapters: A,
  more?: MoreTexts,
): ParsedFile<A>;
export function parseConfig(
  text: string,
  file: string,
  adapters: AdapterTables = ADAPTERS,
  more: MoreTexts = {},
): ParsedFile<AdapterTables> {
  const read = [{ file, text }, ...(more.included ?? [])].map(readSource);
  const problems = read.flatMap((one) => ('problems' in one ? one.problems : one.leaks));
  const sources = read.flatMap((one) => ('problems' in one ? [] : [one]));
  const [main, ...included] = sources;
  if (main === undefined || sources.length < read.length) throw invalid(file, problems);
  const add = (source: ConfigSource, faults: readonly Fault[]) =>
    problems.push(...faults.flatMap((fault) => problemAt({ source, at: fault.at }, fault)));

  const root = withoutExtensions(main.document.value);
  const shape = FileShape.safeParse(root);
  const schema = configJsonSchema(adapters);
  if (!shape.success) add(main, faultsOf(shape.error.issues, root, schema));
  for (const source of included) {
    const { value } = source.document;
    const { error } = IncludedShape.safeParse(value);
    if (error) add(source, faultsOf(error.issues, value, schema));
  }
  add(main, (more.missing ?? []).map(leadsNowhere));

  const slack = shape.success ? shape.data.slack : channelOf(root);
  const reader = new ServiceReader(adapters, { ...slack, freeze: shape.success ? shape.data.freeze : [] });
  const layers = new Map<string, Layers>();
  const remote = new Map<string, RemoteService<AdapterTables>>();
  const services = new Map<string, ServiceConfig<AdapterTables>>();
  for (const source of sources) {
    for (const [name, own] of Object.entries(recordOf(recordOf(source.document.value)?.['services']) ?? {})) {
      const other = layers.get(name)?.central.at(-1)?.source.file;
      if (other !== undefined) add(source, [standsTwice(name, other)]);
      if (other !== undefined || recordOf(own) === null) continue;
      const defaults = [...new Set([main, source])].map((one): Layer => ({ source: one, at: ['defaults'] }));
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

  const refused = takeFiles(reader, { services, remote, layers }, more.ofRepositories ?? new Map());
  const inOrder = [...layers.keys()].flatMap((name) => {
    const config = services.get(name);
    return config ? [[name, config] as const] : [];
  });
  const { data, keep, audit, operations, webhooks, freeze } = shape.data;
  const rest = { data, keep, audit, operations, webhooks, freeze, slack: shape.data.slack };
  return { ...rest, services: new Map(inOrder), remote, refused, layers };
}

/** Adds the services whose repository has a file that is taken; those whose file is not, with the reason. */
function takeFiles(
  reader: ServiceReader,
  {
    services,
    remote,
    layers,
  }: {
    readonly services: Map<string, ServiceConfig<AdapterTables>>;
    readonly remote: ReadonlyMap<string, RemoteService<AdapterTables>>;
    readonly layers: Map<string, Layers>;
  },
  files: ReadonlyMap<string, SourceText>,
): ReadonlyMap<string, Refusal> {
  const refused = new Map<string, Refusal>();
  for (const [name, one] of remote) {
    const given = files.get(name);
    const own = layers.get(name);
    if (given === undefined || own === undefined) continue;
    const answer = withFile(reader, name, one, own, given);
    if (answer instanceof Refusal) refused.set(name, answer);
    else {
      services.set(name, answer.config);
      layers.set(name, answer.layers);
    }
  }
  // Those with a file of their repository come last, so that they are the ones that clash.
  for (const fault of clashes(services)) {
    const [, name = ''] = fault.at.map(String);
    const own = layers.get(name);
    if (own === undefined || !services.delete(name)) continue;
    refused.set(
      name,
      invalid(own.repository?.file ?? name, problemOf(own, { ...fault, at: fault.at.slice(2) })),
    );
  }
  return refused;
}

/** Reads the settings of one service after the other. */
class ServiceReader {
  readonly #adapters: AdapterTables;
  readonly #schema: ReturnType<typeof serviceSettings>;
  readonly #shared: { readonly channel?: string | undefined; readonly freeze: FreezeSettings };

  constructor(
    adapters: AdapterTables,
    shared: { readonly channel?: string | undefined; readonly freeze: FreezeSettings },
  ) {
    this.#adapters = adapters;
    this.#schema = serviceSettings(adapters);
    this.#shared = shared;
  }

  read(name: string, settings: Readonly<Record<string, unknown>>) {
    const { data, error } = this.#schema.safeParse(settings);
    if (error) return { faults: faultsOf(error.issues, settings, serviceJsonSchema(this.#adapters)) };
    const { channel = '', freeze } = this.#shared;
    const config = serviceConfig(name, data, { channel, freeze });
    return { config, from: data.from, faults: contradictions(data, this.#shared) };
  }
}

/** The service with the file of its repository, or why that is not taken. */
function withFile(
  reader: ServiceReader,
  name: string,
  { from, central }: RemoteService<AdapterTables>,
  layers: Layers,
  given: SourceText,
): { readonly config: ServiceConfig<AdapterTables>; readonly layers: Layers } | Refusal {
  const refused = (problems: readonly Problem[]) => invalid(given.file, problems);
  const start = { file: given.file, line: 1, column: 1, path: '' };
  const much = tooMuch(given.text);
  if (much !== null) return refused([{ ...start, message: much }]);
  const read = readSource(given);
  if ('problems' in read) return refused(read.problems);
  const all = { ...layers, repository: read };
  const forbidden = notAllowed(read.document.value, from).flatMap((fault) =>
    problemAt({ source: read, at: fault.at }, fault),
  );
  if (read.leaks.length + forbidden.length > 0) return refused([...read.leaks, ...forbidden]);
  const { whole } = mergedSettings(all);
  const approvals = recordOf(whole['approvals']);
  const wanted = approvals?.['required'];
  const least = central.service.policy.approvals;
  const atLeast = typeof wanted === 'number' && wanted < least ? { required: least } : {};
  const { config, faults } = reader.read(name, { ...whole, approvals: { ...approvals, ...atLeast } });
  if (faults.length > 0) return refused(faults.flatMap((fault) => problemOf(all, fault)));
  if (config === undefined) throw new Error('Settings without a fault make a service.');
  const weak = weakened(central, config, from);
  return weak === null ? { config, layers: all } : refused([{ ...start, message: weak }]);
}

const NO_SERVICE: Fault = {
  at: ['services'],
  key: false,
  message: 'there is no service',
  expected: 'at least one service, here or in a file that is included',
};

function leadsNowhere(index: number): Fault {
  const message = 'there is no such file';
  return { at: ['include', index], key: false, message, expected: 'a file or a glob, relative to this file' };
}

function standsTwice(name: string, other: string): Fault {
  return {
    at: ['services', name],
    key: true,
    message: `${name} stands in ${other} too`,
    expected: 'one of them',
  };
}

function invalid(file: string, problems: readonly Problem[]): Refusal {
  const texts = problems
    .toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column)
    .map(problemText);
  const distinct = [...new Set(texts)];
  const files = new Set(problems.map((problem) => problem.file));
  const [only = file] = files;
  return new Refusal('config-invalid', {
    file: files.size === 1 ? only : `${file} and what it includes`,
    count: distinct.length,
    problems: distinct,
  });
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
