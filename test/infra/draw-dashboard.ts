/**
 * Draws a dashboard's grid as SVG: titles, legends and alarms as they are, the lines made up (the same at every
 * run), since there is nothing to measure here.
 */

export interface DrawnWidget {
  type: 'text' | 'alarm' | 'metric'
  x: number
  y: number
  width: number
  height: number
  title: string
  words: string
  lines: readonly string[]
  alarms: readonly string[]
}

const cell = { width: 46, height: 38 }
const gap = 6
const colours = ['#1f77b4', '#2ca02c', '#ff7f0e', '#d62728', '#9467bd', '#8c564b', '#e377c2', '#17becf']
const points = 48

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const write = (at: { x: number; y: number; size?: number; fill?: string; weight?: string }, text: string) =>
  `<text x="${at.x}" y="${at.y}" font-size="${at.size ?? 12}" fill="${at.fill ?? '#16191f'}"` +
  `${at.weight ? ` font-weight="${at.weight}"` : ''}>${escaped(text)}</text>`

/** A number in [0, 1) that depends on the text only. */
function seeded(text: string): () => number {
  let seed = [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 2_147_483_647, 7)
  return () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
}

/** A line of a day: low at night, high in the evening; what counts mishaps lies at the bottom. */
function lineOf(label: string, box: { x: number; y: number; width: number; height: number }): string {
  const next = seeded(label)
  const isRare = /dead|throttl|5xx|failed|bounc|complain|catalog/.test(label)
  const level = isRare ? 0.02 : 0.25 + next() * 0.55
  const spots = Array.from({ length: points }, (_, index) => {
    const day = 0.5 - 0.5 * Math.cos((index / points) * 2 * Math.PI + 0.4)
    const value = level * (0.25 + 0.75 * day) * (0.85 + 0.3 * next())
    const x = box.x + (box.width * index) / (points - 1)
    return `${x.toFixed(1)},${(box.y + box.height * (1 - value)).toFixed(1)}`
  })
  return spots.join(' ')
}

function graph({ title, lines }: DrawnWidget, box: { x: number; y: number; width: number; height: number }) {
  const plot = { x: box.x + 14, y: box.y + 32, width: box.width - 28, height: box.height - 78 }
  const rules = [0, 1, 2, 3].map((index) => {
    const y = plot.y + (plot.height * index) / 3
    return `<line x1="${plot.x}" x2="${plot.x + plot.width}" y1="${y}" y2="${y}" stroke="#e9ebed"/>`
  })
  const drawn = lines.map(
    (label, index) =>
      `<polyline points="${lineOf(label, plot)}" fill="none" stroke="${colours[index % colours.length]}" stroke-width="1.5"/>`,
  )
  const legend = legendOf(lines, { x: plot.x, y: plot.y + plot.height + 18, width: plot.width })
  return [write({ x: box.x + 12, y: box.y + 20, weight: '600' }, title), ...rules, ...drawn, ...legend]
}

/** The names of the lines in at most two rows; what does not fit is counted. */
function legendOf(lines: readonly string[], at: { x: number; y: number; width: number }): string[] {
  const parts: string[] = []
  let { x, y } = at
  for (const [index, label] of lines.entries()) {
    const width = 18 + label.length * 5.6
    if (x + width > at.x + at.width && y > at.y) {
      parts.push(write({ x, y, size: 10, fill: '#5f6b7a' }, `+ ${lines.length - index}`))
      break
    }
    if (x + width > at.x + at.width - 24 && y === at.y) {
      x = at.x
      y += 16
    }
    parts.push(
      `<rect x="${x}" y="${y - 8}" width="9" height="9" rx="1" fill="${colours[index % colours.length]}"/>`,
      write({ x: x + 12, y, size: 10, fill: '#414d5c' }, label),
    )
    x += width
  }
  return parts
}

function alarms(widget: DrawnWidget, box: { x: number; y: number; width: number }): string[] {
  const columns = 5
  const width = (box.width - 24) / columns
  const boxes = widget.alarms.map((arn, index) => {
    const name = arn.replace(/^Alarm|\.Arn$/g, '')
    const x = box.x + 12 + (index % columns) * width
    const y = box.y + 32 + Math.floor(index / columns) * 36
    return (
      `<rect x="${x}" y="${y}" width="${width - 6}" height="30" rx="4" fill="#f2fcf3" stroke="#2ca02c"/>` +
      write({ x: x + 8, y: y + 19, size: 11 }, name)
    )
  })
  return [write({ x: box.x + 12, y: box.y + 20, weight: '600' }, widget.title), ...boxes]
}

/** Markdown as it comes: headings bold, the rest broken by words. */
function words({ words: markdown }: DrawnWidget, box: { x: number; y: number; width: number }): string[] {
  const perLine = Math.floor((box.width - 24) / 6.2)
  const parts: string[] = []
  let y = box.y + 28
  for (const line of markdown.split('\n')) {
    const isTitle = line.startsWith('# ')
    const plain = line.replace(/^# |`/g, '')
    for (const piece of broken(plain, perLine)) {
      parts.push(write({ x: box.x + 14, y, size: isTitle ? 18 : 12, weight: isTitle ? '600' : '400' }, piece))
      y += isTitle ? 24 : 18
    }
  }
  return parts
}

function broken(text: string, most: number): string[] {
  const lines = ['']
  for (const word of text.split(/`| /).filter((one) => one !== '')) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + word.length >= most) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}

const draw = { text: words, alarm: alarms, metric: graph } as const

/** The picture of a dashboard. */
export function drawDashboard(widgets: readonly DrawnWidget[]): string {
  const width = 24 * cell.width
  const height = Math.max(...widgets.map((widget) => widget.y + widget.height)) * cell.height
  const drawn = widgets.map((widget) => {
    const box = {
      x: widget.x * cell.width + gap,
      y: widget.y * cell.height + gap,
      width: widget.width * cell.width - 2 * gap,
      height: widget.height * cell.height - 2 * gap,
    }
    const frame = `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="6" fill="#fff" stroke="#d5dbdb"/>`
    return [frame, ...draw[widget.type](widget, box)].join('\n')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Helvetica, Arial, sans-serif" role="img" aria-label="The CloudWatch dashboard of a stage, with made-up lines">
<rect width="${width}" height="${height}" fill="#f2f3f3"/>
${drawn.join('\n')}
</svg>
`
}
