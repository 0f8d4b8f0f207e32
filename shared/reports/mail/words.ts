import { nameAndId } from '../../text/name-and-id.ts';
import { shorten } from '../../text/plain.ts';
import { ruleText, serviceText } from '../../text/rule-text.ts';
import { foreign, html, type Html } from './html.ts';
import { placeOfRule } from '../accounts-text.ts';
import type { BackInUse } from '../back-in-use.ts';
import { count, figure, percent } from '../../text/numbers.ts';
import type { RuleReport, UsageReport } from '../schema.ts';

/** What a rule admits, in text that is safe to send. */
export function admitsForMail(rule: RuleReport): string {
  const { name } = rule.peer;
  return foreign(ruleText(rule, { peerName: name && shorten(name, NAME_SHOWN) }), LINE_SHOWN);
}

/** Name and id of the rule's group, in text that is safe to send; and where it is, where the report is of several places. */
export function groupForMail(rule: RuleReport, report: Pick<UsageReport, 'accounts'> = {}): string {
  const place = placeOfRule(rule, report);
  const group = nameAndId(shorten(rule.groupName, NAME_SHOWN), rule.groupId);
  return foreign(place === '' ? group : `${group}, ${place}`, LINE_SHOWN);
}

/** The same for the HTML part: the name first, and ids smaller below, whole on any screen. */
export function groupLinesForMail(
  rule: RuleReport,
  report: Pick<UsageReport, 'accounts'> = {},
  ids: readonly string[] = [],
): Html {
  const place = placeOfRule(rule, report);
  const first = [shorten(rule.groupName, NAME_SHOWN), place].filter(Boolean).join(', ');
  const below = [rule.groupId, ...ids].map(
    (id, i) => html`${i === 0 ? '' : ' · '}<span style="${WHOLE}"><bdi>${foreign(id)}</bdi></span>`,
  );
  return first === '' ? html`${below}` : html`<bdi>${foreign(first, LINE_SHOWN)}</bdi><br />${below}`;
}

/** Broken only where a line has no room for all of it. */
const WHOLE = 'display:inline-block;max-width:100%;font-size:11px;word-break:break-word';
/** Of names, which AWS lets be 255 characters long: short enough that the id behind it is never cut. */
const NAME_SHOWN = 40;
const LINE_SHOWN = 120;

/** Of a rule that is back in use. */
export function backText({ since, quietDays }: BackInUse): string {
  return `used since ${since}, after ${count(quietDays, 'day')} with records, none of which shows use of it`;
}

/** What would do in the place of a rule that is too wide. */
export function wideText({ narrower }: RuleReport): string {
  if (!narrower) return '';
  const rules = narrower.rules
    .slice(0, NARROWER_SHOWN)
    .map((rule) => foreign(`${serviceText(rule)} ${rule.peer.value}`));
  const more = narrower.rules.length - NARROWER_SHOWN;
  return (
    `would do: ${rules.join('; ')}${more > 0 ? ` and ${figure(more)} more` : ''}; ` +
    `it gives up ${percent(narrower.givesUp)} of what the rule opens, by ${count(narrower.days, 'day')} of evidence`
  );
}

const NARROWER_SHOWN = 3;

/** `98.7 %`; `unknown` where no record could be explained. */
export function coverageText(share: number | null): string {
  return share === null ? 'unknown' : percent(share);
}

/** `1.2 MB`, in powers of ten as mail programs have it. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}
