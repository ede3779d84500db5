/**
 * Where a redirect must never lead, in the spellings that got past others: another host, another scheme, a user
 * name that looks like the shop, dots and slashes of other scripts, control characters, encodings of encodings.
 * Used by `redirect.test.ts`.
 */
const evil = 'evil.example'
const shop = 'shop.example'

const hosts = [
  `//${evil}`,
  `///${evil}`,
  `////${evil}`,
  `/\\${evil}`,
  `\\\\${evil}`,
  `\\/${evil}`,
  `/\t/${evil}`,
  `/\n/${evil}`,
  `http:${evil}`,
  `https:${evil}`,
  `https:/${evil}`,
  `https:\\\\${evil}`,
  `https:///${evil}`,
  `https://${evil}`,
  `HTTPS://${evil.toUpperCase()}`,
  `https://${evil}:443`,
  `https://${evil}.`,
  `https://${evil}/${shop}`,
  `https://${evil}?${shop}`,
  `https://${evil}#${shop}`,
  `https://${evil}\\${shop}`,
  `https://${evil}@${shop}/`,
  `https://login:${evil}@${shop}/`,
  `https://${shop}@${evil}`,
  `https://${shop}:443@${evil}`,
  `https://${shop}%40${evil}`,
  `https://${shop}%2f@${evil}`,
  `https://${shop}\\@${evil}`,
  `https://${shop}/@${evil}/..`,
  `https://${shop}.${evil}`,
  `https://${shop}${evil}`,
  `https://not${shop}`,
  `https://${shop.replace('.', '-')}.${evil}`,
  `https://${shop};${evil}`,
  `https://${shop}%00.${evil}`,
  `https://${shop}\u0000.${evil}`,
  `https://${shop}%0d%0a.${evil}`,
  `https://${evil}\u3002com`,
  `https://evil\uff0eexample`,
  `https://evil\uff61example`,
  `https://ｅｖｉｌ.example`,
  `https://ѕhop.example`,
  `https://sh\u043ep.example`,
  `https://shop\u200b.example.${evil}`,
  'https://2130706433/',
  'https://0x7f.1/',
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://[::ffff:169.254.169.254]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://localhost:4400/_local/clock',
] as const

const schemes = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  'java\nscript:alert(1)',
  ' javascript:alert(1)',
  '\u0001javascript:alert(1)',
  'javascript&colon;alert(1)',
  `javascript://${shop}/%0aalert(1)`,
  'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PHNjcmlwdD4=',
  'vbscript:msgbox(1)',
  `blob:https://${evil}/1`,
  'file:///etc/passwd',
  `ftp://${evil}/`,
  `ws://${evil}/`,
  'about:blank',
  'view-source:https://evil.example',
  'intent://evil.example#Intent;scheme=https;end',
  'tel:+1900',
  `mailto:x@${evil}`,
  'chrome://settings',
  `jar:https://${evil}!/`,
] as const

const lines = [
  `https://${shop}/\r\nLocation: https://${evil}`,
  `https://${shop}/%0d%0aLocation:%20https://${evil}`,
  `https://${shop}/\nSet-Cookie: a=b`,
  `https://${shop}/\u2028Location: https://${evil}`,
  `https://${shop}/\u0085Location: https://${evil}`,
  `https://${shop}/嘊嘍Location: https://${evil}`,
  `\r\nLocation: https://${evil}`,
] as const

const respelt: ((url: string) => string)[] = [
  (url) => url,
  encodeURIComponent,
  (url) => encodeURIComponent(encodeURIComponent(url)),
  (url) => ` ${url}`,
  (url) => `\t${url}\n`,
]

/** At least two hundred, each once. */
export const redirects: readonly string[] = [
  ...new Set([...hosts, ...schemes, ...lines].flatMap((url) => respelt.map((spell) => spell(url)))),
]
