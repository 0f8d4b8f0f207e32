import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n');

/** What git knows and is still there; a file just removed from the tree is not ours to judge. */
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));

describe('tests', () => {
  /** Folders of tests below those of the tree that the tree does not have. */
  const strays = (paths: readonly string[]): string[] => {
    const sources = new Set(paths.map((path) => dirname(path)));
    const mirrored = paths.filter((path) => /^test\/(?:infra|services|shared)\/.*\.(?:test|proof)\.ts$/.test(path));
    return [...new Set(mirrored.map((path) => dirname(path)))].filter((folder) => !sources.has(folder.slice(5)));
  };

  test('lie in folders of the names that the sources have which they hold', () => {
    expect(strays(tracked)).toEqual([]);
  });

  test('that are long say in their first lines what they cost', () => {
    const long = tracked.filter((path) => path.endsWith('.proof.ts'));
    const silent = long.filter(
      (path) => !/\b[Cc]osts (?:about|some) /.test(linesOf(read(path)).slice(0, 6).join('\n')),
    );
    expect(silent).toEqual([]);
  });

  test('one that lies elsewhere is noticed', () => {
    const paths = ['shared/a/a.ts', 'test/shared/a/b.test.ts', 'test/shared/b/b.proof.ts', 'test/world/a.test.ts'];
    expect(strays(paths)).toEqual(['test/shared/b']);
  });
});

describe('lock file', () => {
  interface Lock {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  }

  /** A package sees what lies in its own `node_modules` and in those of every folder above it. */
  const sees = ({ packages }: Lock, from: string, name: string): boolean => {
    if (Object.hasOwn(packages, `${from === '' ? '' : `${from}/`}node_modules/${name}`)) return true;
    return from !== '' && sees({ packages }, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name);
  };
  const missing = (lock: Lock): string[] =>
    Object.entries(lock.packages).flatMap(([from, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !sees(lock, from, name))
        .map((name) => `${from || 'the project'} wants ${name}`),
    );

  test('has an entry for every optional dependency, or `npm ci` refuses it', () => {
    expect(missing(JSON.parse(read('package-lock.json')) as Lock)).toEqual([]);
  });

  test('one that lacks an entry is noticed', () => {
    const packages: Lock['packages'] = {
      '': { optionalDependencies: { top: '1' } },
      'node_modules/top': { optionalDependencies: { inner: '1', hoisted: '1', lost: '1' } },
      'node_modules/top/node_modules/inner': { optionalDependencies: { hoisted: '1' } },
      'node_modules/hoisted': {},
      'node_modules/other/node_modules/lost': {},
    };
    expect(missing({ packages })).toEqual(['node_modules/top wants lost']);
  });
});

describe('package.json', () => {
  const EXACT = /^(npm:(@[^/@]+\/)?[^/@]+@)?\d+\.\d+\.\d+(-[\w.-]+)?$/;
  type Versions = Record<string, unknown>;
  const inexact = (versions: Versions): string[] =>
    Object.entries(versions).flatMap(([name, version]) => {
      if (typeof version !== 'string') return inexact(version as Versions).map((inner) => `${name} > ${inner}`);
      return EXACT.test(version) ? [] : [`${name}@${version}`];
    });

  test('names exact versions', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Versions | undefined>;
    const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'];
    expect(kinds.flatMap((kind) => inexact(manifest[kind] ?? {}))).toEqual([]);
  });

  test('a range is noticed', () => {
    const versions = {
      a: '1.2.3',
      b: '^1.2.3',
      c: '1.x',
      d: 'latest',
      e: '1.5.5-r.5',
      f: { g: 'npm:h@7.0.0', i: '*' },
    };
    expect(inexact(versions)).toEqual(['b@^1.2.3', 'c@1.x', 'd@latest', 'f > i@*']);
  });
});

