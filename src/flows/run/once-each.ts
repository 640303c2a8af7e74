/** Asks each question once: all who ask it, also meanwhile, get the same answer, or the same error. */
export function onceEach(): <T>(question: string, ask: () => Promise<T>) => Promise<T> {
  const answers = new Map<string, Promise<unknown>>();
  return <T>(question: string, ask: () => Promise<T>) => {
    const answer = (answers.get(question) as Promise<T> | undefined) ?? ask();
    answers.set(question, answer);
    return answer;
  };
}
