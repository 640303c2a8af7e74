import type { ComponentChildren } from 'preact';
import { signs } from './signs.tsx';
import { things } from './things.tsx';

/**
 * The emoji that a deploy bot uses most, drawn, so that they look the same with and without a font of emoji.
 * Each on a field of 24 × 24.
 */
const art: Readonly<Record<string, ComponentChildren>> = { ...signs, ...things };

export function emojiArt(name: string): ComponentChildren | undefined {
  return Object.hasOwn(art, name) ? art[name] : undefined;
}
