import type { Approval, Promotion } from '../../domain/promotion/promotion.ts';

/** Web addresses of the repository, where it has a web page. */
export interface RepositoryLinks {
  commit(sha: string): string | undefined;
  tag(name: string): string | undefined;
  file(path: string, at: string): string | undefined;
  compare(from: string, to: string): string | undefined;
}

/** What a card needs to know of the service besides the promotion. */
export interface ServiceView {
  readonly name: string;
  /**
   * Who may approve, in words for people: `release-managers`, `<@U1> or <!subteam^S1>`, `any member`. Mention
   * tokens in it are shown as such, everything else as it is.
   */
  readonly approvers: string;
  /** Who is called when production suffers, besides whoever asked, as `approvers`; absent: nobody else. */
  readonly call?: string | undefined;
  /** Length of a tick of the monitor, ms; moves its bar. */
  readonly tickMs: number;
  /** Allowed rise of the error rate, ratio 0..1; the scale of the sparkline. */
  readonly errorRateRise: number;
  /** Allowed rise of latency, as a ratio. */
  readonly latencyRise: number;
  /** Allowed rises of other counts, by name, ratio 0..1. */
  readonly counts?: Readonly<Record<string, number>>;
  readonly links: {
    readonly production?: string | undefined;
    readonly dashboard?: string | undefined;
    readonly staging?: string | undefined;
  };
  readonly repository?: RepositoryLinks | undefined;
  /** Whose checks prove a release: its own, those of its target alone, or nobody's; absent: not known. */
  readonly checks?: 'own' | 'target' | 'none';
}

/** All that a card shows. */
export interface CardView {
  readonly promotion: Promotion;
  readonly approvals: readonly Approval[];
  readonly service: ServiceView;
  /** The chart of the watch: a file that Slack has. */
  readonly picture?: { readonly file: string; readonly alt: string };
}
