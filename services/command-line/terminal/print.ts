import { Option } from 'commander';

let quiet = false;

/** With `true`, {@link print} says nothing, and no progress is shown; what fails is said all the same. */
export function beQuiet(is: boolean): void {
  quiet = is;
}

export function isQuiet(): boolean {
  return quiet;
}

/** On standard output: what a person reads of a command that writes files. */
export function print(text: string): void {
  if (!quiet) process.stdout.write(text);
}

export function quietOption(): Option {
  return new Option('-q, --quiet', 'say nothing but what fails');
}
