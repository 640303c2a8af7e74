import { z } from 'zod';

const Id = z.string().min(1).max(50);
const Person = z.object({ id: Id });
const Payload = z.object({
  user_id: Id.optional().catch(undefined),
  user: Person.optional().catch(undefined),
  event: z
    .object({
      user: z
        .union([Id, Person.transform(({ id }) => id)])
        .optional()
        .catch(undefined),
      message: z
        .object({ user: Id.optional().catch(undefined) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** Slack user id of whoever did what a payload tells of; empty where it names nobody. */
export function senderOf(body: unknown): string {
  const { success, data } = Payload.safeParse(body);
  if (!success) return '';
  return data.user_id ?? data.user?.id ?? data.event?.user ?? data.event?.message?.user ?? '';
}
