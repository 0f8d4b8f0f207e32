import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));

/**
 * Account ids of AWS's documentation, and such as nobody has: one digit over and over, one digit and then zeros, pairs.
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
 */
const EXAMPLE_ACCOUNT = /^(?:(\d)\1{11}|[0-9]0{11}|(?:(\d)\2{3}(\d)\3{3}(\d)\4{3})|12345678901[02])$/;
/** Seconds of years beyond 9998, as tests have them. */
const FAR_FUTURE = /^25340\d{7}$/;
/** By its place in an ARN, a name or a field; else twelve digits are a number. */
const TWELVE_DIGITS = /(?<![\w.])\d{12}(?![\w.])/g;
const SECRETS = [
  /\b(?:AKIA|ASIA)(?!\w*EXAMPLE)[A-Z0-9]{16}\b/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:aws_secret_access_key|secretAccessKey)['"]?\s*[:=]\s*['"]?[A-Za-z0-9/+]{40}\b/,
  /\b(?:ghp|gho|npm|xox[bap])_?[A-Za-z0-9-]{30,}\b/,
];

function findings(path: string, text: string): string[] {
  if (text.includes('\0')) return [];
  return text.split('\n').flatMap((line, i) => {
    const ids = [...line.matchAll(TWELVE_DIGITS)].map(([id]) => id);
    const accounts = ids.filter((id) => !EXAMPLE_ACCOUNT.test(id) && !FAR_FUTURE.test(id));
    const secrets = SECRETS.filter((shape) => shape.test(line)).map(String);
    return [...accounts, ...secrets].map((what) => `${path}:${i + 1}: ${what}`);
  });
}

describe('what is in the repository', () => {
  test('names no account that anybody could have, and holds no secret', () => {
    expect(tracked.flatMap((path) => findings(path, readFileSync(join(ROOT, path), 'utf8')))).toEqual([]);
  });

  const account = ['4815', '1623', '4210'].join('');
  const key = ['AKIA', 'Z7Q4N3X5M2K8P6R1'].join('');
  test.each<[what: string, line: string, noticed: boolean]>([
    ['an ARN of an account', `arn:aws:iam::${account}:root`, true],
    ['a bucket named after an account', `s3://logs-${account}-eu-central-1/`, true],
    ['an account id in a configuration', `"account": "${account}"`, true],
    ['an example ARN', 'arn:aws:iam::111122223333:root', false],
    ['part of a hash', `0a${account}b1`, false],
    ['a key id', key, true],
    ['the key id of the documentation', 'AKIAIOSFODNN7EXAMPLE', false],
    ['a private key', ['-----BEGIN RSA ', 'PRIVATE KEY-----'].join(''), true],
    ['a secret key', `secretAccessKey: '${'a1B2'.repeat(10)}'`, true],
    ['the secret of a test bed', "secretAccessKey: 'test'", false],
  ])('%s is noticed or not', (_what, line, noticed) => {
    expect(findings('x', line).length > 0).toBe(noticed);
  });
});
