import type { Config } from './load.ts';

/** A variable of the environment without which something in the config cannot work, and where it is named. */
export interface NeededVariable {
  readonly name: string;
  /** `services.shop.checks[1].url` */
  readonly where: string;
}

/** The parts of the config that name variables. */
export type ConfigWithVariables = Pick<Config, 'audit' | 'operations' | 'services'> &
  Partial<Pick<Config, 'webhooks'>>;

/** Every variable that the config needs, in the order of the file; one that a command only may see is not among them. */
export function neededVariables({
  audit,
  operations,
  webhooks,
  services,
}: ConfigWithVariables): NeededVariable[] {
  return [
    ...variablesIn(operations?.api, 'operations.api'),
    ...variablesIn(webhooks, 'webhooks'),
    ...variablesIn(audit, 'audit'),
    ...[...services].flatMap(([name, { service: _, onCall, ...adapters }]) => {
      const settings = { ...adapters, ...(onCall === undefined ? {} : { 'on-call': onCall }) };
      return variablesIn(settings, `services.${name}`);
    }),
  ];
}

function variablesIn(value: unknown, where: string): NeededVariable[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => variablesIn(item, `${where}[${index}]`));
  if ('env' in value && typeof value.env === 'string') return [{ name: value.env, where }];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = `${where}.${key}`;
    return key === 'secrets' && Array.isArray(inner)
      ? inner.map((name) => ({ name: String(name), where: at }))
      : variablesIn(inner, at);
  });
}
