const WORDS = new Set([
  'description',
  'example',
  'examples',
  'summary',
  'externalDocs',
  'title',
  'deprecated',
  'default',
  'readOnly',
]);

/**
 * JSON Schema for ajv out of what a description says: facts without prose, `nullable` as a type. A schema is slimmed for one
 * use: a `request`; an `answer`; a `part` of one, which other parts add members to; or a `patch`, whose members are all
 * optional and may be null.
 */
export class Slimmer {
  schemas = {};
  #resolve;
  #into;
  #isPartial;
  #isLoose;

  /**
   * `resolve`: the schema behind a reference. `into`: only under these names are objects described further; absent: everywhere.
   * `isPartial`: answers may leave out what is required, and requests are closed by whoever checks them. `isLoose`: answers
   * are described by code without types: a text may be anything, an object a list of such, and each member null.
   */
  constructor(resolve, { into, isPartial = false, isLoose = false } = {}) {
    this.#resolve = resolve;
    this.#into = into && new Set(into);
    this.#isPartial = isPartial;
    this.#isLoose = isLoose;
  }

  slim(node, how, names = false) {
    if (Array.isArray(node)) return node.map((item) => this.slim(item, how));
    if (typeof node !== 'object' || node === null) return node;
    if (typeof node.$ref === 'string') return { $ref: `#/schemas/${this.#keep(node.$ref, how)}` };
    if (!names && !this.#isPartial && node.allOf?.length === 1) return this.slim(node.allOf[0], how);
    if (!names && this.#isLoose && how === 'answer' && node.type === 'string' && !node.enum) return {};
    const { nullable = this.#isLoose && how === 'answer', ...rest } = names ? node : facts(node);
    const kept = {};
    for (const [key, value] of Object.entries(rest)) {
      if (key === 'required' && Array.isArray(value) && this.#isOptional(how)) continue;
      if (names && how === 'request' && value.readOnly) continue;
      if (names && this.#isDeep(key, value)) kept[key] = shallow(this.#whole(value));
      else kept[key] = this.slim(value, this.#below(key, how), key === 'properties' && !names);
      if (names && this.#isLoose && how === 'answer' && value.$ref)
        kept[key] = { anyOf: [kept[key], { type: 'array', items: kept[key] }] };
    }
    if (names) return kept;
    const alternatives = kept.allOf ?? kept.anyOf ?? kept.oneOf;
    if (this.#isOptional(how) && kept.oneOf) {
      kept.anyOf = kept.oneOf; // without `required` several may fit
      delete kept.oneOf;
    }
    this.#close(kept, how, alternatives !== undefined);
    if (how === 'patch') mergedBy(node, kept);
    return nullable || (how === 'patch' && !kept.$ref) ? orNull(kept) : kept;
  }

  #close(kept, how, hasAlternatives) {
    const isClosed = this.#isPartial ? how === 'answer' : how !== 'part';
    if (!isClosed || !kept.properties || hasAlternatives || kept.additionalProperties !== undefined) return;
    kept.additionalProperties = false;
  }

  #isOptional(how) {
    return how === 'patch' || ((this.#isPartial || this.#isLoose) && how !== 'request');
  }

  /** Alternatives of a part are parts; its members are whole again. */
  #below(key, how) {
    if (how !== 'answer' && how !== 'part') return how;
    if (key === 'allOf') return 'part';
    return key === 'anyOf' || key === 'oneOf' ? how : 'answer';
  }

  #isDeep(name, value) {
    if (!this.#into || this.#into.has(name)) return false;
    const whole = this.#whole(value);
    const leaf = this.#whole(whole.items ?? whole.additionalProperties ?? whole);
    return leaf.properties !== undefined || leaf.items !== undefined || leaf.type === 'object';
  }

  #whole(value) {
    if (typeof value !== 'object' || value === null) return {};
    if (value.$ref) return this.#whole(this.#resolve(value.$ref));
    return value.allOf?.length === 1 ? this.#whole(value.allOf[0]) : value;
  }

  #keep(ref, how) {
    const name = `${ref.split('/').at(-1)}${how === 'answer' ? '' : `:${how}`}`;
    if (!(name in this.schemas)) {
      this.schemas[name] = null;
      this.schemas[name] = this.slim(this.#resolve(ref), how);
    }
    return name;
  }
}

function facts(node) {
  const kept = Object.fromEntries(
    Object.entries(node).filter(([key]) => !WORDS.has(key) && !key.startsWith('x-')),
  );
  if (node['x-kubernetes-preserve-unknown-fields']) kept.additionalProperties = true;
  return kept;
}

function shallow({ type = 'object' }) {
  return { type };
}

function orNull(kept) {
  if (kept.enum) kept.enum = [...kept.enum, null];
  if (typeof kept.type === 'string') return { ...kept, type: [kept.type, 'null'] };
  return { anyOf: [kept, { type: 'null' }] };
}

/** A strategic merge finds the items of a list by a key, which each has to have. */
function mergedBy(node, kept) {
  const key = node['x-kubernetes-patch-merge-key'];
  if (key) kept.items = { allOf: [kept.items, { required: [key] }] };
}
