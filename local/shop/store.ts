/**
 * The sample shop's database: accounts, orders and visitors with their carts, in memory and in one file of the
 * data folder, written whole after each change and put in place by a rename. Next: `backend.ts`.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Currency } from './catalog.ts'

export type Account = {
  userId: string
  email: string
  name: string
  locale: string
  timeZone: string
  /** Whether she said yes to mails. */
  marketing: boolean
}

export type Cart = { id: string; currency: Currency; lines: Record<string, number> }

/** Whom a call is about, in the words of the Segment specification: an account, else the guest of an address. */
export type Who =
  | { userId: string; anonymousId: string }
  | { userId?: undefined; anonymousId: string; context?: { traits: { email: string } } }

export type Order = {
  orderId: string
  at: string
  currency: Currency
  total: number
  lines: { id: string; quantity: number; price: number }[]
  /** Whose it is, whoever sits at the browser later. */
  who: Who
  visitorId: string
  returnedAt?: string
}

export type Guest = Omit<Account, 'userId'>

/** Somebody at a browser: its cookie, her cart, and who she said she is. */
export type Visitor = { id: string; cart: Cart; userId?: string; guest?: Guest }

type Kept = { accounts: Account[]; orders: Order[]; visitors: Visitor[] }

const MOST_VISITORS = 1000

export class ShopStore {
  private readonly file: string
  private readonly accounts = new Map<string, Account>()
  private readonly visitors = new Map<string, Visitor>()
  private orders: Order[] = []

  /** Reads what an earlier run kept; a file that is damaged or missing makes an empty shop. */
  constructor(file: string) {
    this.file = file
    try {
      const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept
      for (const account of kept.accounts) this.accounts.set(account.email, account)
      for (const visitor of kept.visitors) this.visitors.set(visitor.id, visitor)
      // An older shop did not keep whose an order was.
      this.orders = kept.orders.filter(({ who }) => who !== undefined)
    } catch {
      this.accounts.clear()
    }
  }

  accountBy(email: string): Account | undefined {
    return this.accounts.get(email.toLowerCase())
  }

  accountOf(userId: string | undefined): Account | undefined {
    return [...this.accounts.values()].find((account) => account.userId === userId)
  }

  putAccount(account: Account): void {
    this.accounts.set(account.email.toLowerCase(), account)
    this.keep()
  }

  visitor(id: string): Visitor | undefined {
    return this.visitors.get(id)
  }

  /** The oldest visitors make room: a shop keeps carts of a browser for a while only. */
  putVisitor(visitor: Visitor): void {
    this.visitors.delete(visitor.id)
    this.visitors.set(visitor.id, visitor)
    const [oldest] = this.visitors.keys()
    if (this.visitors.size > MOST_VISITORS && oldest !== undefined) this.visitors.delete(oldest)
    this.keep()
  }

  dropVisitor({ id }: Visitor): void {
    this.visitors.delete(id)
    this.keep()
  }

  /** Her orders, newest first: of her account, or of this browser's guest. */
  ordersOf({ id, userId }: Visitor): Order[] {
    const mine = (order: Order) =>
      order.who.userId === userId && (userId !== undefined || order.visitorId === id)
    return this.orders.filter(mine).reverse()
  }

  putOrder(order: Order): void {
    this.orders = [...this.orders.filter(({ orderId }) => orderId !== order.orderId), order]
    this.keep()
  }

  private keep(): void {
    const kept: Kept = {
      accounts: [...this.accounts.values()],
      orders: this.orders,
      visitors: [...this.visitors.values()],
    }
    writeFileSync(`${this.file}.new`, JSON.stringify(kept), { mode: 0o600 })
    renameSync(`${this.file}.new`, this.file)
  }
}
