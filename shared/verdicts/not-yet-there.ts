import type { DayFacts, InterfaceFacts } from '../history/day-facts.ts';
import type { Day } from '../time.ts';
import type { Usage } from '../usage/usage.ts';

/**
 * The facts of days as an inventory without a date tells them, less the interfaces that were not there yet. Where AWS does
 * not say since when one is attached, and no list of flow logs says what covers it, one was not there on days before the
 * first on which a flow log told of it if that log told of accepted traffic of others: it is one of a subnet or VPC, and
 * would have told of an idle interface as well, by NODATA. Files that do not name their log may be of several.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
export function notYetThere(factsOn: (day: Day) => DayFacts, usage: Usage): (day: Day) => DayFacts {
  let wasThere: ReturnType<typeof presence> | undefined;
  return (day) => {
    const facts = factsOn(day);
    if (facts.flowLogs) return facts;
    const there = (wasThere ??= presence(usage));
    return { ...facts, interfaces: facts.interfaces.filter((one) => there(one, day)) };
  };
}

function presence(usage: Usage): (one: InterfaceFacts, day: Day) => boolean {
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
  return ({ interfaceId, attachedAt }, day) => {
    const first = firstTold.get(interfaceId);
    if (attachedAt !== undefined || !first || day >= first.day) return true;
    return ![...first.logs].some((id) => id !== '' && logs.get(id)?.has(day));
  };
}
