import type { Message } from '../blocks/kit/rich-text.ts';
import { adopted, adoption, validated, validation } from '../blocks/replies/vouch.ts';
import { adoptRelease, mayAdopt } from '../flows/requests/adopt.ts';
import { mayValidate, validateStaging } from '../flows/requests/features.ts';
import { audited, type Caller, portsOf } from '../flows/requests/request.ts';
import { type Click, carried } from './support/click.ts';
import type { HandlerContext } from './support/context.ts';

/** Shows the commit of the release that a person wants to adopt, to be confirmed. */
export function confirmAdoption(
  { requests }: HandlerContext,
  caller: Caller,
  { service, version }: { readonly service: string; readonly version: string },
): Promise<Message> {
  return audited(requests, caller, { action: 'adoption.asked', service }, async () => {
    const release = await mayAdopt(requests, caller, service, version);
    const { links } = portsOf(requests, service).repository;
    return adoption(service, release, links.commit(release.commit));
  });
}

export async function adoptFor({ context, caller, value }: Click): Promise<Message> {
  const service = carried(value.service);
  const seen = { service, version: carried(value.to), commit: carried(value.commit) };
  return adopted(service, await adoptRelease(context.requests, caller, seen));
}

/** Shows what is on staging, to be validated by a press of a button. */
export function confirmValidation(
  { requests }: HandlerContext,
  caller: Caller,
  { service, feature }: { readonly service: string; readonly feature?: string },
): Promise<Message> {
  return audited(requests, caller, { action: 'staging.asked', service }, async () => {
    const staging = await mayValidate(requests, caller, service, feature);
    const { links } = portsOf(requests, service).repository;
    return validation(service, staging, links.commit(staging.commit));
  });
}

export async function validateFor({ context, caller, value }: Click): Promise<Message> {
  const service = carried(value.service);
  const seen = { feature: carried(value.to), commit: carried(value.commit) };
  return validated(service, await validateStaging(context.requests, caller, service, seen));
}
