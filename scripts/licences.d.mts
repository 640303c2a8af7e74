import type { ProductionPackage } from './packages.mjs';

export function isAllowed(licence: string | null, allowed?: ReadonlySet<string>): boolean;
export function refusedLicences(packages: readonly ProductionPackage[]): readonly string[];
