import type { Field, StateDocument } from './document.ts';
import { bases, named } from './statements.ts';
import { keyWord } from './vocabulary.ts';
import type { KeyPath } from './yaml-text.ts';

export type Environment = 'staging' | 'production';

const CONTAINERS = ['deployment', 'deployment_state', 'deployments', 'environments'];
const NESTED = ['environment', 'environments'];
const SPELLINGS: Readonly<Record<Environment, readonly string[]>> = {
  staging: ['staging', 'stage'],
  production: ['production', 'prod'],
};
const FLAT_KEYS = ['environment', 'env'];
const NAME_KEYS = [...FLAT_KEYS, 'name', 'target', 'id'];

/** The sections in which files keep their deployments, the usual one first. */
function deploymentSections(document: StateDocument): Field[] {
  return bases(document).flatMap((base) =>
    named(base, CONTAINERS).flatMap((section) => [
      ...named(section, NESTED).filter(({ kind }) => kind !== 'scalar'),
      section,
    ]),
  );
}

/**
 * What is written of one environment: below `deployment.staging`, `deployment.environment.staging` or
 * `deployment_state.staging`, in a list of maps that carry its name, or in a `deployment` that names it.
 */
export function deploymentFields(document: StateDocument, environment: Environment): Field[] {
  return deploymentSections(document).flatMap((section) => [
    ...named(section, SPELLINGS[environment]),
    ...section.items.flatMap((item) =>
      namesEnvironment(item, environment, NAME_KEYS) ? [item] : named(item, SPELLINGS[environment]),
    ),
    ...(namesEnvironment(section, environment, FLAT_KEYS) ? [section] : []),
  ]);
}

function namesEnvironment(field: Field, environment: Environment, keys: readonly string[]): boolean {
  const name = named(field, keys).find(({ text }) => text !== null)?.text;
  return name != null && SPELLINGS[environment].includes(keyWord(name));
}

/** Where a file would keep production: beside staging, in a section for deployments, else in `deployment`. */
export function productionHome(document: StateDocument): {
  readonly keys: KeyPath;
  readonly name: string;
  /** Set when it would be one more item of the list at `keys`. */
  readonly item: { readonly index: number; readonly key: string } | null;
} {
  const [staging] = deploymentFields(document, 'staging');
  const name = productionLike(staging);
  const parent = staging?.keys.slice(0, -1) ?? [];
  const sections = deploymentSections(document);
  const list = sections.find(({ kind, keys }) => kind === 'list' && keys.join() === parent.join());
  const nameKey = staging && named(staging, NAME_KEYS)[0]?.keys.at(-1);
  if (list && typeof nameKey === 'string')
    return { keys: parent, name, item: { index: list.items.length, key: nameKey } };
  const flat = sections.some(({ keys }) => keys.join() === staging?.keys.join());
  if (staging) return { keys: flat ? staging.keys : parent, name, item: null };
  const own = sections.find(
    ({ keys, kind }) => kind !== 'scalar' && keyWord(String(keys.at(-1))) !== 'deployment',
  );
  const usual = sections.find(({ kind }) => kind === 'map');
  return { keys: own?.keys ?? usual?.keys ?? ['deployment'], name, item: null };
}

/** The name of production in the spelling of that of staging. */
function productionLike(staging: Field | undefined): string {
  const own = staging && (named(staging, NAME_KEYS)[0]?.text ?? String(staging.keys.at(-1)));
  if (own === undefined) return 'production';
  const word = keyWord(own) === 'stage' ? 'prod' : 'production';
  if (own === own.toUpperCase()) return word.toUpperCase();
  return own[0] === own[0]?.toUpperCase() ? `${word[0]?.toUpperCase()}${word.slice(1)}` : word;
}
