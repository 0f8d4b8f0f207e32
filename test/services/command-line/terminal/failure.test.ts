import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { failureText } from '../../../../services/command-line/terminal/failure.ts';
import { namedError } from '../../../../shared/text/named-error.ts';
import { scratch } from '../scratch.ts';

const folder = scratch();
const at = (name: string): string => folder.path(name);

describe('what Node says of files is told in words, with the path once', () => {
  test.each<[what: string, access: () => Promise<unknown>, says: () => string]>([
    ['a file that is not there', () => readFile(at('gone')), () => `${at('gone')}: no such file or folder`],
    ['a folder that is not there', () => readdir(at('gone')), () => `${at('gone')}: no such file or folder`],
    ['one looked for', () => stat(at("it's")), () => `${at("it's")}: no such file or folder`],
    ['a folder that is read', () => readFile(at('folder')), () => `${at('folder')}: a folder, not a file`],
    ['a folder that is written', () => open(at('folder'), 'w'), () => `${at('folder')}: a folder, not a file`],
    ['a path below a file', () => stat(at('file/x')), () => `${at('file/x')}: a file stands where a folder is needed`],
  ])('%s', async (_what, access, says) => {
    await mkdir(at('folder'));
    await writeFile(at('file'), '');
    const error: unknown = await access().catch((failure: unknown) => failure);
    const path = says().split(': ')[0]!;
    expect(failureText(namedError(path, error))).toBe(says());
  });
});

test.each([
  ['Region is missing', 'no AWS region is known; give one (--region, AWS_REGION)'],
  ['ListAccounts failed: Error: Region is missing', 'ListAccounts failed: Error: no AWS region is known; give one'],
  [
    'DescribeVpcs failed: CredentialsProviderError: Could not load credentials from any providers',
    'DescribeVpcs failed: no AWS credentials were found; sign in (aws sso login, aws configure) or name a profile',
  ],
  ["EACCES: permission denied, open '/etc/shadow'", '/etc/shadow: permission denied'],
  ["EPERM: operation not permitted, mkdir '/sys/x'", '/sys/x: permission denied'],
  ['a.db: unable to open database file', 'a.db: cannot be opened or made; give a file in a folder that exists'],
])('%s', (raw, words) => {
  expect(failureText(new Error(raw))).toContain(words);
});

test('what says enough stays as it is', () => {
  for (const text of ['usage.json: not JSON', 'ENOSPC: no space left on device, write']) {
    expect(failureText(new Error(text))).toBe(text);
  }
  expect(failureText('no error')).toBe('no error');
});
