import * as z from 'zod';
import { CAVEATS } from '../advice/narrowing/narrower.ts';
import { plan } from '../advice/removal/plan.ts';
import type { Immutable } from '../immutable.ts';
import { recordOf } from '../record-of.ts';
import { REPORTED_COUNTERS } from '../usage/counters.ts';
import { FATES } from '../usage/usage.ts';
import { AGE_SOURCES } from '../verdicts/ages.ts';
import { VERDICT_KINDS } from '../verdicts/verdict.ts';
import { verdict, young } from '../verdicts/verdict-schema.ts';

const count = z.number().nonnegative();
const share = z.number().min(0).max(1);
const time = z.iso.datetime().describe('ISO 8601, UTC.');
const day = z.iso.date();
const direction = z.enum(['ingress', 'egress']);
const peerType = z.enum(['cidrIpv4', 'cidrIpv6', 'prefixList', 'group', 'unknown']);
const hours = z.array(count);

const portReport = z.object({
  protocol: z.string(),
  fromPort: z.int().nullable(),
  toPort: z.int().nullable(),
  usedTimes: count,
  replyTimes: count,
});

const dayReport = z
  .object({ day, usedTimes: count, replyTimes: count, possibleTimes: count, bytes: count })
  .describe('What a rule admitted on one UTC day; times are numbers of records.');

const evidence = z
  .object({
    days: count.describe('Days of the window of which there is anything.'),
    watchedDays: count.describe('On how many of them interfaces carried the group, and each of them was observed.'),
    gaps: z
      .array(z.object({ from: day, to: day }))
      .optional()
      .describe('The other days of its window, as stretches, both ends inclusive; the oldest first.'),
    interfaceDays: count.describe("Interface-days of the rule's group on these days."),
    observedDays: count.describe('How many of them were observed.'),
    records: count.describe("Records of the group's interfaces."),
    accepted: count.describe('Of these, the accepted ones.'),
    skipped: count.describe('Of these, SKIPDATA.'),
    knownSince: time.nullable().describe('Since when the rule reads as it does, as far as anybody tells.'),
    knownBy: z
      .enum(AGE_SOURCES)
      .optional()
      .describe("Who tells: snapshots, a person who vouches, CloudTrail's event history or AWS Config."),
    young: z
      .object({ what: young, since: time })
      .nullable()
      .describe('What of the rule is younger than the window; of several the youngest.'),
  })
  .describe('What a verdict rests on in addition to the counters.');

const ruleChange = z
  .object({
    time,
    by: z.string().describe("An ARN or a service; `''` where nobody says. Text of others."),
    what: z.enum(['made', 'edited']),
    before: z.string().nullable().describe('What the rule said before, where that is told.'),
  })
  .describe('One change of a rule that the account remembers.');

const wentQuiet = z
  .object({
    lastDay: day,
    usedDays: count.describe('Days with use, up to `lastDay`.'),
    quietDays: count.describe('Days without, since.'),
  })
  .describe('Used on most days until `lastDay`, and not since, though its window has not ended.');

const rank = z
  .object({
    score: z.number().min(0).max(100).describe('`100 × exposure × idleness`, to one decimal.'),
    exposure: share.describe('How much a rule would let in that nobody needs.'),
    idleness: share.describe('0 for a rule that was used today, 1 for one that is unused as far as can be known.'),
  })
  .describe('How urgently a person should look at the rule.');

const narrower = z
  .object({
    ruleId: z.string(),
    rules: z
      .array(
        z.object({
          protocol: z.string().describe('As AWS writes it. ICMP is for all types, which are never logged.'),
          ports: z.object({ from: z.int(), to: z.int() }).optional(),
          peer: z.object({ type: z.enum(['cidrIpv4', 'cidrIpv6', 'prefixList', 'group']), value: z.string() }),
        }),
      )
      .describe('The new rules; a handful at most. None admits what the old one does not.'),
    givesUp: share.describe("Share of the rule's address-and-port space that the new rules give up."),
    serviceFlows: count.describe('Service flows that were seen, all of which the new rules admit.'),
    days: count.describe('UTC days of evidence, since the rule is known as it is.'),
    caveats: z.array(z.enum(CAVEATS)).describe('What a person must know before taking it.'),
  })
  .describe('Rules in the place of one that is used, which admit every service flow that was seen and little else.');

