/**
 * The one style of our own pages, in the shop's colours by day and by night. Calm, in one column, with targets
 * of 44 px and more; it mirrors itself from right to left by logical properties. Colours come checked from
 * `core/brand.ts`, so that nothing else can come in with them.
 */
import type { Brand, Palette } from '#core/brand'

const day: Required<Palette> = {
  ink: '#22252b',
  soft: '#5b616e',
  accent: '#22252b',
  onAccent: '#ffffff',
  tint: '#efede8',
  line: '#e4ded4',
  paper: '#ffffff',
  desk: '#f6f3ee',
}

const night: Required<Palette> = {
  ink: '#f3efe8',
  soft: '#b3ada2',
  accent: '#f3efe8',
  onAccent: '#171614',
  tint: '#2b2926',
  line: '#37332d',
  paper: '#211f1c',
  desk: '#171614',
}

const plainFont =
  'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans Bengali","Noto Sans Arabic",sans-serif'

const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';')

const rules = `
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;background:var(--desk);color:var(--ink);font-size:17px;line-height:1.55}
main{width:100%;max-width:520px;background:var(--paper);border:1px solid var(--line);border-radius:18px;padding:36px 32px;overflow-wrap:anywhere}
main:has(.scale.nps){max-width:640px}
.shop{margin:0 0 18px;color:var(--soft);font-size:15px;font-weight:600}
h1{margin:0 0 12px;font-size:26px;line-height:1.3;text-wrap:balance}
p{margin:0 0 20px}
form{display:grid;gap:12px;margin:0}
form+form{margin-top:12px}
fieldset{margin:0 0 12px;padding:0;border:0;min-width:0}
legend{padding:0;margin-bottom:8px;color:var(--soft);font-size:15px;font-weight:600}
button{width:100%;min-height:52px;padding:12px 18px;border-radius:12px;border:1px solid var(--accent);background:var(--accent);color:var(--onAccent);font:inherit;font-weight:600;cursor:pointer;overflow-wrap:anywhere}
button.plain{background:transparent;color:var(--ink);border-color:var(--soft);font-weight:500}
button:focus-visible,a:focus-visible,textarea:focus-visible,input:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
.choice{display:flex;gap:14px;align-items:flex-start;min-height:52px;padding:13px 0;border-top:1px solid var(--line);cursor:pointer}
legend+.choice{border-top:0}
.choice input{flex:none;width:24px;height:24px;margin:1px 0 0;accent-color:var(--accent)}
.choice small{display:block;color:var(--soft);font-size:15px}
.notice{margin:0 0 20px;padding:14px 16px;border-radius:12px;background:var(--tint);font-size:16px}
.notice:empty{display:none}
.scale{display:grid;gap:4px;grid-template-columns:repeat(6,1fr)}
.scale.ces{grid-template-columns:repeat(5,1fr);gap:8px}
.scale label{position:relative;cursor:pointer}
.scale input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
.scale span{display:grid;place-items:center;min-height:48px;border:1px solid var(--soft);border-radius:10px;font-weight:600}
.scale input:checked+span{background:var(--accent);border-color:var(--accent);color:var(--onAccent)}
.scale input:focus-visible+span{outline:3px solid var(--accent);outline-offset:3px}
.ends{display:flex;justify-content:space-between;gap:16px;margin:8px 0 12px;color:var(--soft);font-size:15px}
.ends :last-child{text-align:end}
.comment{display:grid;gap:4px;margin-bottom:8px}
.comment small{color:var(--soft);font-size:15px}
textarea{width:100%;min-height:104px;padding:12px 14px;border:1px solid var(--soft);border-radius:12px;background:var(--paper);color:var(--ink);font:inherit;resize:vertical}
.note{margin:24px 0 0;color:var(--soft);font-size:15px}
.note+.note{margin-top:8px}
a{color:inherit;display:inline-block;padding:12px 0}
@media (min-width:672px){.scale.nps{grid-template-columns:repeat(11,1fr)}}
@media (max-width:420px){main{padding:28px 24px}}
`

/** The style of a page: the shop's colours and font where it has any. */
export function styleOf(brand: Brand | undefined): string {
  const light = variables({ ...day, ...brand?.day })
  const dark = variables({ ...night, ...brand?.night })
  return `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
body{font-family:${brand?.font ?? plainFont}}${rules}`
}
