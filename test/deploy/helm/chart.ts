import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { type Definitions, parseTemplate, write } from './template.ts';

export const CHART = fileURLToPath(new URL('../../../deploy/helm/slipway/', import.meta.url));
const RELEASE = { Name: 'bot', Namespace: 'ops', Service: 'Helm' };

export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

type Values = Readonly<Record<string, unknown>>;
const read = (path: string) => readFileSync(`${CHART}${path}`, 'utf8');

/** What is wrong with the values, by the chart's own schema; null when nothing is. */
export function problemWith(values: Values): string | null {
  const ajv = new Ajv({ strict: false });
  const schema = JSON.parse(read('values.schema.json')) as object;
  return ajv.validate(schema, merged(values)) ? null : ajv.errorsText();
}

/** What `helm template bot deploy/helm/slipway --namespace ops` would write. Throws what it would refuse. */
export function render(values: Values): readonly Resource[] {
  return written(values).flatMap(({ file, text }) => (file.endsWith('.yaml') ? resourcesIn(text) : []));
}

/** What `helm install` says at its end. */
export function notes(values: Values): string {
  return written(values).find(({ file }) => file === 'NOTES.txt')?.text ?? '';
}

function written(values: Values): readonly { readonly file: string; readonly text: string }[] {
  const problem = problemWith(values);
  if (problem !== null) throw new Error(problem);
  const { version, appVersion, name } = parse(read('Chart.yaml')) as Record<string, string>;
  const root = {
    Values: merged(values),
    Release: RELEASE,
    Chart: { Name: name, Version: version, AppVersion: appVersion },
  };
  const definitions: Definitions = new Map();
  const templates = readdirSync(`${CHART}templates`)
    .sort()
    .map((file) => ({ file, nodes: parseTemplate(read(`templates/${file}`), definitions) }));
  return templates.map(({ file, nodes }) => ({ file, text: write(nodes, root, definitions) }));
}

/** The same by Helm itself; null where it is not installed. */
export function renderByHelm(values: Values): readonly Resource[] | null {
  const args = ['template', RELEASE.Name, CHART, '--namespace', RELEASE.Namespace, '--values', '-'];
  const helm = spawnSync('helm', args, { input: JSON.stringify(values), encoding: 'utf8' });
  if (helm.error !== undefined) return null;
  if (helm.status !== 0) throw new Error(helm.stderr);
  return resourcesIn(helm.stdout);
}

export function resourcesIn(text: string): readonly Resource[] {
  return parseAllDocuments(text, { version: '1.1' }).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(`${document.errors[0]?.message}\n${text}`);
    const value = document.toJS() as Resource | null;
    return value === null ? [] : [value];
  });
}

/** As Helm lays values over the chart's own: maps key by key, everything else whole. */
function merged(values: Values): Values {
  return over(parse(read('values.yaml')) as Values, values) as Values;
}

function over(own: unknown, given: unknown): unknown {
  if (!isMap(own) || !isMap(given)) return given;
  const entries = Object.entries(given).map(([key, value]) => [
    key,
    Object.hasOwn(own, key) ? over(own[key], value) : value,
  ]);
  return { ...own, ...Object.fromEntries(entries) };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
