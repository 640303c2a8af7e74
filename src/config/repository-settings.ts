import { z } from 'zod';

export const ForgeSettings = z.discriminatedUnion('use', [
  z.strictObject({
    use: z.literal('git'),
    remote: z.string().min(1),
    branch: z.string().min(1).default('main'),
  }),
]);
export type ForgeSettings = z.infer<typeof ForgeSettings>;
