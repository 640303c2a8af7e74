import { clashes } from '../../config/clashes/clashes.ts';
import { repositoryName } from '../../config/clashes/same-repository.ts';
import type { ServiceConfig } from '../../config/service-config.ts';
import { canonicalJson } from '../../domain/text/json.ts';
import type { Opened } from '../services.ts';

type Services = ReadonlyMap<string, Opened>;

/** What holds after a change of the files that may take out services for which something is under way. */
export interface Transition {
  readonly opened: Services;
  /** Services that the files have no more; nothing new starts for them. */
  readonly leaving: readonly string[];
  /** Why services are not opened as the files say until one that is leaving is over; a sentence each. */
  readonly waiting: readonly string[];
}

/**
 * A service that is taken out stays while a promotion of it is open or an override of it is not acknowledged. Until the promotion is
 * over no other service takes its tags, and no new one its target: a service under another name would not see what is open, nor
 * its lock.
 *
 * @param busy services with an open promotion
 * @param owing services with overrides that nobody has acknowledged
 */
export function transition(
  before: Services,
  next: Services,
  busy: ReadonlySet<string>,
  owing: ReadonlySet<string>,
): Transition {
  const stay = [...before].filter(([name]) => !next.has(name) && (busy.has(name) || owing.has(name)));
  const guarded = stay.filter(([name]) => busy.has(name));
  const opened = new Map(next);
  const waiting: string[] = [];
  const wait = (name: string, why: string) => {
    const former = before.get(name);
    if (former) opened.set(name, former);
    else opened.delete(name);
    waiting.push(
      `${why}. ${name} ${former ? 'stays as it was' : 'is not opened'} until that promotion is over.`,
    );
  };
  for (const [old, { settings }] of guarded) {
    for (const [name, other] of next) {
      const both = new Map([
        [old, settings],
        [name, other.settings],
      ]);
      const [clash] = clashes(both);
      if (clash) wait(name, `A promotion of ${old} is open, which the files have no more: ${clash.message}`);
      else if (!before.has(name) && isSameTarget(settings, other.settings))
        wait(name, `A promotion of ${old} is open, which the files have no more, and ${name} has its target`);
    }
  }
  return { opened: new Map([...opened, ...stay]), leaving: stay.map(([name]) => name), waiting };
}

function isSameTarget(a: ServiceConfig, b: ServiceConfig): boolean {
  return repositoryName(a) === repositoryName(b) && canonicalJson([a.target]) === canonicalJson([b.target]);
}
