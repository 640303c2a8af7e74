import type { Message } from '../blocks/kit/rich-text.ts';
import { adopted, adoption } from '../blocks/replies/adoption.ts';
import { adoptRelease, mayAdopt } from '../flows/requests/adopt.ts';
import { audited, type Caller } from '../flows/requests/request.ts';
import type { Click } from './support/click.ts';
import { carried } from './support/click.ts';
import type { HandlerContext } from './support/context.ts';

/** Shows the commit of the release that a person wants to adopt, to be confirmed. */
export function confirmAdoption(
  { requests }: HandlerContext,
  caller: Caller,
  { service, version }: { readonly service: string; readonly version: string },
): Promise<Message> {
  return audited(requests, caller, { action: 'adoption.asked', service }, async () => {
    const release = await mayAdopt(requests, caller, service, version);
    return adoption(
      service,
      release,
      requests.services.get(service)?.repository.links.commit(release.commit),
    );
  });
}

export async function adoptFor({ context, caller, value }: Click): Promise<Message> {
  const service = carried(value.service);
  const seen = { service, version: carried(value.to), commit: carried(value.commit) };
  return adopted(service, await adoptRelease(context.requests, caller, seen));
}
