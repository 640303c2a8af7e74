import type { Message } from '../blocks/kit/rich-text.ts';
import { validated, validation } from '../blocks/replies/validation.ts';
import { mayValidate, validateStaging } from '../flows/requests/features.ts';
import { audited, type Caller } from '../flows/requests/request.ts';
import type { Click } from './support/click.ts';
import { carried } from './support/click.ts';
import type { HandlerContext } from './support/context.ts';

/** Shows what is on staging, to be validated by a press of a button. */
export function confirmValidation(
  { requests }: HandlerContext,
  caller: Caller,
  { service, feature }: { readonly service: string; readonly feature?: string },
): Promise<Message> {
  return audited(requests, caller, { action: 'staging.asked', service }, async () => {
    const staging = await mayValidate(requests, caller, service, feature);
    return validation(
      service,
      staging,
      requests.services.get(service)?.repository.links.commit(staging.commit),
    );
  });
}

export async function validateFor({ context, caller, value }: Click): Promise<Message> {
  const service = carried(value.service);
  const seen = { feature: carried(value.to), commit: carried(value.commit) };
  return validated(service, await validateStaging(context.requests, caller, service, seen));
}
