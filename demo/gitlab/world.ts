import { z } from 'zod';
import type { Asked, Reply } from '../platform/fake-platform.ts';

/** `page` and `per_page` of every list. */
export const PAGED = {
  page: z.string().regex(/^\d+$/).optional(),
  per_page: z.string().regex(/^\d+$/).optional(),
};

/** A bare git repository on this machine. */
export interface BareRepository {
  readonly path: string;
  git(...args: readonly string[]): string;
  /** Null: there is no such branch. */
  tip(branch: string): string | null;
  /** How many commits a range has. */
  count(range: string): number;
  hook(name: 'pre-receive', script: string): void;
}

/** What the parts of the fake know of it as a whole. */
export interface GitlabWorld {
  readonly remote: BareRepository;
  /** Address of the project's page. */
  readonly web: string;
  readonly account: { readonly id: number; readonly username: string; readonly name: string };
  failure(status: number, message: string): unknown;
  /** Some of a list, with the address of the next page as GitLab itself is reached behind its proxy. */
  page(asked: Asked, all: readonly unknown[]): Reply;
  /** As for what the token may not see. */
  notFound(what: string): Reply;
  commitOf(ref: string): string | null;
  /** Whether the API makes no tag of that name. */
  refusesTag(name: string): boolean;
}
