import { INTERFACE_COUNTER_NAMES } from './counters.ts';
import { addLogDay, emptyLogDay } from './log-days.ts';
import { emptyInterfaceDay, FATES, noFates, ruleDay, within, type RejectedFlow, type Usage } from './usage.ts';
import type { SmallestHashes } from './smallest-hashes.ts';
import { addRuleDay } from './window.ts';

/**
 * Adds `from` to `into` and leaves it as it is. Usages of parts of the records, put together in any order and grouping,
 * give the usage of all of them.
 */
export function addUsage(into: Usage, from: Usage): void {
  for (const add of Object.values(ADD)) add(into, from);
}

/** One for each part of a usage: a new one does not compile without its sum. */
const ADD: Readonly<Record<keyof Usage, (into: Usage, from: Usage) => void>> = {
  fates: (into, from) => {
    for (const fate of FATES) into.fates[fate] += from.fates[fate];
  },
  accounts: (into, from) => {
    for (const [accountId, regions] of from.accounts) {
      for (const [region, fates] of regions) {
        const sums = within(into.accounts, accountId, region, noFates);
        for (const fate of FATES) sums[fate] += fates[fate];
      }
    }
  },
  requests: (into, from) => (into.requests += from.requests),
  replies: (into, from) => (into.replies += from.replies),
  ambiguous: (into, from) => (into.ambiguous += from.ambiguous),
  lastEnd: (into, from) => (into.lastEnd = Math.max(into.lastEnd, from.lastEnd)),
  firstEnd: (into, from) => {
    if (from.firstEnd >= 0 && (into.firstEnd < 0 || from.firstEnd < into.firstEnd)) into.firstEnd = from.firstEnd;
  },
  rules: (into, from) => {
    for (const [ruleId, days] of from.rules) {
      for (const [day, use] of days) addRuleDay(ruleDay(into, ruleId, day), use);
    }
  },
  logs: (into, from) => {
    for (const [flowLogId, days] of from.logs) {
      for (const [day, log] of days) addLogDay(within(into.logs, flowLogId, day, emptyLogDay), log);
    }
  },
  interfaces: (into, from) => {
    for (const [interfaceId, days] of from.interfaces) {
      for (const [day, seen] of days) {
        const sums = within(into.interfaces, interfaceId, day, emptyInterfaceDay);
        for (const name of INTERFACE_COUNTER_NAMES) sums[name] += seen[name];
        for (const flowLogId of seen.logs) sums.logs.add(flowLogId);
      }
    }
  },
  unknownAccepted: (into, from) => {
    for (const [vpcId, days] of from.unknownAccepted) {
      for (const [day, { records }] of days) {
        within(into.unknownAccepted, vpcId, day, () => ({ records: 0 })).records += records;
      }
    }
  },
  unknownInterfaces: (into, from) => {
    into.unknownInterfaces.merge(from.unknownInterfaces);
  },
  admittingSets: (into, from) => {
    for (const [key, set] of from.admittingSets) {
      const known = into.admittingSets.get(key);
      if (!known) {
        into.admittingSets.set(key, { ...set });
        continue;
      }
      known.requests += set.requests;
      known.replies += set.replies;
      known.provenTimes += set.provenTimes;
    }
  },
  rejected: (into, from) => {
    addRejected(into.rejected, from.rejected);
  },
};

/**
 * Exact for every flow that stays: one of the smallest hashes of all is one of the smallest wherever it came up, so each
 * side has kept it since it first came or never saw it. A flow that was let go makes room for as many smaller hashes
 * as are kept, and never comes back.
 */
function addRejected(into: SmallestHashes<RejectedFlow>, from: SmallestHashes<RejectedFlow>): void {
  for (const [hash, flow] of from.entries()) {
    const sums = into.keep(hash, () => ({ ...flow, times: 0, lastSeen: -1 }));
    if (!sums) continue;
    sums.times += flow.times;
    sums.lastSeen = Math.max(sums.lastSeen, flow.lastSeen);
  }
  // What can be kept is there by now: this only hands on that there were more than are kept.
  into.merge(from);
}
