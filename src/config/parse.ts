import { z } from 'zod';
import { ADAPTERS, type Adapters, type AdapterTables } from '../adapters/tables.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { clashes, contradictions } from './contradictions.ts';
import { type ConfigDocument, type Path, parseConfigDocument } from './document.ts';
import { FreezeSettings } from './freeze.ts';
import { configJsonSchema, serviceJsonSchema } from './json-schema.ts';
import { withDefaults } from './merge.ts';
import { type Fault, faultsOf, type Problem, problemText } from './problems.ts';
import { DataDir, Keep, ServiceName, SlackSettings, serviceSettings } from './schema.ts';
import { secretsByKey, secretsByShape } from './secrets.ts';
import { type ServiceConfig, serviceConfig } from './service-config.ts';
import { AuditSettings } from './settings/audit.ts';
import { OperationsSettings } from './settings/operations.ts';

const FileShape = z.strictObject({
  slack: SlackSettings.prefault({}),
  data: DataDir,
  keep: Keep,
  audit: AuditSettings.prefault({}),
  operations: OperationsSettings.optional(),
  freeze: FreezeSettings,
  defaults: z.record(z.string(), z.unknown()).default({}),
  services: z
    .record(ServiceName, z.record(z.string(), z.unknown()))
    .refine((services) => Object.keys(services).length > 0, { error: 'at least one service' }),
});

export interface ParsedFile<A extends AdapterTables = Adapters> {
  readonly data: string;
  /** ms */
  readonly keep: number;
  readonly audit: AuditSettings;
  readonly operations?: OperationsSettings | undefined;
  readonly slack: { readonly channel?: string | undefined };
  readonly services: ReadonlyMap<string, ServiceConfig<A>>;
}

/**
 * Checks the text of a config; `file` is how messages call it. Everything that is wrong is said at once, each with
 * line and column, and secrets are never repeated. Refusal `config-invalid`.
 */
export function parseConfig(text: string, file: string): ParsedFile;
export function parseConfig<A extends AdapterTables>(text: string, file: string, adapters: A): ParsedFile<A>;
export function parseConfig(
  text: string,
  file: string,
  adapters: AdapterTables = ADAPTERS,
): ParsedFile<AdapterTables> {
  const parsed = parseConfigDocument(text);
  const leaked = secretsByShape(text).map((secret): Problem => leakProblem(secret.what, secret, ''));
  if (parsed.kind === 'broken') {
    const broken = parsed.problems.map(
      (problem): Problem => ({ ...problem, path: '', message: `not valid YAML: ${problem.message}` }),
    );
    throw invalid(file, [...leaked, ...broken]);
  }
  const { document } = parsed;
  const root = isRecord(document.value) ? withoutExtensions(document.value) : document.value;
  const secrets = secretsByKey(root);
  const problems: Problem[] = [
    ...leaked,
    ...secrets.map(({ path, what }) => leakProblem(what, document.placeOf(path), path.join('.'))),
  ];
  const isSecret = (at: Path): boolean => secrets.some(({ path }) => path.join('\0') === at.join('\0'));
  const add = (faults: readonly Fault[]): void => {
    for (const fault of faults) {
      const problem = located(fault, document);
      const quotesLeak = leaked.some((leak) => leak.line === problem.line);
      if (!isSecret(fault.at) && !quotesLeak) problems.push(problem);
    }
  };

  const shape = FileShape.safeParse(root);
  if (!shape.success) add(faultsOf(shape.error.issues, root, configJsonSchema(adapters)));
  const schema = serviceSettings(adapters);
  const services = new Map<string, ServiceConfig<AdapterTables>>();
  const slack = shape.success ? shape.data.slack : channelOf(root);
  const freeze = shape.success ? shape.data.freeze : [];
  for (const [name, own] of Object.entries(recordAt(root, 'services'))) {
    if (!isRecord(own)) continue;
    const merged = withDefaults(recordAt(root, 'defaults'), own);
    const result = schema.safeParse(merged);
    const home = (fault: Fault): Fault => ({ ...fault, at: homeOf(document, name, fault.at) });
    if (!result.success) {
      add(faultsOf(result.error.issues, merged, serviceJsonSchema(adapters)).map(home));
      continue;
    }
    add(contradictions(result.data, { ...slack, freeze }).map(home));
    services.set(name, serviceConfig(name, result.data, { channel: slack.channel ?? '', freeze }));
  }
  add(clashes(services));
  if (problems.length > 0) throw invalid(file, problems);
  if (!shape.success) throw new Error('A config without a problem must fit its shape.');
  const { data, keep, audit, operations } = shape.data;
  return { data, keep, audit, operations, slack, services };
}

/** Where a value of a service stands: in the service, or in the defaults that it has it from. */
function homeOf(document: ConfigDocument, name: string, at: Path): Path {
  const own: Path = ['services', name, ...at];
  const shared: Path = ['defaults', ...at];
  return !document.has(own) && at.length > 0 && document.has(shared) ? shared : own;
}

function located(
  { at, key, message, expected, example, suggestion }: Fault,
  document: ConfigDocument,
): Problem {
  const place = key ? document.placeOfKey(at) : document.placeOf(at);
  return {
    ...place,
    path: at.join('.'),
    message,
    ...(expected ? { expected } : {}),
    ...(example ? { example } : {}),
    ...(suggestion ? { suggestion } : {}),
  };
}

function leakProblem(what: string, place: { line: number; column: number }, path: string): Problem {
  return {
    line: place.line,
    column: place.column,
    path,
    message: `this is a secret (${what}); secrets do not belong in this file`,
    expected:
      'the name of an environment variable. Change the secret too: whoever can read the file has seen it',
    example: '{ env: SHOP_TOKEN }',
  };
}

function invalid(file: string, problems: readonly Problem[]): Refusal {
  const texts = problems
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map((problem) => problemText(file, problem));
  const distinct = [...new Set(texts)];
  return new Refusal('config-invalid', { file, count: distinct.length, problems: distinct });
}

/** Keys that begin with `x-` are free, for YAML anchors. */
function withoutExtensions(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
}

/** Whether there is a channel for all, in a file with mistakes elsewhere or in that very place. */
function channelOf(root: unknown): { readonly channel?: string } {
  return 'channel' in recordAt(root, 'slack') ? { channel: '' } : {};
}

function recordAt(value: unknown, key: string): Record<string, unknown> {
  const inner = isRecord(value) ? value[key] : undefined;
  return isRecord(inner) ? inner : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
