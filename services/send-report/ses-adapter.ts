import { setTimeout as wait } from 'node:timers/promises';
import { SendEmailCommand, SESv2Client, type SESv2ClientConfig, TooManyRequestsException } from '@aws-sdk/client-sesv2';
import { Refused } from '../../shared/aws/send-once.ts';

/** For one message, tries and pauses together: shorter than a claim lasts (`shared/aws/send-once.ts`). */
const SEND_MS = 80_000;
/**
 * An account in the sandbox sends one message a second. 42 s of pauses, since what is refused then is not tried again.
 * https://docs.aws.amazon.com/ses/latest/dg/quotas.html
 */
const THROTTLED_TRIES = 8;

/** By itself the SDK would send a message again that was not answered: here it makes one try. */
export function createSesClient(config: SESv2ClientConfig = {}): SESv2Client {
  return new SESv2Client({ ...config, maxAttempts: 1 });
}

export interface SesOptions {
  readonly from: string;
  readonly configurationSet: string | undefined;
  /** Before a throttled message is tried again. */
  readonly pauseMs?: number;
}

/** Hands messages to SES. Each is answered by SES or ends with an error: `Refused` where it did not go out for certain. */
export function sesSender(client: SESv2Client, { from, configurationSet, pauseMs = 1500 }: SesOptions) {
  return async (to: readonly string[], bytes: Buffer): Promise<string> => {
    const command = new SendEmailCommand({
      FromEmailAddress: from,
      Destination: { ToAddresses: [...to] },
      Content: { Raw: { Data: bytes } },
      ...(configurationSet !== undefined && { ConfigurationSetName: configurationSet }),
    });
    const abortSignal = AbortSignal.timeout(SEND_MS);
    for (let tries = 1; ; tries++) {
      try {
        const { MessageId } = await client.send(command, { abortSignal });
        return MessageId ?? '';
      } catch (error) {
        if (error instanceof TooManyRequestsException && tries < THROTTLED_TRIES) await wait(pauseMs * tries);
        else throw isRefusal(error) ? new Refused(`SES refused the mail: ${error.message}`, { cause: error }) : error;
      }
    }
  };
}

/** An answer of the kind 4xx: SES looked at the request and took nothing. A 5xx may come after the deed. */
function isRefusal(error: unknown): error is Error {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return error instanceof Error && status !== undefined && status >= 400 && status < 500;
}
