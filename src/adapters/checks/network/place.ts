import { z } from 'zod';

/** A name or the number of a host; no port, no scheme. */
export const Host = z
  .string()
  .max(253)
  .regex(/^(?:[\w-]+(?:\.[\w-]+)*\.?|[\da-fA-F:.]+)$/, 'a host such as shop.example.com or 2001:db8::1');

export const Port = z.int().min(1).max(65_535);
