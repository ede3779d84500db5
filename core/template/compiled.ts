/**
 * A compiled mail: pure data, made once a release by `adapters/mjml.ts` and walked for every recipient by
 * `core/template/render.ts`. It holds no code, no MJML and no Handlebars; how a value is escaped was decided
 * from its place when it was compiled. Frames are absolute: 0 is the view, 1 the outermost loop's element.
 */
import * as z from 'zod'

/** How a printed value is made safe: by where it stands. A label is an attribute or title that people read. */
export const Context = z.enum(['text', 'label', 'attribute', 'plain', 'css', 'cssUrl', 'url', 'urlPart'])
export type Context = z.infer<typeof Context>

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const Loop = z.enum(['index', 'first', 'last', 'key'])
/** What the mail itself knows: its language and direction, and which side lines start and end on. */
const Own = z.enum(['language', 'direction', 'start', 'end'])

export type Expression =
  | { value: z.infer<typeof Scalar> }
  | { path: string[]; frame: number }
  | { loop: z.infer<typeof Loop>; frame: number }
  | { own: z.infer<typeof Own> }
  | { call: string; with: Expression[]; named?: Record<string, Expression> | undefined }

export const Expression: z.ZodType<Expression> = z.lazy(() =>
  z.union([
    z.object({ value: Scalar }),
    z.object({ path: z.array(z.string()), frame: z.number() }),
    z.object({ loop: Loop, frame: z.number() }),
    z.object({ own: Own }),
    z.object({
      call: z.string(),
      with: z.array(Expression),
      named: z.record(z.string(), Expression).optional(),
    }),
  ]),
)

export type Node =
  | string
  | { print: Expression; as: Context }
  | { if: Expression; yes: Tree; no: Tree }
  /** Walks a list; inside `do`, frame `frame` is the element. */
  | { each: Expression; frame: number; limit?: Expression | undefined; do: Tree; none: Tree }
  | { with: Expression; frame: number; do: Tree; none: Tree }
  /** A URL made of its parts: checked as a whole, and given to click tracking when `track` is set. */
  | { url: Tree; track: boolean; as: 'attribute' | 'plain' | 'note' }

/** Nodes in the order they are printed. */
export type Tree = Node[]

export const Tree: z.ZodType<Tree> = z.lazy(() =>
  z.array(
    z.union([
      z.string(),
      z.object({ print: Expression, as: Context }),
      z.object({ if: Expression, yes: Tree, no: Tree }),
      z.object({ each: Expression, frame: z.number(), limit: Expression.optional(), do: Tree, none: Tree }),
      z.object({ with: Expression, frame: z.number(), do: Tree, none: Tree }),
      z.object({ url: Tree, track: z.boolean(), as: z.enum(['attribute', 'plain', 'note']) }),
    ]),
  ),
)

export const CompiledMail = z.object({
  schema: z.literal(1),
  subject: Tree,
  preheader: Tree,
  /** The display name it comes from; without, the stage's own. */
  from: Tree.optional(),
  html: Tree,
  text: Tree,
  /** Locale → key → the message's syntax tree (ICU MessageFormat, parsed at publish). */
  strings: z.record(z.string(), z.record(z.string(), z.array(z.unknown()))),
  /** The locale that stands in where a translation is missing. */
  fallback: z.string(),
  /** Every field of the view that the mail reads, e.g. `cart.items[].name`. */
  variables: z.array(z.string()),
  /** Fields without which the mail makes no sense: `missingFrom` names those a view lacks. */
  required: z.array(z.string()),
  /** Bytes of the HTML that are the same for everybody. */
  htmlBytes: z.number(),
})
export type CompiledMail = z.infer<typeof CompiledMail>