describe('objects', () => {
  /** Where the keys of a literal are spread: `{ ...{ a, b }, c }` says no more than `{ a, b, c }`. */
  const spreads = (text: string): string[] => text.match(/^.*\.\.\.\{.*$/gm) ?? [];

  test('are written with their keys', () => {
    const sources = tracked.filter((path) => /\.[jt]s$/.test(path) && path !== 'test/project.test.ts');
    expect(sources.flatMap((path) => spreads(read(path)).map((line) => `${path}: ${line}`))).toEqual([]);
  });

  test('one that spreads a literal is noticed', () => {
    expect(spreads('const a = { b };\nreturn { ...{ a, b }, c };\nreturn { ...a };')).toEqual([
      'return { ...{ a, b }, c };',
    ]);
  });
});

describe('the root', () => {
  const FOLDERS = ['services', 'infra', 'shared', 'test', 'docs', '.ci'];
  const FILES = [
    /^package(-lock)?\.json$/,
    /^tsconfig\.json$/,
    // GitHub looks for it there: https://docs.github.com/en/actions/sharing-automations/creating-actions/metadata-syntax-for-github-actions
    /^action\.yml$/,
    /^jest\.config\.ts$/,
    /^(README|ARCHITECTURE|CONTRIBUTING|CHANGELOG)\.md$/,
    /^(LICENSE|NOTICE)$/,
    /^cdk(\.context)?\.json$/,
    /^\.oxlintrc\.json$/,
    /^knip\.json$/,
    /^stryker\.config\.\w+$/,
    /^\.(gitignore|dockerignore|gitattributes|editorconfig|npmrc|prettierignore)$/,
    /^\.prettierrc(\.\w+)?$/,
  ];
  const strangers = (paths: readonly string[]): string[] =>
    paths.filter((path) => {
      const [top, ...below] = path.split('/');
      return below.length > 0 ? !FOLDERS.includes(top!) : !FILES.some((name) => name.test(path));
    });

  test('holds the folders of the layout and what tools insist on, nothing else', () => {
    expect(strangers(tracked)).toEqual([]);
  });

  test('anything else is noticed', () => {
    const paths = [
      'services/a/b.ts',
      'README.md',
      'TODO.md',
      'scripts/x.sh',
      'test',
      'jest.config.ts.bak',
      '.prettierrc.json',
    ];
    expect(strangers(paths)).toEqual(['TODO.md', 'scripts/x.sh', 'test', 'jest.config.ts.bak']);
  });
});

describe('README', () => {
  test('gives the test command, and .ci/run runs it, with the tests that need more than npm', () => {
    const command = 'npm ci && npm test';
    const codeBlocks = [...read('README.md').matchAll(/^```\w*\n(.*?)^```$/gms)].map((block) => block[1]!);
    expect(codeBlocks.flatMap(linesOf)).toContain(command);
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const more = Object.values(scripts).flatMap(
      (script) => /--testMatch '<rootDir>\/test\/[\w*]+\/\*\.(\w+)\.ts'/.exec(script)?.[1] ?? [],
    );
    expect(more.length).toBeGreaterThan(1);
    const [, kinds = ''] = /^npm ci && npm test -- --testMatch '<rootDir>\/test\/\*\*\/\*\.\{(.*)\}\.ts'$/.exec(
      linesOf(read('.ci/run')).at(-1)!,
    )!;
    expect(kinds.split(',').sort()).toEqual(['test', ...more].sort());
    expect(statSync(join(ROOT, '.ci/run')).mode & 0o100).toBe(0o100);
  });

  test('has at most 150 lines', () => {
    expect(linesOf(read('README.md')).length).toBeLessThanOrEqual(150);
  });
});

describe('text', () => {
  /** Folders of one machine, and papers that lie beside the checkout and not in it. */
  const ELSEWHERE = /(?<![\w.-])\/(?:work|farm)\/|\.\.\/shared\/(?:DESIGN|STYLE|COMPONENTS|FACTS|samples)\b/;

  test('names nothing outside of the repository', () => {
    const hits = tracked.flatMap((path) => {
      const text = read(path);
      if (text.includes('\0')) return [];
      return linesOf(text).flatMap((line, i) => (ELSEWHERE.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []));
    });
    expect(hits).toEqual([]);
  });

  test.each([
    [['', 'work', 'main'], true],
    [['see ', 'farm', 'x'], true],
    [['..', 'shared', 'DESIGN.md'], true],
    [['services', 'work', 'a.ts'], false],
    [['..', 'shared', 'usage', 'usage.ts'], false],
  ])('%j is noticed: %s', (parts, noticed) => {
    expect(ELSEWHERE.test(parts.join('/'))).toBe(noticed);
  });
});

describe('TypeScript files', () => {
  const lengths = tracked
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, lines: linesOf(read(path)).length }))
    .sort((a, b) => a.lines - b.lines);

  test('outside test/ have at most 350 lines', () => {
    expect(lengths.filter(({ path, lines }) => !path.startsWith('test/') && lines > 350)).toEqual([]);
  });

  test('outside test/ have a median of at most 120 lines', () => {
    const program = lengths.filter(({ path }) => !path.startsWith('test/'));
    expect(program[Math.floor(program.length / 2)]!.lines).toBeLessThanOrEqual(120);
  });
});
