import * as z from 'zod';
import type { Immutable } from '../../../../shared/immutable.ts';
import { EXEMPTION_TARGETS } from '../../../../shared/verdicts/exemption.ts';

/** What there may be to decide of a rule, what calls for a look first. */
export const TO_DECIDE = {
  openToWorld: 'open to the world',
  unused: 'unused',
  redundant: 'redundant',
  tooWide: 'too wide',
  added: 'new',
} as const;
export type ToDecide = keyof typeof TO_DECIDE;
const TO_DECIDE_KINDS = Object.keys(TO_DECIDE) as [ToDecide, ...ToDecide[]];

const rule = z.object({
  ruleId: z.string(),
  groupId: z.string(),
  groupName: z.string(),
  admits: z.string().describe('The rule in words.'),
});

const keptRule = rule.extend({
  verdict: z.string().describe('Of the report: `exempt` as long as that holds.'),
  traffic: z
    .enum(['inUse', 'perhaps', 'notSeen', 'notWatched'])
    .describe('What was seen of it in the window. In use, it may be redundant; not watched, nobody can tell.'),
  today: z.string().describe('The same in words.'),
  lastUsed: z.string().nullable().describe('ISO 8601, UTC.'),
});

const exemption = z.object({
  target: z
    .object({ kind: z.enum(EXEMPTION_TARGETS), value: z.string() })
    .nullable()
    .describe('What the list names; null for a tag `stale-sg:keep`, and where no list was given.'),
  where: z.string().describe('Where it stands: file and line, or the tag.'),
  reason: z.string(),
  owner: z.string().nullable(),
  until: z.string().describe('The last UTC day on which it holds.'),
  rules: z.array(keptRule).describe('The rules of the report that it keeps.'),
  keep: z
    .string()
    .nullable()
    .describe(
      'A shell command in one line: writes into the list that it is kept for a year more; null where none can be given.',
    ),
});

const decision = rule.extend({
  whats: z.array(z.enum(TO_DECIDE_KINDS)),
  verdict: z.string(),
  why: z.string(),
  keep: z
    .string()
    .nullable()
    .describe('The same as for exemptions; its reason is to be put into the variable WHY first.'),
  go: z.string().describe('What a plan says of it, or what it could be narrowed to.'),
});

/** `recertify --json`, version 1. All texts but kinds and days are of others. */
export const recertification = z
  .object({
    schemaVersion: z.literal(1),
    asOf: z.iso.date().describe('The UTC day of the question.'),
    days: z.int().positive().describe('So far ahead was looked for exemptions that end.'),
    report: z.object({ file: z.string(), asOf: z.iso.datetime() }),
    since: z
      .object({ file: z.string(), asOf: z.iso.datetime() })
      .nullable()
      .describe('The former report; null where none was given, and all that asks for a decision is told.'),
    owners: z.array(
      z.object({
        owner: z.string().nullable().describe('Who answers for it; null where nobody is named.'),
        expired: z.array(exemption).describe('Those that have ended.'),
        expiring: z.array(exemption).describe('Those that end within the days.'),
        toDecide: z.array(decision).describe('Rules without a valid exemption.'),
      }),
    ),
  })
  .describe('What each owner is to decide: to keep a rule, or to let it go.');

export type Recertification = Immutable<z.output<typeof recertification>>;
export type OwnerPart = Recertification['owners'][number];
export type EndingExemption = OwnerPart['expired'][number];
export type Decision = OwnerPart['toDecide'][number];
export type KeptRule = EndingExemption['rules'][number];
