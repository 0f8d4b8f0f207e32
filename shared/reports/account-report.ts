import { ownAccounts } from '../inventory/accounts.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { recordOf } from '../record-of.ts';
import { compareText } from '../text/compare.ts';
import { dayFromIso, isoDay, isoTime, type Day } from '../time.ts';
import { FATES, noFates, type Fates, type Usage } from '../usage/usage.ts';
import { VERDICT_KINDS } from '../verdicts/verdict.ts';
import { coverageOf } from './coverage.ts';
import type { AccountReport, RuleReport, UsageReport } from './schema.ts';

/**
 * The accounts that the rules and the records are of, those with the most stale rules first.
 *
 * @param usage of which the records by account are asked for; where nobody counted them so, those of all are a lone account's
 */
export function accountReports(
  inventory: Inventory,
  usage: Pick<Usage, 'accounts' | 'fates' | 'interfaces'>,
  { rules, plan, days: allDays }: Pick<UsageReport, 'rules' | 'plan'> & { readonly days: DaysRead },
): AccountReport[] {
  const own = ownAccounts(inventory);
  const rulesOf = Map.groupBy(rules, ({ accountId = '' }) => accountId);
  const told = new Map([...usage.accounts].map(([id, regions]) => [id, sumOf([...regions.values()])]));
  const ids = [...new Set([...(own ?? []), ...rulesOf.keys(), ...told.keys()])];
  const named = ids.filter((id) => id !== '');
  // An inventory that names no account is of the one that the logs name.
  const [lone] = own === undefined && named.length === 1 && !rulesOf.has(named[0]!) ? named : [];
  const shown = lone === undefined ? ids : [lone];
  const days = daysOf(inventory, usage);
  const heard = (accountId: string): ReadonlySet<Day> | undefined => {
    // A night keeps no records by interface.
    if (usage.interfaces.size === 0 && shown.length === 1) return daysWithRecords(allDays);
    return lone === undefined ? days.get(accountId) : new Set([...days.values()].flatMap((some) => [...some]));
  };
  const planned = new Set(
    [...(plan?.stages.flatMap(({ removals }) => removals) ?? []), ...(plan?.inCode ?? [])].map(
      ({ rule }) => rule.ruleId,
    ),
  );
  return shown
    .map((accountId) => {
      const ofAccount = (lone === undefined ? rulesOf.get(accountId) : rules) ?? [];
      const known = inventory.accounts?.find((one) => one.accountId === accountId);
      const fates = lone === undefined ? told.get(accountId) : sumOf([...told.values()]);
      const records =
        fates ?? (told.size === 0 && shown.length === 1 ? usage.fates : told.size > 0 ? noFates() : undefined);
      const regions = [...(usage.accounts.get(accountId)?.keys() ?? []), ...ofAccount.map(({ region = '' }) => region)];
      return {
        accountId,
        name: known === undefined || known.name === '' ? null : known.name,
        described: own === undefined || own.has(accountId),
        regions: [...new Set(regions)].filter((region) => region !== '').sort(compareText),
        takenAt: known?.takenAt === undefined ? null : isoTime(known.takenAt),
        rules: ofAccount.length,
        verdicts: recordOf(VERDICT_KINDS, (kind) => ofAccount.filter(({ verdict }) => verdict.kind === kind).length),
        removable: plan === null ? null : ofAccount.filter(({ ruleId }) => planned.has(ruleId)).length,
        riskiest: riskiestOf(ofAccount),
        heard: heardOf(heard(accountId)),
        coverage: records ? coverageOf(records) : null,
        records: records ? { total: FATES.reduce((sum, fate) => sum + records[fate], 0), ...records } : null,
      };
    })
    .sort(
      (a, b) =>
        b.verdicts.stale - a.verdicts.stale ||
        (b.riskiest?.rank ?? 0) - (a.riskiest?.rank ?? 0) ||
        compareText(a.accountId, b.accountId),
    );
}

function riskiestOf(rules: readonly RuleReport[]): AccountReport['riskiest'] {
  const [first] = rules.toSorted((a, b) => b.rank.score - a.rank.score || compareText(a.ruleId, b.ruleId));
  return first ? { ruleId: first.ruleId, rank: first.rank.score } : null;
}

function sumOf(some: readonly Fates[]): Fates {
  return some.reduce((sums, one) => recordOf(FATES, (fate) => sums[fate] + one[fate]), noFates());
}

/** By account, the days of which there is a record of any kind of its interfaces. */
function daysOf({ interfaces }: Inventory, usage: Pick<Usage, 'interfaces'>): Map<string, Set<Day>> {
  const days = new Map<string, Set<Day>>();
  for (const [interfaceId, some] of usage.interfaces) {
    const accountId = interfaces.get(interfaceId)?.ownerId ?? '';
    const ofAccount = days.get(accountId) ?? new Set();
    for (const day of some.keys()) ofAccount.add(day);
    days.set(accountId, ofAccount);
  }
  return days;
}

type DaysRead = readonly { readonly day: string; readonly records: number }[];

function daysWithRecords(days: DaysRead): Set<Day> {
  return new Set(days.flatMap(({ day, records }) => (records > 0 ? [dayFromIso(day)!] : [])));
}

function heardOf(days: ReadonlySet<Day> = new Set()): AccountReport['heard'] {
  if (days.size === 0) return null;
  return { from: isoDay(Math.min(...days)), to: isoDay(Math.max(...days)), days: days.size };
}
