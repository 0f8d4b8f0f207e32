import { shellQuote } from '../../../../shared/advice/removal/shell-quote.ts';
import { plainText } from '../../../../shared/text/plain.ts';
import { isoDay, type Day } from '../../../../shared/time.ts';
import type { Exemption } from '../../../../shared/verdicts/exemption.ts';

/** What an exemption is kept on for. */
const KEEP_DAYS = 365;

/** For `exempt`; undefined for an id that is none of AWS. */
export function ruleTarget(ruleId: string): string | undefined {
  return /^sgr-\w+$/.test(ruleId) ? ruleId : undefined;
}

export function targetText({ kind, value }: Exemption['target']): string | undefined {
  switch (kind) {
    case 'rule_id':
      return ruleTarget(value);
    case 'group_id':
      return /^sg-\w+$/.test(value) ? value : undefined;
    case 'cidr':
      return value;
    case 'tag':
      return `tag:${value}`;
    case 'group_name':
      return `name:${value}`;
  }
}

/** Each value behind `=`: so none can be an option. */
export function keepCommand(
  target: string,
  reason: string,
  owner: string | null,
  list: string | undefined,
  asOf: Day,
): string {
  return [
    `stale-sg exempt ${shellQuote(target)}`,
    `--reason=${reason}`,
    `--owner=${owner === null ? '"$OWNER"' : shellQuote(plainText(owner))}`,
    `--until=${isoDay(asOf + KEEP_DAYS)}`,
    ...(list === undefined ? [] : [`--list=${shellQuote(list)}`]),
  ].join(' ');
}
