/** What the doctor says of one thing. `fix` says what to do; it is there whenever `status` is not `fine`. */
export interface DoctorFinding {
  /** `config`, `database`, `slack`, `service shop`, … */
  readonly area: string;
  readonly status: 'fine' | 'warning' | 'problem';
  /** What was seen, in plain words; never a secret. */
  readonly detail: string;
  readonly fix?: string;
}

/** What one probe found; its area is that of the probe. */
export type ProbeFinding = Omit<DoctorFinding, 'area'>;

/** Looks at one thing. What it throws becomes a finding. */
export interface Probe {
  readonly area: string;
  look(signal: AbortSignal): Promise<readonly ProbeFinding[]>;
}

export function fine(detail: string): ProbeFinding {
  return { status: 'fine', detail };
}

export function warning(detail: string, fix: string): ProbeFinding {
  return { status: 'warning', detail, fix };
}

export function problem(detail: string, fix: string): ProbeFinding {
  return { status: 'problem', detail, fix };
}