/** One rule of {@link usageReport}; readers pick the keys that they need. */
export const ruleReport = z.object({
  ruleId: z.string(),
  groupId: z.string(),
  groupName: z.string(),
  direction,
  protocol: z.string(),
  fromPort: z.int().nullable().describe('TCP and UDP only, inclusive; null elsewhere.'),
  toPort: z.int().nullable(),
  icmp: z
    .object({ type: z.int(), code: z.int() })
    .nullable()
    .describe('ICMP and ICMPv6 only: type and code as AWS shows them, -1 for any; null elsewhere.'),
  peer: z.object({
    type: peerType,
    value: z.string(),
    name: z
      .string()
      .nullable()
      .describe('Of the group or prefix list; null for a CIDR, and where the name is not known. Text of others.'),
  }),
  description: z.string(),
  /** The counters speak of the window; times are numbers of records, which depend on the aggregation interval. */
  ...recordOf(REPORTED_COUNTERS, () => count),
  lastUsed: time.nullable().describe('ISO 8601, UTC; of any day read, in the window or before it.'),
  lastPossible: time.nullable(),
  ports: z.array(portReport),
  verdict,
  why: z
    .string()
    .describe("The verdict's reason in words, and what removing the rule would cut. May hold text of others (tags)."),
  distinctPeers: count.describe('Distinct /24 and /64 peers; exact up to 32, beyond that an estimate.'),
  peerSample: z.array(z.string()).describe('Of these, a few: the same whatever the order of the records.'),
  history: z
    .array(dayReport)
    .describe('The days of the window on which it was used, or may have been; the oldest first.'),
  hours: hours.describe('Requests by UTC hour, 24 of them, over the window.'),
  evidence,
  changes: z
    .array(ruleChange)
    .optional()
    .describe('Who made the rule, and who edited it, the oldest first; absent where nobody tells.'),
  wentQuiet: wentQuiet.nullable(),
  rank,
  narrower: narrower.nullable().describe('Null where nothing narrower is worth proposing, or there is no evidence.'),
  accountId: z.string().optional().describe('Of its group; absent where AWS did not say.'),
  accountName: z.string().optional().describe('Where a list of the organization tells it. Text of others.'),
  region: z.string().optional().describe('Of its group; absent where AWS did not say.'),
  vpcId: z.string().optional().describe('Of its group; absent where AWS did not say.'),
  owner: z
    .object({ name: z.string(), from: z.string().describe('Which tag says so.') })
    .nullable()
    .optional()
    .describe('Who answers for it, by tags of the rule or its group; null where none says. Text of others.'),
  attachedTo: z
    .array(z.string())
    .optional()
    .describe('What carries its group now, three at most, and how many more. Text of others.'),
});

/** Keys of {@link ruleReport} that tell which rule it is, for readers to pick. */
export const RULE_NAMING = {
  ruleId: true,
  groupId: true,
  groupName: true,
  direction: true,
  protocol: true,
  fromPort: true,
  toPort: true,
  icmp: true,
  peer: true,
} as const;

