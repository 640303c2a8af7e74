export function withRepository(text: string, env: Readonly<Record<string, string | undefined>>): string;
