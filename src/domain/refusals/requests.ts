import type { RefusalCatalogue } from './catalogue.ts';

/** What people meet when they ask for something that cannot be had now. */
export const requestRefusals = {
  'service-unknown': ({ service, known, suggestion }) => ({
    text: `There is no service called ${service}.${suggestion ? ` Did you mean ${suggestion}?` : ''}`,
    hint: `Services: ${Array.isArray(known) ? known.join(', ') : known}. They are named in slipway.yaml.`,
  }),
  'service-missing': ({ known }) => ({
    text: 'Say which service.',
    hint: `Services: ${Array.isArray(known) ? known.join(', ') : known}.`,
  }),
  'not-asked': ({ service, what }) => ({
    text: `Nobody is asked to ${what} anything of ${service} at this moment. Nothing was changed.`,
    hint: 'The card shows what can be done now.',
  }),
  'not-rollbackable': ({ service, state }) => ({
    text: `This promotion of ${service} is ${String(state).replaceAll('-', ' ')}: it has nothing in production that could be rolled back.`,
    hint: 'To return to an older release, roll back the promotion that is live: /ship-prod status names it.',
  }),
  'not-live': ({ service, version, live }) => ({
    text: `${service} ${version} is no longer what is live: ${live} came after it. Nothing was rolled back.`,
    hint: `Roll back from the thread of ${live}, or name the version to return to: /ship-prod rollback ${service} VERSION.`,
  }),
  'reason-missing': ({ what }) => ({
    text: `A ${what} needs a reason that others understand at night.`,
    hint: `For example: /ship-prod ${what} shop "database migration runs" 2h`,
  }),
  'nothing-to-wait-for': ({ service }) => ({
    text: `${service} has no promotion under way, so there is no line to wait in.`,
    hint: `Start yours: /ship-prod ${service}`,
  }),
} satisfies RefusalCatalogue;
