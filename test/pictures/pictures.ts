/**
 * Pictures of what a person sees, of the sample: the report at three widths, light, dark and printed, its mail at two, the terminal at
 * three, and a cast of it for asciinema. `npm run pictures -- FOLDER` writes all of them; `-- --readme` the two of the README. Needs Chromium and `script` of util-linux.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import PostalMime from 'postal-mime';

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'services/command-line/bin/stale-sg.js');
const [target = ''] = process.argv.slice(2);
const forReadme = target === '--readme';
const out = forReadme ? join(ROOT, 'docs/pictures') : target;
if (out === '') throw new Error('give a folder for the pictures, or --readme');
mkdirSync(out, { recursive: true });

const work = mkdtempSync(join(tmpdir(), 'stale-sg-pictures-'));
const shop = join(work, 'shop');
const run = (args: readonly string[]): void => {
  const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};
run(['demo', '--out', shop, '--quiet']);

const browser = await chromium.launch({
  executablePath: process.env.STALE_SG_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const SCHEMES = ['light', 'dark'] as const;
const page = pathToFileURL(join(shop, 'report.html')).href;

interface Shot {
  readonly name: string;
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  readonly media?: 'print';
  readonly whole?: boolean;
}

async function shoot({ name, url, width, height, scheme, media, whole = true }: Shot): Promise<void> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    deviceScaleFactor: forReadme ? 1.5 : 1,
  });
  const opened = await context.newPage();
  if (media) await opened.emulateMedia({ media });
  await opened.goto(url);
  await opened.waitForTimeout(500);
  await opened.screenshot({ path: join(out, `${name}.png`), fullPage: whole });
  await context.close();
}

/** What a terminal of so many columns shows, colours and all. */
function terminal(width: number): string {
  const command = `stty cols ${String(width)}; '${process.execPath}' '${BIN}' demo --no-open --out '${shop}'`;
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8' });
  const shown = stdout.slice(stdout.lastIndexOf('\u001b[2K') + 4).replaceAll('\r', '');
  const styles: Readonly<Record<string, string>> = {
    1: 'font-weight:bold',
    31: 'color:#ff8a70',
    32: 'color:#6fd08c',
    33: 'color:#e0b050',
    34: 'color:#8fb4ff',
    35: 'color:#d79bf0',
    36: 'color:#64d0d8',
    90: 'color:#a0a6ad',
  };
  const escaped = shown.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const html = escaped.replace(/\u001b\[(\d+)m/g, (_, code: string) =>
    styles[code] ? `<span style="${styles[code]}">` : '</span>',
  );
  return `<!doctype html><meta charset="utf-8"><body style="margin:16px;background:#14171b;color:#e6e8ea"><pre style="font:14px/1.4 DejaVu Sans Mono,monospace;width:${String(width)}ch">${html}</pre>`;
}

/** What a terminal shows, with its times: https://docs.asciinema.org/manual/asciicast/v2/ */
async function cast(width: number): Promise<string> {
  const typed = 'npx stale-sg demo';
  const command = `stty cols ${String(width)}; '${process.execPath}' '${BIN}' demo --no-open --out '${shop}'`;
  const events: [number, 'o', string][] = `$ ${typed}\r\n`.split('').map((letter, i) => [i * 0.06, 'o', letter]);
  const began = performance.now() - 1000 * events.at(-1)![0];
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    events.push([(performance.now() - began) / 1000, 'o', text]);
  });
  await once(child, 'close');
  const head = { version: 2, width, height: 40, title: typed, env: { TERM: 'xterm-256color' } };
  return [head, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');
}

if (forReadme) {
  for (const scheme of SCHEMES) {
    await shoot({ name: `report-${scheme}`, url: page, width: 1200, height: 960, scheme, whole: false });
  }
} else {
  for (const width of [1440, 1024, 390]) {
    for (const scheme of SCHEMES) {
      for (const view of ['', '#rules', '#plan', '#maps']) {
        const name = `report-${String(width)}-${scheme}${view.replace('#', '-')}`;
        await shoot({ name, url: `${page}${view}`, width, height: 900, scheme });
      }
    }
  }
  await shoot({ name: 'print', url: `${page}#rules`, width: 1123, height: 794, scheme: 'light', media: 'print' });
  const mail = join(work, 'mail.eml');
  const sample = ['logs', 'weeks-before'].map((name) => join(shop, 'sample', name));
  run([
    'analyze',
    '--inventory',
    join(shop, 'sample/inventory'),
    '--logs',
    ...sample,
    '--out',
    join(work, 'out'),
    '--mail-to-file',
    mail,
    '--quiet',
  ]);
  const { html, text } = await PostalMime.parse(readFileSync(mail));
  writeFileSync(join(work, 'mail.html'), html!);
  writeFileSync(join(out, 'mail.txt'), text!);
  for (const width of [600, 390]) {
    for (const scheme of SCHEMES) {
      const url = pathToFileURL(join(work, 'mail.html')).href;
      await shoot({ name: `mail-${String(width)}-${scheme}`, url, width, height: 900, scheme });
    }
  }
  writeFileSync(join(out, 'demo.cast'), await cast(80));
  for (const width of [60, 80, 140]) {
    writeFileSync(join(work, 'terminal.html'), terminal(width));
    const url = pathToFileURL(join(work, 'terminal.html')).href;
    await shoot({ name: `terminal-${String(width)}`, url, width: width * 9 + 40, height: 900, scheme: 'dark' });
  }
}
await browser.close();
rmSync(work, { recursive: true });
