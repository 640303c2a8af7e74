import { parseDuration } from '../domain/time.ts';

/** What a person's words in a promotion's thread ask for; null when they ask for nothing. */
export type ThreadWish =
  | { readonly kind: 'rollback' }
  | { readonly kind: 'status' }
  | { readonly kind: 'extend'; readonly ms: number }
  | { readonly kind: 'hold' };

const EXTENSION_MS = 15 * 60_000;
const LONGEST_EXTENSION_MS = 24 * 3_600_000;

/**
 * Reads a reply. Only short, direct requests count: a sentence that merely mentions a rollback ("no rollback
 * needed", "should we roll back?") is talk between people. Quoted lines never count.
 */
export function parseThreadReply(text: string): ThreadWish | null {
  const said = text
    .split('\n')
    .filter((line) => !/^\s*(&gt;|>)/.test(line))
    .join(' ')
    .replace(/<@[A-Z0-9]+(\|[^>]*)?>/g, ' ')
    .replace(/[.!\s]+/g, ' ')
    .trim()
    .toLowerCase();
  const polite = said
    .replace(/^(please|pls|ok|now|slipway)[, ]+/, '')
    .replace(/[, ]+(please|pls|now|asap|it|this)$/g, '')
    .trim();
  if (
    /^(rollback|roll[ -]?back|roll it back|roll this back|revert|revert (this|it)|undo)( please| now)?$/.test(
      polite,
    )
  ) {
    return { kind: 'rollback' };
  }
  if (/^(status|what's the status|how is it going)\??$/.test(polite)) return { kind: 'status' };
  if (/^(hold|hold on|wait)$/.test(polite)) return { kind: 'hold' };
  const extend = /^extend(?: (?:by|for))?(?: (.+))?$/.exec(polite);
  if (extend) {
    const ms =
      extend[1] === undefined ? EXTENSION_MS : parseDuration(extend[1].replace(/\s*min(ute)?s?$/, 'm'));
    return ms === null || ms > LONGEST_EXTENSION_MS ? null : { kind: 'extend', ms };
  }
  return null;
}

/** Whether a mention asks for a production release; the service it names, if it names one. */
export function parseMention(
  text: string,
  services: readonly string[],
): { readonly service: string | null } | null {
  const said = text.replace(/<[@#!][^>]*>/g, ' ').toLowerCase();
  const asks =
    /\b(ship|deploy|release|promote|push)\b.*\b(prod|production|live)\b/.test(said) ||
    /\bproduction (release|deploy(ment)?)\b/.test(said) ||
    /\/?ship-prod\b/.test(said) ||
    /\bship\b/.test(said);
  if (!asks) return null;
  const words = said.split(/[^a-z0-9_-]+/);
  return { service: services.find((service) => words.includes(service.toLowerCase())) ?? null };
}