export const dayQuality = z
  .object({
    day,
    source: z
      .enum(['read', 'streamed', 'reconciled'])
      .describe('`read`: by `analyze`, from the files; `streamed`: as it came; `reconciled`: by the night.'),
    records: count,
    hours: hours.describe(
      'Requests of all rules by UTC hour, 24 of them; a request is counted once for each rule that admitted it.',
    ),
    driftShare: z
      .number()
      .nullable()
      .describe('For reconciled days: how much of what was credited the night credits otherwise.'),
    driftingRules: count.nullable().describe('And to how many rules.'),
    incomplete: z
      .string()
      .nullable()
      .describe('Why a night has not replaced what was streamed; null where one has, or where there are none.'),
    outdated: z.boolean().optional().describe('No snapshot on the day or in the six hours before: it is not watched.'),
    heldAgainst: z
      .object({
        snapshots: z.array(time).describe('When they were taken, the oldest first.'),
        assumed: z.boolean().describe('The first is later than the beginning of the day, and stands in for it.'),
      })
      .nullable()
      .optional()
      .describe('The dated snapshots of the inventory; null where one inventory was given for all days.'),
  })
  .describe('One UTC day as a whole.');

const rejectedFlow = z
  .object({
    interfaceId: z.string(),
    direction: direction.nullable(),
    protocol: z.string(),
    peer: z.string(),
    port: z.int().nullable().describe('Destination port; null for protocols without ports.'),
    reason: z.string().describe("`BPA` or `EC` where no security group decided; `''` otherwise."),
    times: count,
    lastSeen: time,
    nearest: z
      .object({ ruleId: z.string(), differsIn: z.enum(['port', 'peer', 'protocol']) })
      .nullable()
      .describe('The rule of the interface that comes nearest to admitting it, and in what it does not.'),
  })
  .describe('Rejected traffic between an interface and a peer, taken as requests.');

const accountReport = z.object({
  accountId: z.string().describe("`''` for rules and records of which nothing tells the account."),
  name: z.string().nullable().describe('Where a list of the organization tells it. Text of others.'),
  described: z
    .boolean()
    .describe('The inventory is of it, or names no account; else only logs or shared groups tell of it.'),
  regions: z.array(z.string()).describe('Of its rules and its flow log files.'),
  takenAt: time.nullable().describe('When its newest snapshot was taken; null where nothing tells.'),
  rules: count,
  verdicts: z.object(recordOf(VERDICT_KINDS, () => count)).describe('How many of its rules have which.'),
  removable: count.nullable().describe('Of its rules, those that the plan lets go; null where there is no plan.'),
  riskiest: z
    .object({ ruleId: z.string(), rank: z.number().min(0).max(100) })
    .nullable()
    .describe('The rule of the highest rank; null where there is none.'),
  heard: z
    .object({ from: day, to: day, days: count })
    .nullable()
    .describe('UTC days of which there is a record of its interfaces; null where there is none.'),
  coverage: share
    .nullable()
    .describe('As of all, of its records; null where there is none, or nobody counted by account.'),
  records: z
    .record(z.enum(['total', ...FATES]), count)
    .nullable()
    .describe('Of its interfaces, or that name it; null where nobody counted by account.'),
  judged: z
    .array(z.object({ asOf: time, from: day, to: day }))
    .optional()
    .describe('Of a report that was merged from others: of what the verdicts on its rules speak.'),
});

const ruleIds = z.array(z.string());

/** See `Finding` for what each kind means. */
const finding = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('groupOnNoInterface'), groupId: z.string(), groupName: z.string(), rules: count }),
  z.object({ kind: z.literal('danglingReference'), ruleId: z.string(), groupId: z.string(), detail: z.string() }),
  z.object({
    kind: z.literal('coveredByRules'),
    ruleId: z.string(),
    coveredBy: ruleIds,
    within: z.enum(['group', 'interfaces']),
    mustStay: z.boolean(),
    restsOnLists: z.array(z.string()),
  }),
  z.object({ kind: z.literal('duplicateRules'), groupId: z.string(), ruleIds }),
  z.object({ kind: z.literal('openToWorld'), ruleId: z.string(), service: z.string() }),
]);

