/** Without percent-encoding; a text that has none, or is encoded wrongly, as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
