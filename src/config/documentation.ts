import { stringify } from 'yaml';
import type { AdapterTables } from '../adapters/tables.ts';
import { configJsonSchema, type JsonSchema } from './json-schema.ts';

const INTRODUCTION = `# Configuration

Slipway reads \`slipway.yaml\` from the folder in which it is started, or the file that \`SLIPWAY_CONFIG\` names.
[examples/slipway.yaml](../examples/slipway.yaml) is a start. This page is generated from the schema
(\`slipway schema --markdown\`). For completion in an editor, run \`slipway schema > slipway.schema.json\` and begin the
file with:

\`\`\`yaml
# yaml-language-server: $schema=slipway.schema.json
\`\`\`

- **Durations** are texts such as \`30s\`, \`15m\`, \`2h\` or \`1d\`.
- **Secrets** never stand in this file: where one is needed, write \`{ env: NAME }\` with the name of an environment
  variable. A file is refused where something in it looks like a secret.
- **\`use\`** chooses the kind of an adapter; the other keys of that map depend on it.
- **Commands** of gates and targets: what they get, and what a placeholder may hold, is in [commands.md](commands.md).
- \`defaults\` holds the same settings as a service. A service's own settings win, key by key; lists are replaced.
- Keys that begin with \`x-\` at the top are free, for YAML anchors.

Slack's tokens, the database and the address of Slack come from [the environment](operating.md#the-environment).
`;

/** Kinds of text that the schema only tells by their example. */
const UNITS: Readonly<Record<string, string>> = {
  '15m': 'duration',
  '1pp': 'percentage points',
  '10%': 'percentage',
};

/** The text of docs/configuration.md. */
export function configurationMarkdown(adapters: AdapterTables): string {
  const { properties = {} } = configJsonSchema(adapters);
  const service = properties['services']?.additionalProperties;
  const { services: _services, defaults: _defaults, ...top } = properties;
  const sections = [
    INTRODUCTION,
    `## The file\n\n${table({ properties: top }, '')}`,
    '`services` maps the name of each service, as people type it after `/ship-prod`, to its settings.\n',
    '## A service\n',
  ];
  if (typeof service === 'object') sections.push(...serviceSections(service));
  return `${sections
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

function serviceSections(service: JsonSchema): string[] {
  const sections: string[] = [];
  for (const [name, schema] of Object.entries(service.properties ?? {})) {
    const many = schema.type === 'array';
    const oneOfMany = schema.anyOf?.find((one) => one.oneOf !== undefined);
    const inner = many ? schema.items : (oneOfMany ?? schema);
    const kinds = inner?.oneOf ?? (inner?.properties ? [inner] : []);
    sections.push(`### \`${name}\`\n\n${sentence(schema)}\n`);
    if (kinds.length === 0) {
      sections.push(`${facts(schema)}\n`);
      continue;
    }
    for (const kind of kinds) {
      const use = kind.properties?.['use']?.const;
      if (use !== undefined)
        sections.push(`#### \`${many ? '- ' : ''}use: ${String(use)}\`\n\n${sentence(kind)}\n`);
      sections.push(table(kind, ''));
    }
  }
  return sections;
}

function table(schema: JsonSchema, prefix: string): string {
  const rows = rowsOf(schema, prefix);
  return `| Setting | Value | Default | Meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

/** One row per setting; maps without alternatives are opened: `start.users`. `owner` is the optional map around. */
function rowsOf(schema: JsonSchema, prefix: string, owner?: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    if (name === 'use') return [];
    const path = prefix + name;
    const required = schema.required?.includes(name) === true && property.default === undefined;
    if (property.properties && !property.oneOf && !isSecret(property)) {
      const optional = !required && property.default === undefined;
      const meaning = cell(sentence(property));
      const own = meaning === '' ? [] : [`| \`${path}\` | ${kindOf(property)} | | ${meaning} |`];
      return [...own, ...rowsOf(property, `${path}.`, optional ? path : owner)];
    }
    const needed = owner === undefined ? 'required' : `required with \`${owner}\``;
    const standard = required ? needed : property.default === undefined ? '' : inline(property.default);
    return [`| \`${path}\` | ${kindOf(property)} | ${standard} | ${cell(sentence(property))} |`];
  });
}

function kindOf(schema: JsonSchema): string {
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return [...new Set(choices.map(kindOf))].join(' or ');
  if (schema.const !== undefined) return inline(schema.const);
  const unit = UNITS[String(schema.examples?.[0])];
  if (unit) return unit;
  if (schema.enum) return schema.enum.map(inline).join(', ');
  if (schema.type === 'array') return `list of ${schema.items ? kindOf(schema.items) : 'values'}`;
  if (schema.type === 'object') {
    return isSecret(schema)
      ? '`{ env: NAME }`'
      : schema.properties
        ? `map of ${Object.keys(schema.properties).join(', ')}`
        : 'map';
  }
  return (
    { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false', null: 'null' }[
      schema.type ?? ''
    ] ?? 'any value'
  );
}

function isSecret(schema: JsonSchema): boolean {
  return schema.properties?.['env'] !== undefined && schema.properties['use'] === undefined;
}

function sentence(schema: JsonSchema): string {
  const example = String(schema.examples?.[0]) in UNITS ? undefined : schema.examples?.[0];
  const shown = example === undefined ? '' : ` Example: ${inline(example)}`;
  return `${schema.description ?? ''}${shown}`.trim();
}

function facts(schema: JsonSchema): string {
  return schema.default === undefined
    ? `Value: ${kindOf(schema)}.`
    : `Value: ${kindOf(schema)}. Default: ${inline(schema.default)}.`;
}

/** A value as one line of YAML in a code span. */
function inline(value: unknown): string {
  const text = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
