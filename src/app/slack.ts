import type { Logger } from 'pino';
import { openSlack } from '../adapters/slack/announcer.ts';
import { clientOptions, slackClient } from '../adapters/slack/client.ts';
import { installationOf } from '../adapters/slack/identity/installation.ts';
import { PatientClient } from '../adapters/slack/patient-client.ts';
import { SlackPeople } from '../adapters/slack/people.ts';
import { type Seal, sealOf } from '../domain/text/seal.ts';
import type { AuditSigner } from '../engine/audit/signer.ts';
import type { Database } from '../engine/database/open.ts';
import { createOutbox } from '../engine/outbox/outbox.ts';
import { installationSecret } from '../engine/tables/secrets.ts';
import { linkTo } from '../handlers/support/links.ts';
import { clock } from './services.ts';

export type SlackParts = Awaited<ReturnType<typeof slackParts>>;

/** Everything that speaks to Slack or waits to be sent to it; nothing is asked of it yet. `apiUrl` only for a Slack that is not slack.com. */
export async function slackParts(
  { database, signer }: { readonly database: Database; readonly signer: AuditSigner },
  {
    token,
    apiUrl,
    log,
  }: { readonly token: string; readonly apiUrl: string | undefined; readonly log: Logger },
) {
  const secret = await installationSecret(database.pool, 'buttons');
  const seal = async (): Promise<Seal> => {
    const { team, enterprise } = await installation();
    return sealOf(secret, enterprise ?? team);
  };
  const client = slackClient(token, { apiUrl, log, seal });
  const installation = installationOf(client);
  const outbox = createOutbox({ database, now: clock.now, log, signer });
  return {
    client,
    /** For what is said to people at once: it tries again for as long as that is of use. */
    patient: new PatientClient(token, { apiUrl, log, seal }),
    /** For the client that Bolt makes itself. */
    clientOptions: clientOptions({ apiUrl, log }),
    installation,
    seal,
    outbox,
    /** What flows use: it stores in the outbox. */
    announcer: openSlack(outbox, async ({ channel, ts }) => linkTo((await installation()).url, channel, ts)),
    people: new SlackPeople(client, installation, clock.now, () => outbox.movedChannels()),
  };
}
