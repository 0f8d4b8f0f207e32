import { markdownCode, markdownShell } from '../../../../shared/text/markdown.ts';
import { nameAndId } from '../../../../shared/text/name-and-id.ts';
import { count } from '../../../../shared/text/numbers.ts';
import { plainText } from '../../../../shared/text/plain.ts';
import { wrapped } from '../../terminal/wrapped.ts';
import {
  TO_DECIDE,
  type Decision,
  type EndingExemption,
  type KeptRule,
  type Recertification,
} from './recertification.ts';

/** Rules of an exemption shown; all are in the JSON. */
const RULES_SHOWN = 10;
/** Decisions of an owner shown. */
const DECISIONS_SHOWN = 50;

/** How a part is written: for a terminal, or as Markdown. */
interface Form {
  heading(level: 1 | 2 | 3, text: string): string[];
  /** A point, and lines below it; text of others in the second part of each. */
  point(
    head: readonly [say: string, told: string],
    lines: readonly (readonly [label: string, told: string])[],
  ): string[];
  command(text: string): string[];
  text(say: string): string[];
}

const INDENT = '    ';

const TERMINAL: Form = {
  heading: (level, text) => [
    ...(level === 1 ? [] : ['']),
    ...wrapped(plainText(text)),
    ...(level === 2 ? ['='.repeat(Math.min(80, plainText(text).length))] : []),
  ],
  point: ([say, told], lines) => [
    ...wrapped(plainText(`${say}${told}`), '  '),
    ...lines.flatMap(([label, text]) => wrapped(plainText(text), `${INDENT}${label}`)),
  ],
  command: (text) => commandLines(text).map((line) => `${INDENT}  ${plainText(line)}`),
  text: (say) => wrapped(plainText(say)),
};

const MARKDOWN: Form = {
  heading: (level, text) => [
    ...(level === 1 ? [] : ['']),
    `${'#'.repeat(level)} ${level === 2 ? markdownCode(text) : text}`,
    '',
  ],
  point: ([say, told], lines) => [
    `- ${say}${markdownCode(told)}`,
    ...lines.map(([label, text]) => `  - ${label}${markdownCode(text)}`),
  ],
  command: (text) => ['', ...markdownShell(commandLines(text)).map((line) => `  ${line}`), ''],
  text: (say) => [say],
};

/** In lines of a shell that go on: one for each option, but never within a word, whose text is of others. */
function commandLines(command: string): string[] {
  const words = command.match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g) ?? [];
  const options = words.findIndex((word) => word.startsWith('--'));
  return [words.slice(0, options).join(' '), ...words.slice(options).map((word) => `  ${word}`)].map((line, i, all) =>
    i < all.length - 1 ? `${line} \\` : line,
  );
}

export function recertificationText(told: Recertification, { markdown }: { readonly markdown: boolean }): string {
  const { asOf, days, report, since, owners } = told;
  const form = markdown ? MARKDOWN : TERMINAL;
  const what = since ? `what is new to decide since ${since.asOf}` : 'all that asks for a decision';
  return `${[
    ...form.heading(1, `To be decided on ${asOf}`),
    ...form.text(
      `Exemptions that have ended or end within ${count(days, 'day')}, and ${what}; traffic as the report of ${report.asOf} tells it. To keep a rule, run the command below it; WHY and OWNER are variables to set first. To let it go, do nothing: analyze and plan anew once its exemption is over.`,
    ),
    ...owners.flatMap(({ owner, expired, expiring, toDecide }) => [
      ...form.heading(2, owner ?? 'Nobody is named'),
      ...exemptionLines('Ended', expired, form),
      ...exemptionLines(`Ends within ${count(days, 'day')}`, expiring, form),
      ...decisionLines(toDecide, form),
    ]),
    ...(owners.length === 0 ? form.text('Nothing is to be decided.') : []),
  ].join('\n')}\n`;
}

function exemptionLines(title: string, some: readonly EndingExemption[], form: Form): string[] {
  if (some.length === 0) return [];
  return [
    ...form.heading(3, `${title}: ${count(some.length, 'exemption')}`),
    ...some.flatMap(({ target, where, reason, until, owner, rules, keep }) => {
      const [only] = rules;
      const head =
        target && (target.kind !== 'rule_id' || !only)
          ? (['', `${target.kind} ${target.value}: ${count(rules.length, 'rule')} of the report`] as const)
          : (['', ruleName(only!)] as const);
      const isRule = head[1] !== '' && only !== undefined && head[1] === ruleName(only);
      const rest = rules.length - RULES_SHOWN;
      return [
        ...form.point(head, [
          [
            'kept until ',
            `${until}${owner === null ? '' : `, says ${owner}`}: ${reason === '' ? 'no reason is told' : reason}`,
          ],
          ['by ', where],
          ...(isRule
            ? [['traffic: ', only.today] as const]
            : rules.slice(0, RULES_SHOWN).map((rule) => ['rule: ', `${ruleName(rule)}: ${rule.today}`] as const)),
          ...(rest > 0 ? [['', `… and ${count(rest, 'more rule')}`] as const] : []),
        ]),
        ...keepLines(keep, form),
      ];
    }),
  ];
}

function ruleName({ ruleId, groupName, groupId, admits }: KeptRule | Decision): string {
  return `${ruleId} of ${nameAndId(groupName, groupId)}: ${admits}`;
}

function decisionLines(toDecide: readonly Decision[], form: Form): string[] {
  if (toDecide.length === 0) return [];
  const rest = toDecide.length - DECISIONS_SHOWN;
  return [
    ...form.heading(3, `To be decided: ${count(toDecide.length, 'rule')}`),
    ...toDecide.slice(0, DECISIONS_SHOWN).flatMap((one) => [
      ...form.point(
        [`${one.whats.map((what) => TO_DECIDE[what]).join(', ')}: `, ruleName(one)],
        [
          [`${one.verdict}: `, one.why],
          ['go: ', one.go],
        ],
      ),
      ...keepLines(one.keep, form),
    ]),
    ...(rest > 0 ? form.text(`… and ${count(rest, 'more rule')} (--json has all)`) : []),
  ];
}

function keepLines(keep: string | null, form: Form): string[] {
  return keep === null ? [] : form.command(keep);
}
