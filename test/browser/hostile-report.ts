import type { RuleReport, UsageReport } from '../../shared/reports/schema.ts';
import { syntheticReport } from './synthetic-report.ts';

/** Says so where a text of others is run: every one of the texts below would set it. */
export const BETRAYAL = '__ran';

/** Texts as no good person would choose them, each with the reason. */
export const HOSTILE: readonly (readonly [why: string, text: string])[] = [
  ['a script', `<script>globalThis.${BETRAYAL}=1</script>`],
  ['an image that fails', `<img src=x onerror="globalThis.${BETRAYAL}=1">`],
  ['the end of the script that holds the data', `</script><script>globalThis.${BETRAYAL}=1</script>`],
  ['a comment that never ends', '<!-- <script>'],
  ['the end of a title, an attribute, a style', `"'></title></style><svg onload="globalThis.${BETRAYAL}=1">`],
  ['a link that runs', `javascript:globalThis.${BETRAYAL}=1`],
  ['a formula', '=HYPERLINK("https://example.com/?"&A1,"open")'],
  ['right-to-left override', 'safe\u202egpj.exe\u202c\u2066\u200f'],
  ['invisible and control characters', 'a\u200bb\u0000c\u001b[31md\u0085\u2028e\ufeff'],
  ['half a surrogate pair', 'half \ud83d pair'],
  ['emoji, joined ones too', '🔥 👩‍👩‍👧‍👦 🏳️‍🌈'],
  ['letters of other scripts', 'מסד נתונים العربية 東京'],
  ['255 characters without a blank', 'x'.repeat(255)],
  ['names of the language', '__proto__'],
  ['templates', '$' + '{alert(1)} {{7*7}} %s %n'],
  ['a rich text of the chart library', '{a|b}{c}\n{@[0]}'],
];

/** A report in which every text that others choose is one of these; one rule for each. */
export function hostileReport(): UsageReport {
  const sound = syntheticReport(HOSTILE.length, 10);
  const texts = HOSTILE.map(([, text]) => text);
  const at = (index: number): string => texts[index % texts.length]!;
  const rules = sound.rules.map((rule, i): RuleReport => {
    return {
      ...rule,
      groupName: at(i),
      description: at(i),
      why: at(i),
      peerSample: [at(i)],
      protocol: i === 1 ? at(i) : rule.protocol,
      groupId: `sg-${at(i)}`,
      peer: { type: 'unknown', value: at(i), name: at(i) },
      verdict: { kind: 'exempt', reason: at(i), until: null, owner: at(i) },
      // All of them are used, so that all of them are drawn.
      usedTimes: 10 ** (i % 5),
      distinctPeers: 1,
      hours: Array.from({ length: 24 }, () => 3),
      ports: [{ protocol: at(i), fromPort: i, toPort: i, usedTimes: 5, replyTimes: 5 }],
    };
  });
  const [stage] = sound.plan!.stages;
  const [removal] = stage!.removals;
  return {
    ...sound,
    rules,
    malformedSamples: texts.map((text) => ({ file: text, line: 1, reason: text })),
    inventoryProblems: texts,
    unknownInterfaces: { distinct: texts.length, sample: texts },
    rejectedFlows: {
      distinct: texts.length,
      top: texts.map((text, i) => ({
        ...sound.rejectedFlows.top[i]!,
        interfaceId: text,
        protocol: text,
        peer: text,
        reason: i === 2 ? text : '',
      })),
    },
    days: sound.days.map((day, i) => ({ ...day, incomplete: at(i) })),
    findings: texts.map((text) => ({
      finding: { kind: 'danglingReference', ruleId: text, groupId: text, detail: text },
      rank: 50,
      text,
    })),
    plan: {
      ...sound.plan!,
      caveats: texts,
      stages: [
        {
          ...stage!,
          keepers: texts.map((text) => ({ ruleId: text, accountId: text, region: text, vpcId: text, check: text })),
          removals: texts.map((text, i) => ({
            ...removal!,
            rule: { ...removal!.rule, ruleId: rules[i]!.ruleId },
            peerName: text,
            why: text,
            notes: [text],
            managedBy: [{ tool: text, note: text }],
            check: text,
            command: `echo ${text}`,
            undo: text,
            coveredBy: [text],
            terraform: { ...removal!.terraform, importId: text, lookUp: [text] },
          })),
        },
      ],
      groups: texts.map((text, i) => ({
        groupId: text,
        groupName: text,
        accountId: text,
        region: text,
        vpcId: text,
        rules: 2,
        unneeded: 2,
        reason: i === 0 ? text : null,
        proposal:
          i === 0
            ? null
            : {
                keepers: [],
                keeps: [{ ruleId: text, admits: text, reason: text }],
                adds: [
                  {
                    rule: { ...removal!.rule, groupName: text },
                    standsAs: null,
                    insteadOf: [text],
                    command: text,
                    undo: text,
                  },
                ],
                removes: [
                  {
                    ruleId: text,
                    admits: text,
                    isNarrowed: true,
                    givesUp: 0.5,
                    why: text,
                    check: text,
                    command: text,
                    undo: text,
                  },
                ],
                caveats: [text],
              },
      })),
      skipped: texts.map((text) => ({
        ruleId: text,
        groupId: text,
        groupName: text,
        verdict: 'stale',
        reason: text,
      })),
    },
  };
}
