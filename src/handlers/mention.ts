import type { Message } from '../blocks/kit/rich-text.ts';
import { plainAnswer } from '../blocks/replies/answer.ts';
import { confirmation, takesCommand } from '../blocks/replies/confirm.ts';
import { help } from '../blocks/replies/help.ts';
import { history } from '../blocks/replies/history.ts';
import { chooseService, offer } from '../blocks/replies/start.ts';
import type { CommandDeclaration } from '../domain/commands/declaration.ts';
import { COMMANDS } from '../domain/commands/table.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { audited, type Caller, portsOf, type Subject } from '../flows/requests/request.ts';
import { mayRollBack, newestDeployed } from '../flows/requests/roll-back.ts';
import { planFor } from './command.ts';
import { type MentionRequest, parseMention } from './parse/mention.ts';
import type { HandlerContext } from './support/context.ts';
import { listedPromotions } from './support/listed-promotions.ts';
import { overview } from './support/overview.ts';

/** An answer for everybody in the thread, or only for whoever asked. */
export interface MentionAnswer {
  readonly message: Message;
  readonly isForAll: boolean;
}

/** What a mention is answered with. It does nothing by itself: at most it asks to confirm. */
export async function answerToMention(
  context: HandlerContext,
  caller: Caller,
  text: string,
  commands: readonly CommandDeclaration[] = COMMANDS,
): Promise<MentionAnswer> {
  const services = [...context.requests.services.keys()];
  const wish = parseMention(
    text,
    services,
    commands.map(({ word }) => word),
  );
  if (wish.kind !== 'ship')
    return { message: await personal(context, caller, wish, commands), isForAll: false };
  const service = wish.service ?? (services.length === 1 ? services[0] : undefined);
  return { message: service === undefined ? chooseService(services) : offer({ service }), isForAll: true };
}

async function personal(
  context: HandlerContext,
  caller: Caller,
  wish: Exclude<MentionRequest, { kind: 'ship' }>,
  commands: readonly CommandDeclaration[],
): Promise<Message> {
  const { requests } = context;
  switch (wish.kind) {
    case 'help':
      return help();
    case 'status':
      return overview(context);
    case 'plan':
      return planFor(context, caller, { service: serviceOf(context, wish.service), bump: 'auto' });
    case 'history': {
      const service = wish.service === null ? undefined : portsOf(requests, wish.service).service.name;
      const filter = { limit: 25, ...(service === undefined ? {} : { service }) };
      return history(await listedPromotions(context, await requests.ledger.recent(filter)), service);
    }
    case 'rollback':
      return confirmRollback(context, caller, serviceOf(context, wish.service), wish.to);
    case 'command':
      return takesCommand(
        commands.find(({ word }) => word === wish.word) ?? { usage: wish.word },
        wish.service ?? [...requests.services.keys()][0] ?? 'shop',
      );
  }
}

/** The one that was named, or the only one. Refusals: `service-unknown`, `service-missing`. */
function serviceOf({ requests }: HandlerContext, named: string | null): string {
  if (named !== null) return portsOf(requests, named).service.name;
  const known = [...requests.services.keys()];
  const [only] = known;
  if (only === undefined || known.length > 1) throw new Refusal('service-missing', { known });
  return only;
}

async function confirmRollback(
  { requests }: HandlerContext,
  caller: Caller,
  service: string,
  to: string | undefined,
): Promise<Message> {
  return audited(requests, caller, { action: 'mention.rollback', service }, async (request) => {
    const promotion = await newestDeployed(requests, service);
    const { id: promotionId, digest } = promotion;
    const subject: Subject = { action: 'mention.rollback', service, promotionId, digest };
    return audited(requests, request, subject, async () => {
      await mayRollBack(requests, caller, promotion, to === undefined ? {} : { to });
      return to === undefined
        ? confirmation(promotion, { kind: 'rollback' })
        : plainAnswer(`To go back to a version that you name, type: /ship-prod rollback ${service} ${to}`);
    });
  });
}
