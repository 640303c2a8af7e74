import { setTimeout as pause } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { Message } from '../blocks/kit/rich-text.ts';
import { unlockForm } from '../blocks/modals/reason-forms.ts';
import { lockDone, locked, lockTaken, unlocked, unlockSaid } from '../blocks/replies/locks.ts';
import type { Lock } from '../domain/policy/lock.ts';
import { EVERYTHING, needsReason } from '../domain/policy/lock.ts';
import {
  type LockRequest,
  lockService,
  lockToTakeOff,
  type SeenLock,
  unlockService,
} from '../flows/requests/locks.ts';
import { AuditedRequest, type Caller } from '../flows/requests/request.ts';
import { type Click, carried, openView } from './support/click.ts';
import type { HandlerContext } from './support/context.ts';
import { heldBy } from './support/overview.ts';

/** How long whoever locks waits for Slack to say it in the channels, ms. */
const PATIENCE_MS = 2_000;

/** Locks a service or everything, and says so in the channels concerned. */
export async function lockFor(
  context: HandlerContext,
  caller: Caller,
  { unheard, ...request }: LockRequest & { readonly unheard?: string },
): Promise<Message> {
  const { lock, from } = await lockService(context.requests, caller, request);
  context.homeTabs.refreshSoon();
  if (from) void tellOwner(context, lock, from);
  const isSaid = await soon(announce(context, lock.service, locked(lock, from)));
  return isSaid ? lockDone(lock, unheard) : locked(lock, from, unheard);
}

/** Takes a lock off; the answer says what else keeps people from shipping. */
export function unlockFor(
  context: HandlerContext,
  caller: Caller,
  service: string,
  seen: SeenLock = {},
): Promise<Message> {
  const request = AuditedRequest.of(caller);
  return request.sayingWhenStored(async () => {
    const lock = await unlockService(context.requests, request, service, seen);
    context.homeTabs.refreshSoon();
    // That of a rollback is said in its thread, and from there in the channel.
    if (lock.promotionId === undefined)
      await soon(announce(context, service, unlockSaid(lock, caller.user, seen.because)));
    const { locks, freezes } = await heldBy(context);
    const concerns = (one: { readonly service: string }) =>
      service === EVERYTHING || one.service === service || one.service === EVERYTHING;
    return unlocked(lock, locks.filter(concerns), freezes.filter(concerns));
  });
}

/** A press on Unlock: a person's own lock is taken off at once, any other one once they have said why. */
export async function pressUnlock(click: Click): Promise<Message | void> {
  const { context, caller, value } = click;
  const { lock: since, promotion } = value;
  const service = carried(value.service);
  const seen: SeenLock = { since, promotion };
  const lock = await lockToTakeOff(context.requests, caller.user, service, seen);
  if (!needsReason(lock, caller.user)) return unlockFor(context, caller, service, seen);
  await openView(click, unlockForm(lock));
}

/** Whether it was said by the time that somebody waits for their answer; it is said all the same. */
function soon(said: Promise<boolean>): Promise<boolean> {
  return Promise.race([said, pause(PATIENCE_MS, false, { ref: false })]);
}

/** Posts in the channel of the service, or of each service. Whether it was posted anywhere; the lock stands either way. */
async function announce(
  { requests, client, log, channelId }: HandlerContext,
  service: string,
  { text, blocks }: Message,
): Promise<boolean> {
  const concerned = [...requests.services.values()].filter(
    (ports) => service === EVERYTHING || ports.service.name === service,
  );
  const say = async (name: string) => {
    try {
      const channel = (await channelId(name)) ?? name;
      await client.chat.postMessage({ channel, text, blocks });
      return true;
    } catch (error) {
      log.warn({ err: error, channel: name }, 'a lock could not be said in the channel');
      return false;
    }
  };
  const names = new Set(concerned.map((ports) => ports.service.channel));
  const said = [...names].map((name) => inOrder(client, name, () => say(name)));
  return (await Promise.all(said)).includes(true);
}

/** By channel, what was to be said there last. */
const LAST = new WeakMap<WebClient, Map<string, Promise<unknown>>>();

/** Says things in a channel in the order of the calls, however long Slack takes: its last word is how things stand. `say` never throws. */
function inOrder<T>(client: WebClient, channel: string, say: () => Promise<T>): Promise<T> {
  const last = LAST.get(client) ?? new Map<string, Promise<unknown>>();
  LAST.set(client, last);
  const said = (last.get(channel) ?? Promise.resolve()).then(say);
  last.set(channel, said);
  return said;
}

/** Tells the person who had the lock that it was taken over; a lock of Slipway itself has no person. */
async function tellOwner({ client, log }: HandlerContext, lock: Lock, from: Lock): Promise<void> {
  if (!/^[UW]/.test(from.owner)) return;
  try {
    await client.chat.postMessage({ channel: from.owner, ...lockTaken(lock, from) });
  } catch (error) {
    log.warn({ err: error, user: from.owner }, 'whoever had a lock could not be told that it was taken over');
  }
}
