/** What one probe found out. `fix` says what to do; it is there whenever `status` is not `fine`. */
export interface Finding {
  /** `config`, `database`, `slack`, `service shop`, … */
  readonly area: string;
  readonly status: 'fine' | 'warning' | 'problem';
  /** What was seen, in plain words; never a secret. */
  readonly detail: string;
  readonly fix?: string;
}

/** Looks at one thing. It throws nothing that a person could not read: refusals become findings. */
export interface Probe {
  readonly area: string;
  look(signal: AbortSignal): Promise<readonly Omit<Finding, 'area'>[]>;
}

export function fine(detail: string): Omit<Finding, 'area'> {
  return { status: 'fine', detail };
}

export function warning(detail: string, fix: string): Omit<Finding, 'area'> {
  return { status: 'warning', detail, fix };
}

export function problem(detail: string, fix: string): Omit<Finding, 'area'> {
  return { status: 'problem', detail, fix };
}
