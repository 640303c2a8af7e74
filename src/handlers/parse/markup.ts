/** A version as people write it, also as a tag has it: `1.3.0`, `v1.9`, `api@1.2.0`, `api/v1.2.0`. */
export const VERSION_WORD = /^(?:[\w.-]{1,60}[/@])?v?\d+\.\d+(\.\d+){0,2}([-+][\w.+-]+)?$/;

/** The text without the people, groups and everybody whom it calls, however Slack writes them. */
export function withoutMentions(text: string): string {
  return text.replace(/<[@!][^<>]{1,200}>/g, ' ');
}

/** The text without the signs that make words of it bold, slanted or code, and without quotes around all of it. */
export function withoutStyle(text: string): string {
  return text
    .replace(/(^|\s)[*_`]{1,3}(?=\S)/g, '$1')
    .replace(/[*_`]{1,3}(?=[\s.,;:!?]|$)/g, '')
    .replace(/^\s*"([^"]*)"\s*$/, '$1');
}
