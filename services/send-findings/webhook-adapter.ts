import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Refused } from '../../shared/aws/send-once.ts';

/** Shorter than a claim lasts (`shared/aws/send-once.ts`). */
const ANSWER_MS = 30_000;
const LONGEST_ADDRESS = 4096;

/**
 * Posts to the address that a secret holds. Whoever has the address may write into the channel: it is in no error and no log, and
 * nobody is followed to another one.
 *
 * @returns a function that hands over one message and returns the status of the answer; it throws Refused where the message
 *   certainly did not arrive: for answers from 300 to 499, and for a secret that is no address
 */
export function webhook(client: SecretsManagerClient, secretArn: string) {
  return async (body: Buffer): Promise<string> => {
    const url = addressOf(await client.send(new GetSecretValueCommand({ SecretId: secretArn })), secretArn);
    const { status } = await post(url, body);
    if (status >= 200 && status < 300) return String(status);
    const answer = `the webhook answered ${String(status)}`;
    throw status >= 300 && status < 500 ? new Refused(answer) : new Error(answer);
  };
}

function addressOf({ SecretString = '' }: { SecretString?: string | undefined }, secretArn: string): URL {
  const text = SecretString.trim();
  const url = text.length <= LONGEST_ADDRESS ? URL.parse(text) : null;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url;
  throw new Refused(`the secret ${secretArn} holds no https address alone, as plain text`);
}

async function post(url: URL, body: Buffer): Promise<{ status: number }> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await answer.body?.cancel();
    return answer;
  } catch (error) {
    // Not the error itself: nobody knows what of the address is in it.
    const { name, cause } = error as Error;
    const { code } = (cause ?? {}) as { code?: unknown };
    throw new Error(`the webhook did not answer: ${typeof code === 'string' ? code : name}`);
  }
}
