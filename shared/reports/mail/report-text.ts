import { VERDICT_MEANING, VERDICT_NAME } from '../verdict-text.ts';
import type { UsageReport } from '../schema.ts';
import type { RuleToDecide } from '../candidates.ts';
import { placedText } from './fit-attachments.ts';
import type { RuleHeatMap, HeatRow, HeatSum } from './heat-map.ts';
import { foreign } from './html.ts';
import { keptLink, keptName } from './place.ts';
import type { Story } from './story.ts';
import { admitsForMail, backText, groupForMail, wideText } from './words.ts';
import { count, figure, shortFigure } from '../../text/numbers.ts';

/** The text part of a report's mail: what the HTML part says, in its order. */
export function reportText(story: Story): string {
  const { digest, kept } = story;
  const blocks = [
    [story.heading, story.subheading],
    story.doFirst ? ['DO THIS FIRST', story.doFirst.title, story.doFirst.text, story.doFirst.after] : [],
    story.growth,
    story.notices.map((text) => `!! ${text}`),
    story.figures.map(({ figure, label }) => `${figure.padStart(9)}  ${label}`),
    story.planCaveats.length === 0 ? [] : ['MIND, OF THE PLAN', ...story.planCaveats.map((text) => `- ${text}`)],
    [
      'WHAT IS SAID OF THE RULES',
      ...digest.verdicts
        .filter(({ rules }) => rules > 0)
        .map(({ kind, rules }) => `${figure(rules).padStart(9)}  ${VERDICT_NAME[kind]}: ${VERDICT_MEANING[kind]}`),
    ],
    story.accounts.length === 0
      ? []
      : [
          'ACCOUNTS, BY STALE RULES',
          ...story.accounts.map(
            ({ stale, account, figures, age }) =>
              `${stale.padStart(9)}  ${account}\n           ${figures}\n           ${age}`,
          ),
          story.accountsRest,
        ],
    [
      'LOOK AT THESE FIRST',
      ...(digest.candidates.length === 0
        ? [story.noCandidates]
        : story.candidatesShown.map((one) => candidateText(one, digest.report))),
      story.candidatesRest,
    ],
    story.quietShown.length === 0
      ? []
      : [
          'WENT QUIET',
          ...story.quietShown.map(
            ({ rule, quiet }) =>
              `${nameOf(rule, digest.report)}\n   used on ${count(quiet.usedDays, 'day')} until ${quiet.lastDay}, quiet for ${count(quiet.quietDays, 'day')} since`,
          ),
          story.quietRest,
        ],
    story.backShown.length === 0
      ? []
      : [
          'BACK IN USE',
          ...story.backShown.map(({ rule, back }) => `${nameOf(rule, digest.report)}\n   ${backText(back)}`),
          story.backRest,
        ],
    story.wideShown.length === 0
      ? []
      : [
          'TOO WIDE',
          ...story.wideShown.map((rule) => `${nameOf(rule, digest.report)}\n   ${wideText(rule)}`),
          story.wideRest,
        ],
    story.findingsShown.length === 0 && story.defaultGroups === ''
      ? []
      : [
          'ALSO SEEN IN THE INVENTORY',
          ...story.findingsShown.map(({ text }) => `- ${foreign(text, 240)}`),
          story.findingsRest,
          story.defaultGroups,
        ],
    story.owners.length === 0 ? [] : ['OWNERS', ...story.owners],
    ['USE BY RULE AND DIRECTION', story.heatCaption, ...heatLines(story.heatMap)],
    [
      'THE WHOLE REPORT',
      ...story.files.map(({ file, attached }) => {
        const name = file.name;
        const where = kept ? `: ${keptName(kept, name)}\n   ${keptLink(kept, name)} (asks you to sign in)` : '';
        return `${name}, ${placedText({ file, attached })}${where}`;
      }),
    ],
    [story.footer],
  ];
  return `${blocks
    .map((lines) => lines.filter((line) => line !== '').join('\n'))
    .filter((block) => block !== '')
    .join('\n\n')}\n`;
}

function candidateText({ rule, removal, skipped }: RuleToDecide, report: UsageReport): string {
  const plan = removal
    ? removal.stage
      ? `in the plan: stage ${removal.stage.number}`
      : 'in the plan: to be changed in code'
    : skipped === undefined
      ? ''
      : `not in the plan: ${foreign(skipped, 160)}`;
  return `${rule.rank.score.toFixed(0).padStart(3)}  ${nameOf(rule, report)}\n   ${VERDICT_NAME[rule.verdict.kind]}: ${foreign(rule.why, 200)}${plan === '' ? '' : `\n   ${plan}`}`;
}

function nameOf(rule: RuleToDecide['rule'], report: UsageReport): string {
  return `${admitsForMail(rule)}\n   ${groupForMail(rule, report)}, ${foreign(rule.ruleId)}`;
}

function heatLines({ most, others, least, unused }: RuleHeatMap): string[] {
  const line = (name: string, ingress: string, egress: string) =>
    `${ingress.padStart(9)} ${egress.padStart(9)}  ${name}`.trimEnd();
  const ruleLine = ({ rule, usedTimes }: HeatRow): string => {
    const [ingress, egress] =
      rule.direction === 'ingress' ? [shortFigure(usedTimes), ''] : ['', shortFigure(usedTimes)];
    return line(`${admitsForMail(rule)}, ${groupForMail(rule)}`, ingress, egress);
  };
  const sumLine = (name: (rules: number) => string, sum: HeatSum | undefined, numbers: keyof HeatSum): string[] => {
    if (!sum) return [];
    const { ingress, egress } = sum[numbers];
    return [line(name(sum.rules.ingress + sum.rules.egress), shortFigure(ingress), shortFigure(egress))];
  };
  return [
    line('', 'In', 'Out'),
    ...most.map(ruleLine),
    ...sumLine((rules) => count(rules, 'other used rule'), others, 'usedTimes'),
    ...least.map(ruleLine),
    ...sumLine((rules) => `${count(rules, 'rule')} without use (here: numbers of rules)`, unused, 'rules'),
  ];
}
