export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string | null;
}

export function productionPackages(root: string): readonly ProductionPackage[];
