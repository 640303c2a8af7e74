import { explain } from '../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import { durationInWords } from '../domain/text/duration.ts';

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

/** Runs all probes side by side; findings come in the order of the probes. Never throws. */
export async function examine(
  probes: readonly Probe[],
  patienceMs: number,
): Promise<readonly DoctorFinding[]> {
  const found = await Promise.all(probes.map((probe) => ask(probe, patienceMs)));
  return found.flat();
}

async function ask({ area, look }: Probe, patienceMs: number): Promise<readonly DoctorFinding[]> {
  const signal = AbortSignal.timeout(patienceMs);
  const tooLate = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    const findings = await Promise.race([look(signal), tooLate]);
    return findings.map((finding) => ({ area, ...finding }));
  } catch (error) {
    if (signal.aborted && !(error instanceof Refusal)) {
      const late = `no answer within ${durationInWords(patienceMs)}`;
      return [
        { area, ...problem(late, 'Check that it is reachable from this machine, then run this again.') },
      ];
    }
    return [{ area, ...findingOf(error) }];
  }
}

/** A refusal or an outage in the words of its catalogue; anything else by its message. */
export function findingOf(error: unknown): ProbeFinding {
  if (error instanceof Refusal) {
    const { text, hint } = explain(error);
    return problem(text, hint ?? 'Mend what it names, then run this again.');
  }
  if (error instanceof Unavailable) {
    const usual = 'It may be down for a moment: try again; else check address and network.';
    return problem(error.message, error.remedy ?? usual);
  }
  const message = error instanceof Error ? error.message : String(error);
  return problem(`unexpected: ${message}`, 'Please report this with the output of `slipway doctor --json`.');
}
