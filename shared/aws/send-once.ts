import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

/** The right to send a message, until it ends. */
export interface OwnClaim {
  readonly kind: 'ours';
  readonly token: string;
  /** Since when another run has had it, of which nobody knows whether its message went out; undefined for the first. */
  readonly repeats: string | undefined;
}

export type Claim =
  | OwnClaim
  /** Another run may be sending it right now, until this moment (milliseconds since 1970). */
  | { readonly kind: 'held'; readonly until: number }
  | { readonly kind: 'sent'; readonly messageId: string };

export interface SentNotes {
  /** Takes the message from `now` to `until`, unless it was sent or another run holds it. */
  claim(message: string, now: number, until: number): Promise<Claim>;
  /** Whatever has become of the claim since: the message went out. */
  noteSent(message: string, messageId: string): Promise<void>;
  /**
   * For a message that did not go out: takes the claim back. What was not known of an earlier claim stays unknown; a
   * claim that another run has taken by now stays with that run.
   */
  release(message: string, claim: OwnClaim): Promise<void>;
}

/** Who should have delivered the message refused it: it certainly did not go out. */
export class Refused extends Error {
  override name = 'Refused';
}

export interface SendOncePorts {
  readonly notes: SentNotes;
  /** @throws Refused if the message did not go out; whatever else is thrown, it may have */
  readonly send: (to: readonly string[], bytes: Buffer) => Promise<string>;
  readonly now: () => Date;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

export interface Sending {
  readonly messageId: string;
  /** `already`: an earlier run did. `again`: it may have. */
  readonly outcome: 'sent' | 'already' | 'again';
  /** Why it could not be noted that it went out: who tries again would send it again. */
  readonly unnoted?: unknown;
}

/** Longer than anybody is waited for who delivers (`ses-adapter.ts`, `webhook-adapter.ts`), so that no two runs send at once. */
export const CLAIM_MS = 90_000;
const CLAIMS_WAITED_FOR = 3;

/**
 * Sends one message once, as far as that can be: never again after a run that saw it go out; after one that ended in
 * between, or was not answered, it is sent again and says so itself.
 *
 * @param name what the message is about; a message is its name and its recipients
 * @param compose the message; `repeats` as in {@link OwnClaim}
 */
export async function sendOnce(
  name: string,
  to: readonly string[],
  compose: (repeats: string | undefined) => Promise<Buffer>,
  { notes, send, now, wait = setTimeout }: SendOncePorts,
): Promise<Sending> {
  const message = `${name}#${createHash('sha256').update(to.join(',')).digest('hex').slice(0, 16)}`;
  for (let waited = 0; ; waited++) {
    const at = now().getTime();
    const claim = await notes.claim(message, at, at + CLAIM_MS);
    switch (claim.kind) {
      case 'sent':
        return { messageId: claim.messageId, outcome: 'already' };
      case 'held':
        if (waited === CLAIMS_WAITED_FOR) throw new Error(`${message}: other runs hold it, one after the other`);
        await wait(Math.max(0, claim.until - at) + 1);
        break;
      case 'ours':
        return sendClaimed(message, claim, to, compose, { notes, send });
    }
  }
}

async function sendClaimed(
  message: string,
  claim: OwnClaim,
  to: readonly string[],
  compose: (repeats: string | undefined) => Promise<Buffer>,
  { notes, send }: Pick<SendOncePorts, 'notes' | 'send'>,
): Promise<Sending> {
  let mayBeOut = false;
  try {
    const bytes = await compose(claim.repeats);
    mayBeOut = true;
    const messageId = await send(to, bytes);
    const outcome = claim.repeats === undefined ? 'sent' : 'again';
    // It is out: a step that failed for the note alone would be tried again, and send it again.
    return await notes.noteSent(message, messageId).then(
      () => ({ messageId, outcome }),
      (unnoted: unknown) => ({ messageId, outcome, unnoted }),
    );
  } catch (error) {
    if (!mayBeOut || error instanceof Refused) await notes.release(message, claim);
    throw error;
  }
}
