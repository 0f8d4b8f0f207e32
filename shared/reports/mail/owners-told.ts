import { count, figure } from '../../text/numbers.ts';
import { foreign } from './html.ts';

/** An owner and what there was to tell. */
export interface OwnerTold {
  /** Text of others. */
  readonly owner: string;
  /** Rules of which there is something to tell. */
  readonly rules: number;
}

/** What became of the mails to owners. */
export interface OwnersTold {
  readonly every: 'week' | 'day';
  readonly mailed: readonly OwnerTold[];
  /** They had theirs of this week or day before. */
  readonly before: readonly OwnerTold[];
  /** Their mail did not go out, or may not have, with the reason. */
  readonly failed: readonly (OwnerTold & { readonly reason: string })[];
  readonly withoutAddress: readonly OwnerTold[];
  /** There was no time for them: the next report mails them. */
  readonly later: readonly OwnerTold[];
  /** Owners to whom there was nothing to tell. */
  readonly quiet: number;
  readonly unowned: { readonly rules: number; readonly toTell: number };
  /** Why addresses are not known that should be. */
  readonly problem: string | undefined;
}

const SHOWN = 12;
const REASON_SHOWN = 120;

/** What must not be overlooked of it. */
export function ownersNotices({ failed, later, problem }: OwnersTold): string[] {
  return [
    ...(problem === undefined ? [] : [`Addresses of owners cannot be read: ${foreign(problem, REASON_SHOWN)}`]),
    ...(failed.length === 0
      ? []
      : [
          `Not mailed, though there is an address: ${listed(failed, ({ owner, reason }) => `${foreign(owner)} (${foreign(reason, REASON_SHOWN)})`)}.`,
        ]),
    ...(later.length === 0
      ? []
      : [
          `There was no time to mail ${count(later.length, 'owner')}: the next report does. ${listed(later, toldText)}.`,
        ]),
  ];
}

/** Who was mailed what, for the receivers of the whole. */
export function ownersLines({ every, mailed, before, withoutAddress, quiet, unowned }: OwnersTold): string[] {
  return [
    mailed.length === 0
      ? 'No owner was mailed with this report.'
      : `${count(mailed.length, 'owner')} ${mailed.length === 1 ? 'was' : 'were'} mailed, each of the own rules: ${listed(mailed, toldText)}.`,
    ...(before.length === 0
      ? []
      : [
          `${count(before.length, 'owner')} had the mail of this ${every} before: ${listed(before, ({ owner }) => foreign(owner))}.`,
        ]),
    ...(withoutAddress.length === 0
      ? []
      : [`No address is known of ${count(withoutAddress.length, 'owner')}: ${listed(withoutAddress, toldText)}.`]),
    ...(quiet === 0 ? [] : [`${count(quiet, 'owner')} ${quiet === 1 ? 'has' : 'have'} nothing to decide.`]),
    unowned.rules === 0
      ? 'Every rule has an owner.'
      : `${count(unowned.rules, 'rule')} ${unowned.rules === 1 ? 'has' : 'have'} no owner that a tag names, ${figure(unowned.toTell)} of them with something to decide.`,
  ];
}

function toldText({ owner, rules }: OwnerTold): string {
  return `${foreign(owner)} (${count(rules, 'rule')})`;
}

function listed<T>(all: readonly T[], text: (one: T) => string): string {
  const shown = all.slice(0, SHOWN).map(text).join(', ');
  return all.length > SHOWN ? `${shown} and ${figure(all.length - SHOWN)} more` : shown;
}
