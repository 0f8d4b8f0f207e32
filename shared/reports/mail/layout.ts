import { BLUES, inkOn } from '../heat-scale.ts';
import { html, Html } from './html.ts';
import { VERDICT_COLOURS } from './verdict-colours.ts';

/** Pairs of text and background with a contrast of 4.5 or more; in the dark the classes take over. */
export const INK = 'color:#17222f';
export const MUTED = 'color:#556170';
const FONT = 'font-family:-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica,Arial,sans-serif';
const LINE = 'border-color:#dde3ea';

/** Programs that know no media queries show the light colours, which are complete without it. */
const DARK = new Html(`<style>
@media (prefers-color-scheme: dark) {
  .page { background:#0e141b !important }
  .card { background:#18212b !important; border-color:#2b3845 !important }
  .ink, .ink a { color:#e8edf3 !important }
  .muted { color:#a3b0bf !important }
  .line { border-color:#2b3845 !important }
  .link { color:#8ec2ff !important }
  .zero { background:#222e3a !important; color:#a3b0bf !important }
  .info { background:#12294a !important; color:#cfe3ff !important }
  .warn { background:#3a2a0c !important; color:#ffdf9e !important }
  .bad { background:#45181a !important; color:#ffc9c6 !important }
${BLUES.dark.map((colour, i) => `  .h${i} { background:${colour} !important; color:${inkOn(colour)} !important }`).join('\n')}
${Object.entries(VERDICT_COLOURS)
  .map(([kind, [, dark]]) => `  .v-${kind} { background:${dark} !important }`)
  .join('\n')}
}
</style>`);

/** Outlook on Windows knows no `max-width`. */
const ghost = (inside: Html): Html =>
  html`${new Html('<!--[if mso]><table role="presentation" width="680" align="center" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->')}${inside}${new Html('<!--[if mso]></td></tr></table><![endif]-->')}`;

export interface MailPage {
  readonly title: string;
  /** What a list of mails shows behind the subject. */
  readonly preview: string;
  readonly heading: string;
  readonly subheading: string;
  /** Background of the heading. */
  readonly colour: string;
  readonly sections: readonly Html[];
  readonly footer: Html;
}

/** A mail as tables with their styles inside: no script, no picture, nothing that is loaded from elsewhere. */
export function page({ title, preview, heading, subheading, colour, sections, footer }: MailPage): string {
  const body = html`<table
    role="presentation"
    width="100%"
    cellpadding="0"
    cellspacing="0"
    border="0"
    style="max-width:680px;margin:0 auto;${FONT}"
  >
    <tr>
      <td style="background:${colour};padding:22px 20px;border-radius:10px 10px 0 0">
        <h1 style="word-break:break-word;margin:0;font-size:20px;line-height:26px;color:#ffffff;font-weight:700">
          ${heading}
        </h1>
        <p style="margin:6px 0 0;font-size:13px;line-height:19px;color:#e3ebf5">${subheading}</p>
      </td>
    </tr>
    ${sections}
    <tr>
      <td class="muted" style="padding:18px 20px;font-size:12px;line-height:18px;${MUTED}">${footer}</td>
    </tr>
  </table>`;
  return html`<!doctype html>
    <html lang="en" dir="ltr">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no" />
        <title>${title}</title>
        ${DARK}
      </head>
      <body class="page" style="margin:0;padding:0;background:#eceff3">
        <div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${preview}</div>
        <table
          role="presentation"
          class="page"
          width="100%"
          cellpadding="0"
          cellspacing="0"
          border="0"
          style="background:#eceff3"
        >
          <tr>
            <td style="padding:16px 8px">${ghost(body)}</td>
          </tr>
        </table>
      </body>
    </html> `.markup;
}

/** A block with a title, below the last one. */
export function section(title: string, ...inside: readonly Html[]): Html {
  return html`<tr>
    <td class="card" style="background:#ffffff;padding:18px 20px 16px;border:1px solid;border-top-width:0;${LINE}">
      <h2 class="ink" style="margin:0 0 10px;font-size:15px;line-height:21px;${INK}">${title}</h2>
      ${inside}
    </td>
  </tr>`;
}

export type Tone = 'info' | 'warn' | 'bad';
const TONES: Readonly<Record<Tone, string>> = {
  info: 'background:#e6f0fb;color:#12305c;border-left:5px solid #1f62ad',
  warn: 'background:#fff3d6;color:#5c3b00;border-left:5px solid #c77700',
  bad: 'background:#fde7e6;color:#7a1512;border-left:5px solid #c4271f',
};

/** Something that must not be overlooked, above all else. */
export function notice(tone: Tone, text: Html): Html {
  return html`<tr>
    <td class="${tone}" style="padding:12px 16px;font-size:14px;line-height:20px;${TONES[tone]}">${text}</td>
  </tr>`;
}

export function paragraph(text: Html): Html {
  return html`<p class="muted" style="word-break:break-word;margin:0 0 10px;font-size:13px;line-height:19px;${MUTED}">
    ${text}
  </p>`;
}

export function mailLink(target: string, text: string): Html {
  return html`<a class="link" href="${target}" style="color:#0b57a4">${text}</a>`;
}

/** Cells in a row of figures, each with its label below. */
export function tiles(figures: readonly { readonly figure: string; readonly label: string }[]): Html {
  const width = Math.floor(100 / figures.length);
  const cells = figures.map(
    ({ figure, label }) =>
      html`<td width="${width}%" valign="top" style="padding:0 6px 0 0">
        <div class="ink" style="font-size:18px;line-height:26px;font-weight:700;white-space:nowrap;${INK}">
          ${figure}
        </div>
        <div class="muted" style="font-size:12px;line-height:16px;${MUTED}">${label}</div>
      </td>`,
  );
  return html`<tr>
    <td class="card" style="background:#ffffff;padding:18px 10px 16px 20px;border:1px solid;border-top-width:0;${LINE}">
      <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed">
        <tr>
          ${cells}
        </tr>
      </table>
    </td>
  </tr>`;
}

/** One entry of a list: a mark at the left, a line in bold, lines below it. */
export function entry(mark: string, title: Html, ...lines: readonly Html[]): Html {
  const below = lines.map(
    (line) => html`<div class="muted" style="font-size:13px;line-height:19px;${MUTED}">${line}</div>`,
  );
  return html`<tr>
    <td
      class="ink line"
      width="40"
      valign="top"
      align="right"
      style="padding:9px 12px 9px 0;border-top:1px solid;${LINE};font-size:15px;line-height:21px;font-weight:700;white-space:nowrap;${INK}"
    >
      ${mark}
    </td>
    <td class="line" valign="top" style="padding:9px 0;border-top:1px solid;${LINE};word-break:break-word">
      <div class="ink" style="font-size:14px;line-height:21px;font-weight:600;${INK}">${title}</div>
      ${below}
    </td>
  </tr>`;
}

export function entries(caption: string, rows: readonly Html[]): Html {
  return html`<table
    role="presentation"
    aria-label="${caption}"
    width="100%"
    cellpadding="0"
    cellspacing="0"
    border="0"
    style="border-collapse:collapse"
  >
    ${rows}
  </table>`;
}
