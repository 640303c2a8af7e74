export const PORTS: Readonly<Record<string, string>>;
