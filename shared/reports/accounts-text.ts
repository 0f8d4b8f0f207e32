import { count, figure } from '../text/numbers.ts';
import type { AccountReport, RuleReport, UsageReport } from './schema.ts';

type Report = Pick<UsageReport, 'accounts'>;
type Place = Pick<RuleReport, 'accountId' | 'region'>;

/** The accounts of a report that has more than one account or region to tell apart; else none. Each has rules or an inventory. */
export function severalAccounts({ accounts = [] }: Report): readonly AccountReport[] {
  const shown = accounts.filter(({ rules, described }) => rules > 0 || described);
  return shown.length > 1 || shown.some(({ regions }) => regions.length > 1) ? shown : [];
}

/** `111122223333 prod`; the name is text of others. */
export function accountText({ accountId, name }: Pick<AccountReport, 'accountId' | 'name'>): string {
  return [accountId === '' ? 'unknown account' : accountId, ...(name === null ? [] : [name])].join(' ');
}

/** `111122223333 eu-west-1`, or how many there are; `''` where nothing tells. */
export function placesText({ accounts = [] }: Report): string {
  const shown = accounts.filter(({ accountId, rules, described }) => accountId !== '' && (rules > 0 || described));
  const [only] = shown;
  if (!only) return '';
  return shown.length > 1 ? count(shown.length, 'account') : [only.accountId, ...only.regions].join(' ');
}

/** `111122223333 eu-west-1` of a rule, where the report has several to tell apart; else `''`. */
export function placeOfRule({ accountId = '', region = '' }: Place, report: Report): string {
  return severalAccounts(report).length === 0 ? '' : [accountId, region].filter((part) => part !== '').join(' ');
}

/** How long it was heard, and as of when its inventory is. */
export function accountAgeText({ heard, takenAt }: Pick<AccountReport, 'heard' | 'takenAt'>): string {
  const days = heard ? `${count(heard.days, 'day')}, ${heard.from} to ${heard.to}` : 'no day';
  return takenAt === null ? days : `${days}; inventory of ${takenAt.slice(0, 10)}`;
}

/** Accounts told in full; of more only how many. */
const STRANGERS_SHOWN = 5;

/**
 * Accounts of which there are records and no inventory, a sentence each, the busiest first, with the command that brings it.
 * Names in it are text of others.
 */
export function strangersTexts({ accounts = [] }: Report): string[] {
  const strangers = accounts
    .filter(({ accountId, described }) => accountId !== '' && !described)
    .map((account) => ({
      account,
      times: (account.records?.otherAccount ?? 0) + (account.records?.unknownInterface ?? 0),
    }))
    .filter(({ times }) => times > 0)
    .sort((a, b) => b.times - a.times);
  const more = strangers.slice(STRANGERS_SHOWN);
  return [
    ...strangers.slice(0, STRANGERS_SHOWN).map(({ account, times }) => {
      const { accountId, regions } = account;
      const commands = (regions.length === 0 ? [''] : regions).map(
        (region) =>
          `stale-sg snapshot${region === '' ? '' : ` --region ${region}`} --out ${[accountId, region].filter((part) => part !== '').join('-')}`,
      );
      return (
        `${count(times, 'record')} ${times === 1 ? 'is' : 'are'} of account ${accountText(account)}, of which there is no inventory: ` +
        `${commands.join('; ')} with its credentials, and --inventory with that too`
      );
    }),
    ...(more.length === 0
      ? []
      : [
          `and ${figure(more.reduce((sum, { times }) => sum + times, 0))} records are of ${count(more.length, 'other account')} without an inventory`,
        ]),
  ];
}
