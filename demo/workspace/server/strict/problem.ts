/** One thing Slack would complain about: its sentence, and where, as a JSON pointer from the argument on. */
export interface Problem {
  readonly message: string;
  readonly pointer: string;
}

/** The form Slack gives it in `response_metadata.messages`. */
export function problemLine(problem: Problem): string {
  return `[ERROR] ${problem.message} [json-pointer:${problem.pointer}]`;
}

export function pointerSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
