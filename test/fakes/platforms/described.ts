import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Description, type Formats } from '../../../demo/description.ts';
import { projectRoot } from '../../../demo/project-root.ts';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly contentType: string | undefined;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

interface File {
  readonly operations: Readonly<Record<string, { readonly responses: Readonly<Record<string, Schema>> }>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** As Kubernetes and what is built on it writes times: in UTC, whole seconds. */
export const WHOLE_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * What a platform has published about its API (test/fixtures/descriptions, made by scripts/describe.mjs), for a double to
 * hold what it is asked and what it answers against.
 */
export class Published {
  readonly #description: Description;
  readonly #file: File;
  readonly #elsewhere: ReadonlyMap<string, string>;

  /** `elsewhere`: operations that it leaves out, with the page that documents them. */
  constructor(name: string, more: { formats?: Formats; elsewhere?: Readonly<Record<string, string>> } = {}) {
    const path = join(projectRoot, 'test', 'fixtures', 'descriptions', `${name}.json`);
    this.#description = Description.at(path, more.formats);
    this.#file = JSON.parse(readFileSync(path, 'utf8')) as File;
    this.#elsewhere = new Map(Object.entries(more.elsewhere ?? {}));
  }

  /** Whether a route of a double, `GET /v2/apps/{name}`, is described here or on a page of its own. */
  has(method: string, route: string): boolean {
    const path = route.replaceAll(/\{\w+\}/g, 'x');
    return this.#elsewhere.has(`${method} ${route}`) || this.#description.find(method, path) !== null;
  }

  /** What is wrong with a request; `route`: what the double takes it for. */
  problemOf({ method, path, query, body, contentType }: Sent, route: string): string | null {
    if (this.#elsewhere.has(`${method} ${route}`)) return null;
    const found = this.#description.find(method, path);
    if (!found) return `${method} ${path} is not described`;
    const asked = { ...found, query, body, ...(contentType ? { contentType } : {}) };
    const problem = this.#description.problemOf(found.operation, asked);
    if (problem !== null || contentType !== 'application/json-patch+json') return problem;
    return this.#problemOfChanges(found.operation, body as readonly Change[]);
  }

  /** What is wrong with an answer. */
  problemOfAnswer(
    sent: Pick<Sent, 'method' | 'path'>,
    route: string,
    reply: { readonly status: number; readonly body?: unknown; readonly text?: string },
  ): string | null {
    if (this.#elsewhere.has(`${sent.method} ${route}`)) return null;
    const found = this.#description.find(sent.method, sent.path);
    if (!found) return null;
    // What a double leaves undefined is not sent.
    const body = reply.text ?? (reply.body && (JSON.parse(JSON.stringify(reply.body)) as unknown));
    const problem = this.#description.problemOfAnswer(found.operation, reply.status, body);
    return problem === null ? null : `answer of ${found.operation}, ${reply.status}: ${problem}`;
  }

  /** A JSON patch (RFC 6902) changes members of what the operation answers. */
  #problemOfChanges(operation: string, changes: readonly Change[]): string | null {
    const whole = this.#file.operations[operation]?.responses['200'] ?? {};
    for (const { path, value } of changes) {
      const names = path.slice(1).split('/');
      const leaf = names.reduce<Schema | null>((at, name) => this.#under(at, unescaped(name)), whole);
      if (!leaf) return `a change of ${path}, which is not described`;
      const type = this.#behind(leaf).type ?? 'object';
      if (value !== undefined && typeof value !== type && !(type === 'integer' && Number.isInteger(value)))
        return `a change of ${path} to ${JSON.stringify(value)}, which is no ${String(type)}`;
    }
    return null;
  }

  #behind(schema: Schema): Schema {
    const name = schema.$ref?.slice('#/schemas/'.length);
    return name === undefined ? schema : this.#behind(this.#file.schemas[name] ?? {});
  }

  #under(schema: Schema | null, name: string): Schema | null {
    if (!schema) return null;
    const { properties, additionalProperties: any, items } = this.#behind(schema);
    if (items) return /^(?:\d+|-)$/.test(name) ? items : null;
    return properties?.[name] ?? (typeof any === 'object' ? any : null);
  }
}

interface Change {
  readonly path: string;
  readonly value?: unknown;
}

function unescaped(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}
