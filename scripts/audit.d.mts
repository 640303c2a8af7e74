export type AuditAnswer =
  | { readonly kind: 'clean' }
  | { readonly kind: 'found'; readonly names: readonly string[] }
  | { readonly kind: 'unanswered'; readonly said: string };

export function readAudit(status: number | null, output: string): AuditAnswer;
