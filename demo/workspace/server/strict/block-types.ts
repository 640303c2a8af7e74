import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import { projectRoot } from '../../../project-root.ts';
import type { Problem } from './problem.ts';

/** What block-kit.schema.json can check. `blocks` is a list of KnownBlock. */
export type SchemaName = 'blocks' | 'modal' | 'home' | 'attachments' | 'metadata';

const schemas: Record<SchemaName, object> = {
  blocks: { type: 'array', items: { $ref: 'kit#/definitions/KnownBlock' } },
  attachments: { type: 'array', items: { $ref: 'kit#/definitions/MessageAttachment' } },
  modal: { $ref: 'kit#/definitions/ModalView' },
  home: { $ref: 'kit#/definitions/HomeView' },
  metadata: { $ref: 'kit#/definitions/MessageMetadata' },
};

let ajv: Ajv | undefined;

/** Compiled at the first use in this process: it takes a tenth of a second. */
function validator(name: SchemaName): ValidateFunction {
  if (ajv === undefined) {
    const file = join(projectRoot, 'demo', 'workspace', 'server', 'strict', 'block-kit.schema.json');
    ajv = new Ajv({ discriminator: true, allErrors: true, strict: false, verbose: true });
    ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')), 'kit');
    for (const [key, schema] of Object.entries(schemas)) ajv.addSchema(schema, key);
  }
  const compiled = ajv.getSchema(name);
  if (compiled === undefined) throw new Error(`no schema ${name}`);
  return compiled;
}

/** Compiles what messages and modals need, so that the first of them is not slower than the others. */
export function prepareBlockTypes(): void {
  validator('blocks');
  validator('modal');
}

/** Wrong types, unknown block types and properties that do not exist, in Slack's words. */
export function typeProblems(name: SchemaName, value: unknown, pointer: string): Problem[] {
  const check = validator(name);
  if (check(value)) return [];
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const error of check.errors ?? []) {
    const problem = translate(error, pointer);
    const key = JSON.stringify(problem);
    if (problem === undefined || seen.has(key)) continue;
    seen.add(key);
    problems.push(problem);
  }
  return problems;
}

function translate(error: ErrorObject, base: string): Problem | undefined {
  const pointer = `${base}${error.instancePath}`;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
      return { message: `invalid additional property: ${String(params['additionalProperty'])}`, pointer };
    case 'required':
      return { message: `missing required field: ${String(params['missingProperty'])}`, pointer };
    case 'discriminator':
      return params['error'] === 'tag'
        ? undefined
        : { message: `unsupported type: ${String(params['tagValue'])}`, pointer: `${pointer}/type` };
    case 'type':
      return { message: `must provide ${article(String(params['type']))}`, pointer };
    case 'const':
      return { message: `must be ${String(params['allowedValue'])}`, pointer };
    case 'enum':
      return { message: `must be one of: ${(params['allowedValues'] as unknown[]).join(', ')}`, pointer };
    case 'minItems':
      return { message: `no fewer than ${String(params['limit'])} items allowed`, pointer };
    default:
      return { message: error.message ?? 'failed to match all allowed schemas', pointer };
  }
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
