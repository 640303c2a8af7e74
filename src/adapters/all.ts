import { loadAdapters } from './tables.ts';

/** Every adapter that comes along, for what is about all of them. */
export const ADAPTERS = await loadAdapters();
