import * as z from 'zod';
import type { Immutable } from '../../immutable.ts';

const tags = z.record(z.string(), z.string());
const prefix = z.object({
  address: z.object({
    family: z.literal([0, 4, 6]),
    w0: z.number(),
    w1: z.number(),
    w2: z.number(),
    w3: z.number(),
  }),
  length: z.int(),
});

/** Whose stages wait for each other: those of a VPC, an account or an owner. */
export const PLAN_BY = ['vpc', 'account', 'owner'] as const;
export type PlanBy = (typeof PLAN_BY)[number];

/** A rule as the inventory has it: what the commands are made from. */
const plannedRule = z.object({
  ruleId: z.string(),
  groupId: z.string(),
  groupName: z.string(),
  direction: z.enum(['ingress', 'egress']),
  protocol: z.string(),
  protocolNumber: z.int().optional(),
  ports: z.object({ from: z.int(), to: z.int() }).optional(),
  icmp: z.object({ type: z.int(), code: z.int() }).optional(),
  peer: z.discriminatedUnion('type', [
    z.object({ type: z.enum(['cidrIpv4', 'cidrIpv6']), value: z.string(), prefix }),
    z.object({ type: z.enum(['prefixList', 'unknown']), value: z.string() }),
    z.object({ type: z.literal('group'), value: z.string(), ownerId: z.string(), peeringConnectionId: z.string() }),
  ]),
  description: z.string(),
  tags,
  unmatchable: z.string().optional(),
});

const terraformHint = z.object({
  resource: z
    .enum(['aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule'])
    .describe('As `terraform import` wants it; `importId` is its id there.'),
  importId: z.string(),
  lookUp: z
    .array(z.string())
    .describe('Print the address of the rule, and of the group, which may hold it in its own block.'),
});

/** Where a rule is, for commands: each account and Region needs credentials of its own. */
const place = {
  accountId: z.string().describe('Of its group; empty where the inventory does not say.'),
  region: z.string().describe('AWS Region; empty where nothing says: then it is left to the AWS CLI.'),
  vpcId: z.string().describe('Of its group; empty where the inventory does not say.'),
};

const removal = z.object({
  rule: plannedRule,
  ...place,
  peerName: z.string().nullable().describe('Of the group or prefix list that the rule names. Text of others.'),
  owner: z
    .string()
    .nullable()
    .optional()
    .describe('Who answers for it, by tags of the rule or its group; null where none says. Text of others.'),
  verdict: z.enum(['stale', 'redundant']).describe('Verdicts of rules that may go.'),
  why: z.string(),
  lastUsed: z.string().nullable().describe('ISO 8601, UTC; of any day read, in the window or before it.'),
  coveredBy: z
    .array(z.string())
    .describe('Of a redundant rule, those that admit the same and stay: at least one in every set it was seen in.'),
  cutsUntracked: z.boolean().describe('Removing it cuts open untracked connections, once.'),
  notes: z
    .array(z.string())
    .describe('What a reviewer must know as well: who made the rule, what the undo cannot bring back.'),
  managedBy: z
    .array(z.object({ tool: z.string(), note: z.string() }))
    .describe('Tools and services that write the rule, as tags and names tell; text of others.'),
  check: z
    .string()
    .describe('A shell command in one line. Prints `same`, or `changed` for a rule edited since the plan.'),
  command: z.string().describe('Removes the rule.'),
  undo: z.string().describe('Makes it again; AWS gives it a new id.'),
  terraform: terraformHint.describe('Where Terraform holds the rule, if it does.'),
});

const keeper = z.object({ ruleId: z.string(), ...place, check: z.string() });

const stage = z.object({
  number: z.int().positive(),
  of: z
    .string()
    .optional()
    .describe(
      'The owner or account whose rules it holds, see `by`; empty where nobody tells, absent where several share it. Text of others.',
    ),
  waitDays: z.int().describe('Days to wait and watch after the stage, before it counts as verified.'),
  keepers: z
    .array(z.object({ ruleId: z.string(), ...place, check: z.string() }))
    .describe('What must still stand, since only it covers rules of this stage: each with the command that tells.'),
  removals: z.array(removal),
});

const skipped = z.object({
  ruleId: z.string(),
  groupId: z.string(),
  groupName: z.string(),
  verdict: z.enum(['stale', 'unattached', 'redundant', 'notObserved', 'tooYoung', 'exempt', 'active']),
  reason: z.string().describe('One sentence. Holds text of others (tags): escape it where it is shown.'),
});

