import type { DayFacts, InterfaceFacts } from '../history/day-facts.ts';
import type { Day } from '../time.ts';
import type { Usage } from '../usage/usage.ts';

/**
 * The facts of a day as an inventory without a date tells them, less the interfaces that were not there yet. Where AWS does
 * not say since when one is attached, and no list of flow logs says what covers it, one was not there on days before the
 * first on which a flow log told of it if that log told of accepted traffic of others: it is one of a subnet or VPC, and
 * would have told of an idle interface as well, by NODATA. Files that do not name their log may be of several.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
export function notYetThere(facts: DayFacts, usage: Usage): (day: Day) => DayFacts {
  if (facts.flowLogs) return (day) => ({ ...facts, day });
  /** By flow log, the days on which it told of accepted traffic. */
  const logs = new Map<string, Set<Day>>();
  const firstTold = new Map<string, { day: Day; readonly logs: Set<string> }>();
  for (const [interfaceId, days] of usage.interfaces) {
    const toldBy = new Set<string>();
    let first = Infinity;
    for (const [day, seen] of days) {
      if (seen.logs.size > 0) first = Math.min(first, day);
      for (const id of seen.logs) {
        toldBy.add(id);
        if (seen.accepted > 0) logs.set(id, (logs.get(id) ?? new Set()).add(day));
      }
    }
    firstTold.set(interfaceId, { day: first, logs: toldBy });
  }
  const wasThere = ({ interfaceId, attachedAt }: InterfaceFacts, day: Day): boolean => {
    const first = firstTold.get(interfaceId);
    if (attachedAt !== undefined || !first || day >= first.day) return true;
    return ![...first.logs].some((id) => id !== '' && logs.get(id)?.has(day));
  };
  return (day) => ({ ...facts, day, interfaces: facts.interfaces.filter((one) => wasThere(one, day)) });
}
