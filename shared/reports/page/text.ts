import { shortFigure } from '../../text/numbers.ts';
import { nameAndId } from '../../text/name-and-id.ts';
import { serviceText } from '../../text/rule-text.ts';
import type { ProposedRule } from '../../advice/narrowing/narrower.ts';
import type { PageRule } from './packed-report.ts';

/**
 * Characters that show nothing and yet change what is seen: control and format characters (right-to-left marks), line
 * and paragraph separators, halves of surrogate pairs. A joiner inside an emoji is part of its picture.
 */
const INVISIBLE =
  /(?!(?<=\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text with such characters spelt out: what is on the screen is what is there. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    return `‹U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}›`;
  });
}

/** `2026-01-14 23:51 UTC` of an ISO time; the seconds help nobody here. */
export function moment(isoTime: string): string {
  return `${isoTime.slice(0, 10)} ${isoTime.slice(11, 16)} UTC`;
}

export function fileSize(bytes: number): string {
  return bytes < 1000 ? `${String(bytes)} B` : `${shortFigure(bytes)}B`;
}

export function proposedText(rule: ProposedRule): string {
  return `${serviceText(rule)} ${rule.peer.value}`;
}

/** Two groups of two VPCs may share a name, so the id stays beside it. */
export function groupText({ groupName, groupId }: Pick<PageRule, 'groupName' | 'groupId'>): string {
  return nameAndId(groupName, groupId);
}
