import type { JsonObject } from './json.ts';

/** An answer of the Web API that is not ok, e.g. `channel_not_found`. `more` joins the answer. */
export class SlackError extends Error {
  readonly code: string;
  readonly more: JsonObject;
  constructor(code: string, more: JsonObject = {}) {
    super(code);
    this.name = 'SlackError';
    this.code = code;
    this.more = more;
  }
}
