import type { ComingRelease } from '../../adapters/repositories/port.ts';
import { releaseMessage, withTrailer } from '../../domain/release/message.ts';
import { likelyTag } from '../../domain/release/tag-form.ts';
import type { Facts } from '../plan/facts.ts';
import type { Gate } from './port.ts';

export const remoteWritable: Gate = {
  id: 'remote-writable',
  title: 'Repository',
  askedAgain: false,
  async check(facts) {
    const { repository, service } = facts.ports;
    const { branch } = service;
    const known = await repository.writable(branch, undefined, await coming(facts));
    if (known) return { verdict: 'passed', reason: known, notable: true };
    return { verdict: 'passed', reason: `The remote answers and ${branch} can be pushed.` };
  },
};

/** What will be pushed; a likely tag where the version cannot be decided, and nothing where the tag is there already. */
async function coming(facts: Facts): Promise<ComingRelease | undefined> {
  const { service } = facts.ports;
  const { policy } = service;
  const deletesTag = policy.rollbackTag === 'delete';
  // Why it cannot be decided is for the gate of the version to say.
  const release = await facts.release().catch(() => null);
  if (release === null) return { tag: likelyTag(service), deletesTag };
  if (release.release.kind === 'existing') return undefined;
  const { tag } = release.version;
  const message = withTrailer(releaseMessage({ tag }), 'Slipway-Promotion', facts.ports.service.name);
  return { tag, message, deletesTag };
}
