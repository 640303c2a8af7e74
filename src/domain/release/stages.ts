import { durationInWords } from '../text/duration.ts';

/** How a release gets the requests of production little by little. */
export interface Stages {
  /** Percent of the requests, rising; the last one is 100. */
  readonly shares: readonly number[];
  /** How long each but the last is watched, ms. */
  readonly watchMs: number;
}

/** The share that a release has now, while it has not all. */
export interface Stage {
  /** Percent of the requests. */
  readonly share: number;
  /** The share that follows. */
  readonly next: number;
  /** All of them. */
  readonly shares: readonly number[];
}

/** The stages before the last one, in their order. */
export function stagesOf({ shares }: Stages): readonly Stage[] {
  return shares.slice(0, -1).map((share, index) => ({ share, next: shares[index + 1] ?? 100, shares }));
}

/** `5 %, 25 %, 100 %, each watched for 5 min before the next` */
export function stagesInWords({ shares, watchMs }: Stages): string {
  return `${shares.map(shareInWords).join(', ')}, each watched for ${durationInWords(watchMs)} before the next`;
}

/** `2.5 %` */
export function shareInWords(share: number): string {
  return `${share} %`;
}
