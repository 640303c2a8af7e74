import { repositoryName } from '../../config/clashes/same-repository.ts';
import type { InForce } from './in-force.ts';

type Settings = InForce['settings'];

/** The services that settings are of. */
export function servicesIn(settings: Settings): ReadonlySet<string> {
  return new Set(Object.keys(settings).flatMap((path) => serviceOf(path) ?? []));
}

function serviceOf(path: string): string | undefined {
  return /^services\.([^.]+)\./.exec(path)?.[1];
}

/** Of these settings those of services that the files do not have and of which a promotion is open. */
export function leftOpen(
  before: Settings,
  known: { has(service: string): boolean },
  busy: ReadonlySet<string>,
): Settings {
  const isLeft = (name = '') => busy.has(name) && !known.has(name);
  return Object.fromEntries(Object.entries(before).filter(([path]) => isLeft(serviceOf(path))));
}

/**
 * Services that must not be opened while a promotion of one is open that is not here: they would cut its tags, or are new and have its
 * target. A sentence for each.
 *
 * @param wanted services that may have to wait, and whether they are new
 */
export function heldBy(
  left: Settings,
  now: Settings,
  wanted: ReadonlyMap<string, { readonly isNew: boolean }>,
): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  for (const old of servicesIn(left)) {
    const was = placeOf(left, old);
    for (const [name, { isNew }] of wanted) {
      const is = placeOf(now, name);
      if (was.repository !== is.repository) continue;
      const why = was.tags === is.tags ? 'tags' : isNew && was.target === is.target ? 'target' : null;
      if (why !== null)
        held.set(
          name,
          `A promotion of ${old} is open, which the files have no more, and ${name} has its repository and ${why}. ${name} waits until that promotion is over. Bring ${old} back in the files to finish or cancel it.`,
        );
    }
  }
  return held;
}

/** Those that wait stay as they were; where they were not there, they are left out. */
export function withoutHeld<T>(
  wanted: ReadonlyMap<string, T>,
  held: ReadonlyMap<string, unknown>,
  before: ReadonlyMap<string, T> = new Map(),
): ReadonlyMap<string, T> {
  return new Map(
    [...wanted].flatMap(([name, next]) => {
      const one = held.has(name) ? before.get(name) : next;
      return one ? [[name, one] as const] : [];
    }),
  );
}

function placeOf(settings: Settings, name: string) {
  const at = (path: string): unknown => {
    const json = settings[`services.${name}.${path}`];
    return json === undefined ? undefined : JSON.parse(json);
  };
  const repository = Object.fromEntries(
    ['url', 'api', 'repository', 'project'].map((key) => [key, at(`repository.${key}`)] as const),
  );
  const target = `services.${name}.target.`;
  return {
    repository: repositoryName({ repository }),
    tags: String(at('version.tag') ?? `${at('version.tag-prefix') ?? 'v'}{version}`).replace(
      '{service}',
      name,
    ),
    target: JSON.stringify(
      Object.entries(settings)
        .filter(([path]) => path.startsWith(target))
        .map(([path, json]) => [path.slice(target.length), json])
        .sort(),
    ),
  };
}