const groupPlan = z
  .object({
    groupId: z.string(),
    groupName: z.string().describe('Text of others.'),
    ...place,
    rules: z.int().describe('Rules that it has.'),
    unneeded: z.int().describe('Of these, unused, redundant or too wide: more than half.'),
    proposal: z
      .object({
        keeps: z
          .array(z.object({ ruleId: z.string(), admits: z.string(), reason: z.string() }))
          .describe('What stays as it is, and why. Holds text of others.'),
        keepers: z
          .array(keeper)
          .describe('Rules of the group that must still stand, since they admit some of what the wider ones did.'),
        adds: z
          .array(
            z.object({
              rule: plannedRule.describe('Its id is empty: AWS gives it one.'),
              standsAs: z
                .string()
                .nullable()
                .describe('A rule that says so already, and that a stage may take away: AWS refuses to make it twice.'),
              insteadOf: z.array(z.string()).describe('Ids of the wider rules of whose use it admits some.'),
              command: z.string().describe('Makes it.'),
              undo: z.string().describe('Takes it away again, by what it says.'),
            }),
          )
          .describe('To be made first. Each lies inside a rule that the group has.'),
        removes: z
          .array(
            z.object({
              ruleId: z.string(),
              admits: z.string().describe('For people. Text of others.'),
              isNarrowed: z.boolean().describe('Whether it is too wide; else a stage removes it for good.'),
              givesUp: z.number().describe('Share of its address-and-port space that is given up, rounded.'),
              why: z.string().describe("The verdict's reason. Holds text of others."),
              check: z.string().describe('Prints `same`, or `changed` for a rule edited since the plan.'),
              command: z.string().describe('Removes the rule.'),
              undo: z.string().describe('Makes it again; AWS gives it a new id.'),
            }),
          )
          .describe('To be removed once the new ones stand; what is given up whole, stages remove.'),
        caveats: z.array(z.string()).describe('What a person must know before taking it, a sentence each.'),
      })
      .nullable()
      .describe('Null where there is none.'),
    reason: z.string().nullable().describe('Why there is no proposal; null where there is one.'),
  })
  .describe(
    'What a group could be: the fewest rules that admit what was seen. Stages remove what goes for good; no script makes rules narrower.',
  );

/** `plan.json`, version 1. */
export const plan = z
  .object({
    schemaVersion: z.literal(1),
    asOf: z.iso.datetime(),
    windowDays: z.int().positive(),
    accounts: z.array(z.string()).describe('Whose rules they are; none where the inventory does not say.'),
    regions: z.array(z.string()).describe('AWS Regions of the rules; none where nothing says.'),
    profile: z.string().nullable().describe('Of the AWS CLI, for the commands; null where it is left to it.'),
    caveats: z
      .array(z.string())
      .describe('What the plan rests on and does not know, a sentence each: to be shown wherever the plan is.'),
    goodUntil: z.iso.date().describe('The last UTC day on which it may be carried out: then plan anew.'),
    evidence: z.object({
      source: z.string().describe('Where the service flows came from: a folder, or the tables of a deployment.'),
      days: z.int().describe('UTC days of the window of which there is evidence.'),
      missingDays: z.array(z.iso.date()).describe('Those of which there is none.'),
    }),
    by: z
      .enum(PLAN_BY)
      .optional()
      .describe('Whose stages wait for each other; those of others may be carried out meanwhile. Absent: `vpc`.'),
    stages: z
      .array(stage)
      .describe(
        'One after the other: the next waits until tracked connections have ended. Few rules of each VPC first, then more. Those of one owner or account (`of`) wait for no others.',
      ),
    inCode: z
      .array(removal)
      .describe('May go as well, with the stages, and are written by a tool or service: to be changed there.'),
    skipped: z
      .array(skipped)
      .describe('Rules that are unused or redundant and yet stay, or have changed since they were judged.'),
    groups: z
      .array(groupPlan)
      .optional()
      .describe('Groups more than half of whose rules are unused, redundant or too wide; absent in older plans.'),
  })
  .describe('What may be removed together, in stages, for a person to review and carry out. Nothing runs by itself.');

export type Plan = Immutable<z.output<typeof plan>>;
export type GroupPlan = NonNullable<Plan['groups']>[number];
export type Stage = Plan['stages'][number];
export type Removal = Stage['removals'][number];
/** A rule as `plan.json` has it. */
export type PlannedRule = Removal['rule'];
/** Where a rule is. */
export type RulePlace = Pick<Removal, 'accountId' | 'region' | 'vpcId'>;
export type TerraformHint = Removal['terraform'];
/** Verdicts of rules that may go. */
export type CandidateKind = Removal['verdict'];
export type Skipped = Plan['skipped'][number];
