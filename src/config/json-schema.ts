import { z } from 'zod';
import type { AdapterTables } from '../adapters/tables.ts';
import { isRecord, type Path, valueAt } from './document.ts';
import { FreezeSettings } from './freeze.ts';
import { DataDir, Include, Keep, ServiceName, SlackSettings, serviceSettings } from './schema.ts';
import { AuditSettings } from './settings/audit.ts';
import { OperationsSettings } from './settings/operations.ts';
import { WebhooksSettings } from './settings/webhooks.ts';

/** The parts of JSON Schema that zod writes and we read. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The schema of `slipway.yaml` for editors; what `slipway schema` prints. */
export function configJsonSchema(adapters: AdapterTables): JsonSchema & { readonly $schema: string } {
  const service = serviceJsonSchema(adapters);
  const defaults = {
    ...optional(service),
    description: 'Settings of every service that does not say otherwise.',
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    description: 'slipway.yaml: the services that Slipway ships.',
    type: 'object',
    properties: {
      include: of(Include),
      slack: of(SlackSettings),
      data: of(DataDir),
      keep: of(Keep),
      audit: of(AuditSettings),
      operations: of(OperationsSettings),
      webhooks: of(WebhooksSettings),
      freeze: {
        ...of(FreezeSettings),
        description:
          'When nothing of any service is shipped; entries as in the `freeze` of a service, which come on top.',
      },
      defaults,
      services: {
        description: 'Services by name, as people type it after /ship-prod.',
        type: 'object',
        propertyNames: of(ServiceName),
        // What a service lacks may stand in `defaults`, which a schema cannot see.
        additionalProperties: { ...service, required: [] },
      },
    },
    patternProperties: { '^x-': { description: 'Free for YAML anchors.' } },
    additionalProperties: false,
  };
}

/** The schema of a file that is included. */
export function includedJsonSchema(adapters: AdapterTables): JsonSchema {
  const { properties: { defaults, services } = {}, ...whole } = configJsonSchema(adapters);
  return { ...whole, properties: { ...(defaults && { defaults }), ...(services && { services }) } };
}

/** The schema of a whole service, with what it must have. */
export function serviceJsonSchema(adapters: AdapterTables): JsonSchema {
  return of(serviceSettings(adapters));
}

/** The places of a schema that a path of some data leads to: several where the data does not decide. */
export function schemasAt(root: JsonSchema, path: Path, data: unknown): readonly JsonSchema[] {
  let here = variants(root, data);
  let value = data;
  for (const part of path) {
    value = valueAt(value, [part]);
    here = here.flatMap((schema) => {
      const next =
        typeof part === 'number'
          ? schema.items
          : (schema.properties?.[part] ??
            (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined));
      return next ? variants(next, value) : [];
    });
  }
  return here;
}

/** The alternatives of a schema; where `use` decides, only the one that the data names. */
function variants(schema: JsonSchema, data: unknown): readonly JsonSchema[] {
  const choices = schema.oneOf ?? schema.anyOf;
  if (!choices) return [schema];
  const use = isRecord(data) ? data['use'] : undefined;
  const named = choices.filter((choice) => use !== undefined && choice.properties?.['use']?.const === use);
  const own = inherited(schema);
  return named.length > 0
    ? named.flatMap((choice) => variants(choice, data)).map((choice) => ({ ...own, ...choice }))
    : choices.flatMap((choice) => variants(choice, data)).map((choice) => ({ ...choice, ...own }));
}

function inherited({ description, examples }: JsonSchema): JsonSchema {
  return { ...(description ? { description } : {}), ...(examples ? { examples } : {}) };
}

function of(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    reused: 'inline',
    // Formats that are zod's own words, or that not every editor knows; each comes with a pattern that says the same.
    override: ({ jsonSchema }) => {
      if (['starts_with', 'ends_with', 'includes', 'date'].includes(jsonSchema.format ?? ''))
        delete jsonSchema.format;
    },
  });
  return rest as JsonSchema;
}

/** The same without `required`, all the way down, but for the `use` that decides between alternatives. */
function optional(schema: JsonSchema): JsonSchema {
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy);
    if (!isRecord(value)) return value;
    // A setting may have that name, too: approvals.required.
    const entries = Object.entries(value).filter(
      ([key, inner]) => key !== 'required' || !Array.isArray(inner),
    );
    return Object.fromEntries(entries.map(([key, inner]) => [key, copy(inner)]));
  };
  return copy(schema) as JsonSchema;
}
