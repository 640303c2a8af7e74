import { code, type Inline } from './rich-text.ts';

/** What is said below a list that shows only the first of all: how to come by the others. Empty where it shows all. */
export function moreThan(shown: number, all: readonly unknown[], command: string): Inline[] {
  return all.length > shown ? ['There are more: type ', code(command), '.'] : [];
}
