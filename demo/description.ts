import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

interface Described {
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly body?: object;
  readonly bodyRequired?: boolean;
  /** Schemas of bodies that are not plain JSON, by content type. */
  readonly bodies?: Readonly<Record<string, object>>;
  /** Schema by status; null for answers without a body. `default`: of failures. */
  readonly responses: Readonly<Record<string, object | null>>;
}

interface File {
  readonly operations: Readonly<Record<string, Described>>;
  readonly schemas: Readonly<Record<string, object>>;
}

export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** `application/json` when absent. */
  readonly contentType?: string;
}

/** What a text of some format looks like: `date-time`. */
export type Formats = Readonly<Record<string, RegExp>>;

/** A platform's published description of its API, cut down to what is used (scripts/describe.mjs). */
export class Description {
  readonly #file: File;
  readonly #ajv: Ajv;
  readonly #coercing: Ajv;
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #routes: readonly {
    readonly operation: string;
    readonly pattern: RegExp;
    readonly names: readonly string[];
  }[];

  static readonly #read = new Map<string, Description>();

  /** Each file is read once per process. `formats`: those that are checked; none without it. */
  static at(path: string, formats: Formats = {}): Description {
    const found = Description.#read.get(path) ?? new Description(path, formats);
    Description.#read.set(path, found);
    return found;
  }

  private constructor(path: string, formats: Formats) {
    this.#file = JSON.parse(readFileSync(path, 'utf8')) as File;
    const options = { strict: false, logger: false, formats: { ...formats } } as const;
    this.#ajv = new Ajv(options);
    this.#coercing = new Ajv({ ...options, coerceTypes: 'array' });
    const document = { $id: 'described', schemas: this.#file.schemas };
    this.#ajv.addSchema(document);
    this.#coercing.addSchema(document);
    this.#routes = Object.keys(this.#file.operations).map((operation) => {
      const names: string[] = [];
      const pattern = operation.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
        names.push(name);
        return '([^/]+)';
      });
      return { operation, names, pattern: new RegExp(`^${pattern}$`) };
    });
  }

  /** The operation of a request: `GET /repos/{owner}/{repo}/tags`, and the parameters of its path, decoded. */
  find(
    method: string,
    path: string,
  ): { readonly operation: string; readonly params: Record<string, string> } | null {
    for (const { operation, pattern, names } of this.#routes) {
      const match = pattern.exec(`${method} ${path}`);
      if (!match) continue;
      const params = Object.fromEntries(
        names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]),
      );
      return { operation, params };
    }
    return null;
  }

  /** What is wrong with a request; null when the description allows it. Nothing undescribed is let through. */
  problemOf(operation: string, { params, query, body, contentType }: Asked): string | null {
    const described = this.#file.operations[operation];
    if (!described) return `${operation} is not described`;
    const known = new Set(described.parameters.filter((one) => one.in === 'query').map(({ name }) => name));
    const unknown = Object.keys(query).filter((name) => !known.has(name));
    if (unknown.length > 0) return `unknown query parameters: ${unknown.join(', ')}`;
    for (const { name, in: place, required, schema } of described.parameters) {
      const given = place === 'path' ? params[name] : place === 'query' ? query[name] : undefined;
      if (given === undefined) {
        if (required && place !== 'header') return `${place} parameter ${name} is missing`;
        continue;
      }
      const problem = this.#check(this.#coercing, `${operation} ${place} ${name}`, wrapped(schema), {
        value: given,
      });
      if (problem) return `${place} parameter ${name}: ${problem}`;
    }
    return this.#problemOfBody(operation, described, body, contentType);
  }

  #problemOfBody(operation: string, described: Described, body: unknown, type = 'application/json') {
    const other = described.bodies?.[type];
    if (described.bodies && !other) return `a body of ${type} is not described`;
    const schema = other ?? described.body;
    if (schema === undefined) return body === undefined ? null : 'a body is not described';
    if (body === undefined) return described.bodyRequired ? 'the body is missing' : null;
    const problem = this.#check(this.#ajv, `${operation} body ${type}`, closed(schema), body);
    return problem ? `body ${problem}` : null;
  }

  /** What is wrong with an answer of this server; failures are only held against what is described of them. */
  problemOfAnswer(operation: string, status: number, body: unknown): string | null {
    const { [String(status)]: own, default: failed } = this.#file.operations[operation]?.responses ?? {};
    const schema = own ?? (status >= 400 ? failed : own);
    if (schema === undefined) return status >= 400 ? null : `status ${status} is not described`;
    if (schema === null) return body === undefined ? null : 'no body is described';
    return this.#check(this.#ajv, `${operation} ${status}`, schema, body);
  }

  #check(ajv: Ajv, key: string, schema: object, value: unknown): string | null {
    const validate = this.#validators.get(key) ?? ajv.compile(pointed(schema));
    this.#validators.set(key, validate);
    if (validate(value)) return null;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath ?? ''} ${error?.message ?? 'is wrong'} ${JSON.stringify(error?.params ?? {})}`;
  }
}

function wrapped(schema: object): object {
  return { type: 'object', properties: { value: schema } };
}

/** The platform would let a member pass that it does not know; a test must not. */
function closed(schema: object): object {
  return 'properties' in schema && !('additionalProperties' in schema)
    ? { ...schema, additionalProperties: false }
    : schema;
}

/** References lead into the document that was added. */
function pointed(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"described#/')) as object;
}
