/** What Node and the AWS SDK say in terms of system calls and of their own parts, and what a person is told instead. */
const WORDS: readonly (readonly [raw: RegExp, words: string])[] = [
  [/ENOENT: no such file or directory, \w+ '(.*?)'(?!\w)/g, '$1: no such file or folder'],
  [/EISDIR: illegal operation on a directory, \w+ '(.*?)'(?!\w)/g, '$1: a folder, not a file'],
  [/EISDIR: illegal operation on a directory, read/g, 'a folder, not a file'],
  [/ENOTDIR: not a directory, \w+ '(.*?)'(?!\w)/g, '$1: a file stands where a folder is needed'],
  [/E(?:ACCES|PERM): (?:permission denied|operation not permitted), \w+ '(.*?)'(?!\w)/g, '$1: permission denied'],
  [/unable to open database file/g, 'cannot be opened or made; give a file in a folder that exists'],
  [/Region is missing/g, 'no AWS region is known; give one (--region, AWS_REGION)'],
  [
    /(?:CredentialsProviderError: )?Could not load credentials from any providers/g,
    'no AWS credentials were found; sign in (aws sso login, aws configure) or name a profile (AWS_PROFILE)',
  ],
];

/**
 * The message of a failure, with the way out where it is one that Node or the AWS SDK words. Not by `instanceof`: under Jest, errors
 * of Node's own modules are of another realm.
 */
export function failureText(error: unknown): string {
  const text =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  return WORDS.reduce((said, [raw, words]) => said.replace(raw, words), text);
}
