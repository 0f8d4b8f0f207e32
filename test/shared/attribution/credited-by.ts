import type { Orientation } from '../../../shared/attribution/orient.ts';

/** The ids of the rules that are credited with what was read so. */
export function creditedBy({ hypotheses, opener, isCredited }: Orientation): string[] {
  const { admitting, lone } = hypotheses[opener]!;
  return (isCredited ? (lone ? [lone] : admitting) : []).map(({ ruleId }) => ruleId);
}