/** `usage.json`, version 1. Keys may be added; none is taken away or changes its meaning within a version. */
export const usageReport = z.object({
  schemaVersion: z.literal(1),
  asOf: time,
  windowDays: z.int().min(1).max(3650),
  window: z
    .object({ from: day, to: day })
    .describe('UTC days, both inclusive: what the counters of the rules speak of.'),
  ageKnownSince: time.nullable(),
  observedBy: z
    .enum(['flowLogs', 'records'])
    .describe('How a day counts as observed: by the list of flow logs, or only by the records found.'),
  coverage: share
    .nullable()
    .describe('attributed / (attributed + possible + unexplained + unknownDirection + unknownInterface).'),
  records: z.record(z.enum(['total', ...FATES, 'requests', 'replies', 'ambiguous']), count),
  malformedSamples: z.array(z.object({ file: z.string(), line: count, reason: z.string() })),
  inventoryProblems: z.array(z.string()).describe('Of the inventory, and of the list of exemptions.'),
  remembered: z
    .array(z.object({ source: z.enum(['cloudtrail', 'config']), interfaces: count, rules: count, ages: count }))
    .optional()
    .describe(
      'What is known from the memory of the account alone: interfaces that are gone, contents of rules that no longer stand, and of ' +
        'how many rules the age.',
    ),
  unknownInterfaces: z.object({ distinct: count, sample: z.array(z.string()) }),
  rejectedFlows: z
    .object({ distinct: count, top: z.array(rejectedFlow) })
    .describe('Most frequent first; a bounded sample once there are more than 4,096 distinct flows.'),
  days: z.array(dayQuality).describe('The days that were read, the oldest first.'),
  growth: z
    .object({
      days: count.describe('UTC days of the window of which there is anything.'),
      firstDay: day.nullable().describe('The first of them; null where there is none.'),
      verdictsOn: day.nullable().describe('Rules are called unused; null where they are already.'),
      planOn: day
        .nullable()
        .describe('A plan may remove rules; null where it may already, or the window is shorter than a plan wants.'),
      wholeOn: day.describe('The window is whole, and verdicts are no longer provisional.'),
    })
    .nullable()
    .optional()
    .describe(
      'While fewer days than the window are there: what comes when, if every day from now on is watched. Each the first UTC day ' +
        'as of whose first second it can be said. Null once the window is whole.',
    ),
  accounts: z.array(accountReport).optional().describe('Those with the most stale rules first.'),
  rules: z.array(ruleReport),
  findings: z
    .array(
      z.object({
        finding,
        rank: z.number().min(0).max(100).describe('As the ranks of rules are; larger comes first.'),
        text: z.string().describe('One sentence. Holds text of others (names): escape it where it is shown.'),
      }),
    )
    .describe('The highest rank first.'),
  plan: plan.nullable().describe('What may be removed together; null where it was not worked out.'),
});

export type UsageReport = Immutable<z.output<typeof usageReport>>;
export type AccountReport = NonNullable<UsageReport['accounts']>[number];
export type RuleReport = UsageReport['rules'][number];
export type PortReport = RuleReport['ports'][number];
export type DayReport = RuleReport['history'][number];
export type EvidenceReport = RuleReport['evidence'];
export type WentQuiet = NonNullable<RuleReport['wentQuiet']>;
export type DayQuality = UsageReport['days'][number];
export type RejectedFlowReport = UsageReport['rejectedFlows']['top'][number];

type Content = 'groupId' | 'direction' | 'protocol' | 'fromPort' | 'toPort' | 'icmp' | 'peer';

/** What a rule says, as one text: the same for two of one content. */
export function reportedContent(rule: Pick<RuleReport, Content>): string {
  const { groupId, direction, protocol, fromPort, toPort, icmp, peer } = rule;
  const ports = [fromPort, toPort, icmp?.type, icmp?.code];
  return JSON.stringify([groupId, direction, protocol, ...ports, peer.type, peer.value]);
}
