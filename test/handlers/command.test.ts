import { beforeAll, describe, expect, test } from 'vitest';
import { plainAnswer } from '../../src/blocks/replies/answer.ts';
import { help } from '../../src/blocks/replies/help.ts';
import { type CommandDeclaration, typed } from '../../src/domain/commands/declaration.ts';
import { serviceFirst } from '../../src/domain/commands/words.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import {
  answerToCommand,
  type CommandAnswer,
  type CommandTable,
  SHIP_PROD,
} from '../../src/handlers/command.ts';
import { answerToMention } from '../../src/handlers/mention.ts';
import { parseCommand } from '../../src/handlers/parse/command.ts';
import { town } from '../flows/locks/town.ts';

/** What two new files would hold; the other lines are those that name them in the tables. */
const ring = {
  word: 'ring',
  usage: 'ring shop [thrice]',
  meaning: 'ring the bell',
  parse: ({ rest, services }) => {
    const { service, others } = serviceFirst(rest, services);
    return { kind: 'ring' as const, service, times: others.includes('thrice') ? 3 : 1 };
  },
} satisfies CommandDeclaration;

const rung: CommandAnswer<ReturnType<typeof ring.parse>> = async (
  { requests },
  { user },
  { service, times },
) => plainAnswer(`${user} rang ${requests.services.get(service)?.service.name} ${times} times.`);

const TABLE: CommandTable = {
  commands: [...SHIP_PROD.commands, ring],
  answers: { ...SHIP_PROD.answers, ring: rung },
};

describe('a command that is added to the table', () => {
  const { requests, caller } = town();
  const context = { requests } as unknown as Parameters<typeof answerToCommand>[0];
  const said = async (text: string, table?: CommandTable) =>
    (await answerToCommand(context, caller('U_ADA'), text, table))?.text;

  test('is read and answered', async () => {
    expect(await said('ring shop thrice', TABLE)).toBe('U_ADA rang shop 3 times.');
    expect(await said('ring', TABLE)).toBe('U_ADA rang shop 1 times.');
    await expect(said('ring shop')).rejects.toMatchObject({ code: 'command-unknown' });
  });

  test('is suggested for a typo', async () => {
    const error = await said('rnig shop', TABLE).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ code: 'command-unknown', facts: { suggestion: 'ring' } });
  });

  test('is listed by help', () => {
    expect(JSON.stringify(help(TABLE.commands))).toContain('/ship-prod ring shop [thrice]');
    expect(JSON.stringify(help())).not.toContain('ring the bell');
  });

  test('is named to whoever asks for it in a mention', async () => {
    const answered = await answerToMention(context, caller('U_ADA'), '<@U0BOT> ring shop', TABLE.commands);
    expect(answered.message.text).toContain('/ship-prod ring shop thrice');
    const unknown = await answerToMention(context, caller('U_ADA'), '<@U0BOT> ring shop');
    expect(unknown.message).toEqual(help());
  });

  test('has an answer, or that is a fault of ours', async () => {
    const mute = { ...TABLE, answers: SHIP_PROD.answers };
    await expect(said('ring shop', mute)).rejects.toThrow('Nothing answers ring.');
  });
});

test.each(SHIP_PROD.commands.map((command) => [typed(command, 'shop'), command] as const))(
  '%s is what help says to type, and is understood',
  (line, { word }) => {
    const text = line.replace('/ship-prod ', '');
    expect(text.split(' ')[0]).toBe(word);
    expect(Object.keys(SHIP_PROD.answers)).toContain(parseCommand(text, ['shop']).kind);
    expect(SHIP_PROD.commands.filter((command) => command.word === word)).toHaveLength(1);
  },
);

describe('a start of a service that is busy or locked', () => {
  const place = town();
  const { house, caller, lock, unlock } = place;
  const api = { ...house.ports, service: { ...house.ports.service, name: 'api' } };
  const cardOf = async () => ({ channel: 'C1', ts: '1.1' });
  const requests = {
    ...place.requests,
    services: new Map([...place.requests.services, ['api', api]]),
    threads: { ...place.requests.threads, cardOf },
  };
  const installation = async () => ({ url: 'https://acme.slack.com/' });
  const context = { requests, installation } as unknown as Parameters<typeof answerToCommand>[0];
  const said = async (text: string) =>
    JSON.stringify((await answerToCommand(context, caller('U_LINUS'), text))?.blocks);

  beforeAll(async () => {
    const request = { service: 'shop', bump: 'auto', by: 'U_ADA' } as const;
    await house.ledger.open({ id: 'shop-0', request, channel: 'C1' });
    const release = { version: '1.2.0', tag: 'v1.2.0', commit: 'c'.repeat(40) };
    const deployment = { id: '1', startedAt: 1, finishedAt: 2 };
    await house.ledger.change('shop-0', { to: 'shipped', data: { release, deployment } });
    await lock('U_ADA');
  });

  const COMMANDS = ['shop', 'shop api', 'hotfix shop'];
  test.each(COMMANDS)('/ship-prod %s offers to wait while it is locked', async (text) => {
    const answer = await said(text);
    expect(answer).toContain('Tell me when it is free');
    // Whoever may break the glass would get no more than a plain start of it.
    expect(answer.includes('Break glass')).toBe(text === 'shop');
  });

  test.each(COMMANDS)('/ship-prod %s leads to the thread that is under way', async (text) => {
    await unlock('U_ADA').catch(() => undefined);
    await place.start('U_ADA').catch(() => undefined);
    expect(await said(text)).toContain('Open the thread');
  });
});
