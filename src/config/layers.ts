import {
  type ConfigDocument,
  documentOf,
  isRecord,
  type Path,
  type Place,
  parseConfigDocument,
  recordOf,
  valueAt,
} from './document.ts';
import type { Fault, Problem } from './problems.ts';
import { asksForFewer, listOf, withRepositoryFile } from './repository-file.ts';
import { secretsByKey, secretsByShape } from './secrets.ts';

/** A text of the config; `file` is how messages call it. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** A file that was read as YAML. */
export interface ConfigSource {
  readonly file: string;
  readonly document: ConfigDocument;
  /** Secrets that stand in it. */
  readonly leaks: readonly Problem[];
  /** What is said of this place is not repeated: it is a secret, or its line has one. */
  isSecret(at: Path, line: number): boolean;
}

/** A text, as YAML or with what is wrong with it. */
export type ReadSource = SourceText & (ConfigSource | { readonly problems: readonly Problem[] });

/** Settings of a service that stand in one place. */
export interface Layer {
  readonly source: ConfigSource;
  readonly at: Path;
}

/** Where a setting stands. */
export interface Origin extends Place {
  readonly file: string;
}

/** All that is said of a service: by the defaults of the main file, those of its own file, and itself. */
export interface Layers {
  /** Lowest first; the last one is the service itself. */
  readonly central: readonly Layer[];
  /** The file of its repository; null: there is none. */
  readonly repository: ConfigSource | null;
}

/**
 * With `known`, the value that this very text had when it was read before, without secrets, it is not parsed. `isOutside`: whoever
 * may push to a repository wrote it.
 */
export function readSource(
  { file, text }: SourceText,
  { known, isOutside }: { readonly known?: { readonly value: unknown }; readonly isOutside?: boolean } = {},
): ReadSource {
  if (known) return { file, text, document: documentOf(known.value, text), leaks: [], isSecret: () => false };
  const parsed = parseConfigDocument(text, { isOutside });
  const byShape = secretsByShape(text).map((one) => leakProblem(file, one.what, one, ''));
  if (parsed.kind === 'broken') {
    const broken = parsed.problems.map(
      (one): Problem => ({ ...one, file, path: '', message: `not valid YAML: ${one.message}` }),
    );
    return { file, text, problems: [...byShape, ...broken] };
  }
  const { document } = parsed;
  const secrets = secretsByKey(document.value);
  const byKey = secrets.map(({ path, what }) =>
    leakProblem(file, what, document.placeOf(path), path.join('.')),
  );
  const paths = new Set(secrets.map(({ path }) => path.join('\0')));
  return {
    file,
    text,
    document,
    leaks: [...byShape, ...byKey],
    isSecret: (at, line) => paths.has(at.join('\0')) || byShape.some((leak) => leak.line === line),
  };
}

/** The settings of a service as its layers give them; `central`: without those of its repository. */
export function mergedSettings({ central, repository }: Layers): {
  readonly central: Record<string, unknown>;
  readonly whole: Record<string, unknown>;
} {
  const settings = central.map(settingsOf);
  const below = settings.reduce<Record<string, unknown>>((all, one) => withDefaults(all, one), {});
  const file = repository && recordOf(repository.document.value);
  return { central: below, whole: file ? withRepositoryFile(below, settings.at(-1) ?? {}, file) : below };
}

/** The layer that has a setting, with its path there; null: it is nowhere, so the default holds. */
export function layerWith(layers: Layers, path: Path): Layer | null {
  const ofRepository = layers.repository && inRepository(layers, path);
  if (layers.repository && ofRepository && layers.repository.document.has(ofRepository))
    return { source: layers.repository, at: ofRepository };
  const layer = layers.central.findLast(({ source, at }) => source.document.has([...at, ...path]));
  return layer ? { ...layer, at: [...layer.at, ...path] } : null;
}

export function placeIn({ source, at }: Layer, isKey = false): Origin {
  const { document, file } = source;
  return { file, ...(isKey ? document.placeOfKey(at) : document.placeOf(at)) };
}

/** The path in the file of the repository, whose lists stand behind the central ones; null: it is one of those. */
function inRepository(layers: Layers, path: Path): Path | null {
  const { central } = mergedSettings({ ...layers, repository: null });
  if (path.join('.') === 'approvals.required' && asksForFewer(central, layers.repository?.document.value))
    return null;
  const index = path.findIndex((part) => typeof part === 'number');
  const at = path.slice(0, index < 0 ? path.length : index);
  const said = valueAt(central, at);
  if (index < 0) {
    const own = layers.central.at(-1);
    const isOwn = own?.source.document.has([...own.at, ...path]);
    return isOwn && (typeof said !== 'object' || said === null) ? null : path;
  }
  const nr = Number(path[index]) - listOf(said).length;
  if (nr < 0) return null;
  // The only one of a list may stand there without one.
  const isAlone = !Array.isArray(valueAt(layers.repository?.document.value, at));
  return isAlone ? path.toSpliced(index, 1) : path.with(index, nr);
}

/** A fault of a service, where it stands. */
export function problemOf(layers: Layers, fault: Fault): readonly Problem[] {
  const own = layers.central.at(-1);
  const home = layerWith(layers, fault.at) ?? (own && { ...own, at: [...own.at, ...fault.at] });
  return home ? problemAt(home, fault) : [];
}

/** With its place; nothing where it would repeat a secret. */
export function problemAt(home: Layer, { at: _at, key, ...words }: Fault): readonly Problem[] {
  const place = placeIn(home, key);
  if (home.source.isSecret(home.at, place.line)) return [];
  return [{ ...place, path: home.at.join('.'), ...words }];
}

/**
 * A service over its defaults: maps are merged key by key, everything else is replaced. Two maps that `use`
 * different kinds are not merged: their keys mean different things.
 */
function withDefaults(
  defaults: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(own)) {
    const below = defaults[key];
    const both = isRecord(below) && isRecord(value);
    const sameKind =
      both && (value['use'] === undefined || below['use'] === undefined || value['use'] === below['use']);
    merged[key] = both && sameKind ? withDefaults(below, value) : value;
  }
  return merged;
}

function settingsOf({ source, at }: Layer): Record<string, unknown> {
  return recordOf(valueAt(source.document.value, at)) ?? {};
}

function leakProblem(file: string, what: string, place: Place, path: string): Problem {
  return {
    file,
    line: place.line,
    column: place.column,
    path,
    message: `this is a secret (${what}); secrets do not belong in this file`,
    expected:
      'the name of an environment variable. Change the secret too: whoever can read the file has seen it',
    example: '{ env: SHOP_TOKEN }',
  };
}
