import { posix } from 'node:path';
import { z } from 'zod';
import { smallYaml } from '../../../domain/text/yaml-limits.ts';
import type { ValuePlace } from './place.ts';

const MOST_CHARS = 64 * 1024;
const Parameters = z.array(z.object({ name: z.string().nullish() })).nullish();

/** A source of an Application, with what is set beside its files. */
export const ArgoSource = z.object({
  targetRevision: z.string().nullish(),
  path: z.string().nullish(),
  helm: z
    .object({
      valueFiles: z.array(z.string()).nullish(),
      values: z.string().nullish(),
      valuesObject: z.unknown().optional(),
      parameters: Parameters,
      fileParameters: Parameters,
    })
    .nullish(),
  kustomize: z.object({ images: z.array(z.string()).nullish() }).nullish(),
});
export type ArgoSource = z.infer<typeof ArgoSource>;

/** What is written: a place in a file. */
export interface WrittenPlace {
  readonly file: string;
  readonly place: ValuePlace;
}

/**
 * How an Application says itself what is written into the file, which counts for nothing then: `argocd app set` and
 * argocd-image-updater do that. Words after "it"; null where nothing shows.
 */
export function overriddenBy(sources: readonly ArgoSource[], written: WrittenPlace): string | null {
  const { file, place } = written;
  for (const source of sources) {
    if (place.kind === 'kustomize') {
      const isOwnFile = !fileBelow(source.path, file).includes('/');
      const entry = source.kustomize?.images?.find((one) => isSetBy(one, place.image, isOwnFile));
      if (entry !== undefined) return `has ${entry} in \`kustomize.images\``;
    }
    if (place.kind !== 'value' || (sources.length > 1 && !hasFile(source, file))) continue;
    const { parameters, fileParameters, values, valuesObject } = source.helm ?? {};
    const name = place.path.join('.');
    const isSet = ({ name: set }: { readonly name?: string | null | undefined }) =>
      !!set && `${name}.`.startsWith(`${set}.`);
    if ([...(parameters ?? []), ...(fileParameters ?? [])].some(isSet))
      return `sets ${name} by a parameter of Helm`;
    // An object is taken in the place of a text.
    if (says(valuesObject ?? smallYaml(values ?? '', MOST_CHARS), place.path))
      return `sets ${name} in \`helm.values${valuesObject == null ? '' : 'Object'}\``;
  }
  return null;
}

/**
 * Whether `name:tag`, `name=other:tag` or `name@digest` sets the tag of an image; the tag `*` leaves that of the file. `name=other`
 * takes the place of an entry of its own file, with the tag; what a base says keeps it.
 */
function isSetBy(entry: string, image: string, isOwnFile: boolean): boolean {
  if (!entry.startsWith(image) || entry.endsWith(':*')) return false;
  const rest = entry.slice(image.length);
  if (!/^(?:$|[=@]|:[^/]*$)/.test(rest)) return false;
  const [, ...set] = rest.slice(rest.lastIndexOf('/') + 1).split(/[:@]/);
  return isOwnFile || set.some((one) => one !== '' && one !== '*');
}

/** The way from a folder of a repository to a file; it begins with `..` where that is not below it. */
export function fileBelow(folder: string | null | undefined, file: string): string {
  return posix.relative(posix.resolve('/', folder ?? ''), posix.resolve('/', file));
}

function hasFile({ path, helm }: ArgoSource, file: string): boolean {
  const named = (helm?.valueFiles ?? []).map((one) => one.replace(/^(?:\$[^/]+\/|\.\.?\/|\/)+/, ''));
  return (
    named.some((one) => `/${file}`.endsWith(`/${one}`)) ||
    (!!path && !fileBelow(path, file).startsWith('../'))
  );
}

/** Whether values say anything at a path; what is no map replaces all that is below it. */
function says(values: unknown, [key = '', ...below]: readonly string[]): boolean {
  if (!isMap(values) || !Object.hasOwn(values, key)) return false;
  return below.length === 0 || !isMap(values[key]) || says(values[key], below);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
