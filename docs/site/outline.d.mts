export const GROUPS: readonly { readonly text: string; readonly pages: readonly string[] }[];
export const REFERENCE: string;
export function placeOf(source: string): string;
export function anchorOf(heading: string): string;
export function titleOf(markdown: string): string;
