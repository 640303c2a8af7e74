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
