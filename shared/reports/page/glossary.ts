import { VERDICT_KINDS } from '../../verdicts/verdict.ts';
import { VERDICT_MEANING, VERDICT_NAME } from '../verdict-text.ts';

const WORDS = {
  Priority: 'How urgently somebody should look, 0 to 100: how much a rule lets in that nobody needs × how unused it is',
  Verdict: 'What the evidence allows to say of the rule, over its window',
  Used: 'Requests that the rule admitted, in log records: their number depends on the aggregation interval of the flow log',
  Sole: 'Of these, requests that no other rule admitted',
  'Last used': 'Day of the last record that the rule admitted, on any day that was read',
  Why: 'The reason for the verdict, in a sentence; the rule’s own view has all of it',
  Coverage: 'Share of the accepted records that rules explain',
  'Possible use': 'Records that the rule may have admitted: it is never called unused for as long as there are any',
  Watched: 'Of a group’s day: every interface that carried the group was observed, so silence means something',
  'Not watched': 'Of a group’s day: something of it was not observed, so silence says nothing',
  'Age unknown': 'Nothing tells how long the rule has stood as it is: no plan removes it until something does',
  'Went quiet': 'Used on most days, and then no more, though the window has not ended',
  'Too wide': 'Used, and narrower rules would admit all that was seen',
  Provisional: 'Rests on fewer days than the window has; more can be said on a day that is told',
} as const;

export type Word = keyof typeof WORDS;

/** For tooltips: what a word of the page means. */
export function meaningOf(word: Word): string {
  return WORDS[word];
}

/** All of them, for those who cannot hover: the words, then the verdicts. */
export function glossary(): (readonly [word: string, meaning: string])[] {
  return [
    ...Object.entries(WORDS),
    ...VERDICT_KINDS.map((kind) => [VERDICT_NAME[kind], VERDICT_MEANING[kind]] as const),
  ];
}
