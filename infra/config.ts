import { readFileSync } from 'node:fs';
import { configOf, type Config } from '../shared/configuration/config.ts';

/** @throws if the file cannot be read, is not JSON, or is not a configuration; the error names the file */
export function readConfig(file: string): Config {
  return configOf(readFileSync(file, 'utf8'), file);
}
