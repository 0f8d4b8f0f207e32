import type { RuleToDecide } from '../candidates.ts';
import type { QuietRule } from './digest.ts';
import { heatMapHtml } from './heat-map-html.ts';
import { foreign, html, type Html } from './html.ts';
import { entries, entry, INK, mailLink, notice, page, paragraph, section, tiles } from './layout.ts';
import { keptLink, keptName, type Kept } from './place.ts';
import { placedText, type Placed } from './fit-attachments.ts';
import type { Story } from './story.ts';
import { VERDICT_NAME } from '../verdict-text.ts';
import { verdictBar } from './verdict-bar.ts';
import { admitsForMail, backText, groupLinesForMail, wideText } from './words.ts';
import { count, figure } from '../../text/numbers.ts';

/** The HTML part of a report's mail: figures first, then what to look at, then the picture, then where the rest is. */
export function reportHtml(story: Story): string {
  const { digest, heatMap, files, kept } = story;
  return page({
    title: story.subject,
    preview: story.preview,
    heading: story.heading,
    subheading: story.subheading,
    colour: '#12284a',
    sections: [
      ...doFirst(story),
      ...story.growth.map((text) => notice('info', html`${text}`)),
      ...story.notices.map((text) => notice('warn', html`${text}`)),
      tiles(story.figures),
      ...(story.planCaveats.length === 0
        ? []
        : [section('Mind, of the plan', ...story.planCaveats.map((text) => paragraph(html`${text}`)))]),
      section('What is said of the rules', verdictBar(digest.verdicts)),
      ...accounts(story),
      ...candidates(story),
      ...quiet(story),
      ...back(story),
      ...wide(story),
      ...findings(story),
      ...(story.owners.length === 0
        ? []
        : [section('Owners', ...story.owners.map((text) => paragraph(html`${text}`)))]),
      section('Use by rule and direction', paragraph(html`${story.heatCaption}`), heatMapHtml(heatMap)),
      section('The whole report', ...files.map((file) => fileLine(file, kept))),
    ],
    footer: html`${story.footer}`,
  });
}

function doFirst({ doFirst: step }: Story): Html[] {
  if (!step) return [];
  const { title, text, after } = step;
  return [
    section(
      'Do this first',
      html`<p
        class="ink"
        style="margin:0 0 4px;font-size:18px;line-height:25px;font-weight:700;word-break:break-word;${INK}"
      >
        ${title}
      </p>`,
      paragraph(html`${text}`),
      ...rest(after),
    ),
  ];
}

function accounts({ accounts, accountsRest }: Story): Html[] {
  if (accounts.length === 0) return [];
  const rows = accounts.map(({ stale, account, figures, age }) =>
    entry(stale, html`${account}`, html`${figures}`, html`${age}`),
  );
  return [
    section(
      'Accounts',
      paragraph(html`The number is that of the stale rules.`),
      entries('Accounts, those with the most stale rules first', rows),
      ...rest(accountsRest),
    ),
  ];
}

function candidates({ digest, candidatesShown, candidatesRest, noCandidates }: Story): Html[] {
  if (digest.candidates.length === 0) return [section('Look at these first', paragraph(html`${noCandidates}`))];
  const rows = candidatesShown.map((candidate) =>
    entry(
      candidate.rule.rank.score.toFixed(0),
      ruleTitle(candidate.rule),
      groupLinesForMail(candidate.rule, digest.report, [candidate.rule.ruleId]),
      html`<strong>${VERDICT_NAME[candidate.rule.verdict.kind]}</strong>:
        ${foreign(candidate.rule.why, 200)}${planText(candidate)}`,
    ),
  );
  return [
    section(
      'Look at these first',
      paragraph(html`The number is the priority, 0 to 100: how exposed a rule is × how unused.`),
      entries('Rules to look at, the highest priority first', rows),
      ...rest(candidatesRest),
    ),
  ];
}

function planText({ removal, skipped }: RuleToDecide): Html {
  if (removal)
    return removal.stage ? html` · stage ${removal.stage.number} of the plan` : html` · to be changed in code`;
  return skipped === undefined ? html`` : html` · not in the plan: ${foreign(skipped, 160)}`;
}

function quiet({ quietShown, quietRest, digest }: Story): Html[] {
  if (quietShown.length === 0) return [];
  const rows = quietShown.map(({ rule, quiet }: QuietRule) =>
    entry(
      `${figure(quiet.quietDays)} d`,
      ruleTitle(rule),
      groupLinesForMail(rule, digest.report, [rule.ruleId]),
      html`used on ${count(quiet.usedDays, 'day')} until ${quiet.lastDay}, and not since`,
    ),
  );
  return [
    section(
      'Went quiet',
      paragraph(html`Used on most days, and then no more. Ask what was switched off before the rule is forgotten.`),
      entries('Rules that went quiet', rows),
      ...rest(quietRest),
    ),
  ];
}

function back({ backShown, backRest, digest }: Story): Html[] {
  if (backShown.length === 0) return [];
  const rows = backShown.map(({ rule, back: since }) =>
    entry(
      `${figure(since.quietDays)} d`,
      ruleTitle(rule),
      groupLinesForMail(rule, digest.report, [rule.ruleId]),
      html`${backText(since)}`,
    ),
  );
  return [
    section(
      'Back in use',
      paragraph(html`Used after a long time without: something that seldom runs needs them.`),
      entries('Rules that are back in use', rows),
      ...rest(backRest),
    ),
  ];
}

function wide({ wideShown, wideRest, digest }: Story): Html[] {
  if (wideShown.length === 0) return [];
  const rows = wideShown.map((rule) =>
    entry(
      rule.rank.score.toFixed(0),
      ruleTitle(rule),
      groupLinesForMail(rule, digest.report, [rule.ruleId]),
      html`${wideText(rule)}`,
    ),
  );
  return [
    section(
      'Too wide',
      paragraph(html`In use, and something narrower would admit all that was seen.`),
      entries('Rules that are too wide', rows),
      ...rest(wideRest),
    ),
  ];
}

function findings({ findingsShown, findingsRest, defaultGroups }: Story): Html[] {
  if (findingsShown.length === 0 && defaultGroups === '') return [];
  const rows = findingsShown.map(({ rank, text }) =>
    entry(rank.toFixed(0), html`<span style="font-weight:400">${foreign(text, 240)}</span>`),
  );
  return [
    section(
      'Also seen in the inventory',
      ...(rows.length === 0 ? [] : [entries('Findings, the highest priority first', rows)]),
      ...rest(findingsRest),
      ...rest(defaultGroups),
    ),
  ];
}

function ruleTitle(rule: RuleToDecide['rule']): Html {
  return html`<bdi>${admitsForMail(rule)}</bdi>`;
}

function rest(text: string): Html[] {
  return text === '' ? [] : [paragraph(html`${text}`)];
}

function fileLine({ file, attached }: Placed, kept: Kept | undefined): Html {
  const where =
    kept &&
    html`: ${mailLink(keptLink(kept, file.name), 'open in the AWS console')} (asks you to sign in),
    ${keptName(kept, file.name)}`;
  return paragraph(html`<strong>${file.name}</strong>, ${placedText({ file, attached })}${where ?? ''}`);
}
