/** Rows of orders as shops export them, put together and read. */
import { describe, expect, it } from 'vitest'
import { orderColumns } from '#core/import/columns'
import { orderGatherer, orderItem } from '#core/import/order'

const options = {
  fingerprint: 'file',
  now: '2026-11-24T13:00:00.000Z',
  status: undefined,
  consentSource: undefined,
}

const itemsOf = (header: string, ...rows: string[]) => {
  const { columns, problems } = orderColumns(header.split(','), new Map())
  expect(problems).toEqual([])
  const gatherer = orderGatherer(columns)
  const whole = rows.map((cells, index) => gatherer.take({ row: index + 2, cells: cells.split(',') }))
  return [...whole, gatherer.end()].flatMap((one) => (one ? [orderItem(columns, one, options)] : []))
}

const header = 'order_id,email,at,total,currency,sku,name,price,qty'

describe('orders', () => {
  it('of several rows are one, with the cells that only its first row has', () => {
    const items = itemsOf(
      header,
      'o-1,mia@example.com,2024-05-31 10:00,30.50,eur,A,Tea,10.50,1',
      'o-1,,,,,B,Cup,10,2',
      'o-2,noor@example.com,2024-06-01,5,EUR,,Spoon,5,',
    )

    expect(items.map(({ standing, row }) => [standing, row])).toEqual([
      ['order', 2],
      ['order', 4],
    ])
    expect(items[0]?.calls).toMatchObject([
      {
        event: 'Order Completed',
        timestamp: '2024-05-31T10:00:00.000Z',
        properties: {
          order_id: 'o-1',
          total: 30.5,
          currency: 'EUR',
          products: [
            { sku: 'A', name: 'Tea', price: 10.5, quantity: 1 },
            { sku: 'B', name: 'Cup', price: 10, quantity: 2 },
          ],
        },
        context: { history: true, traits: { email: 'mia@example.com' } },
      },
    ])
    expect(items[1]?.calls[0]?.properties).toMatchObject({ products: [{ product_id: 'Spoon', price: 5 }] })
  })

  it('of Shopify are known by their columns', () => {
    const [paid, voided] = itemsOf(
      'Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at',
      '#1001,mia@example.com,paid,BDT,1850.00,2024-05-31 10:00:00 +0600,1,Sari,1850.00,S-1,',
      '#1002,mia@example.com,voided,BDT,10.00,2024-05-31 10:00:00 +0600,1,Sari,10.00,S-1,',
    )

    expect(paid?.calls[0]).toMatchObject({
      timestamp: '2024-05-31T04:00:00.000Z',
      properties: { order_id: '#1001', total: 1850 },
    })
    expect(voided).toMatchObject({ standing: 'left out', calls: [] })
  })

  it.each([
    ['o-1,mia@example.com,31.5.2024,5,EUR,,,,', 'is no time in the past'],
    ['o-1,mia@example.com,2027-05-31,5,EUR,,,,', 'is no time in the past'],
    ['o-1,nobody,2024-05-31,5,EUR,,,,', 'is no e-mail address'],
    ['o-1,,2024-05-31,5,EUR,,,,', 'names nobody'],
    [',mia@example.com,2024-05-31,5,EUR,,,,', 'has no id'],
  ])('like %j are refused', (row, what) => {
    const [item] = itemsOf(header, row)

    expect(item).toMatchObject({ standing: 'refused', calls: [] })
    expect(item?.notes).toContainEqual(expect.objectContaining({ what: expect.stringContaining(what) }))
  })

  it('leave out an amount that could mean two', () => {
    const [item] = itemsOf(
      'order_id;email;at;total'.replaceAll(';', ','),
      'o-1,a@b.example,2024-05-31,5.00 €',
    )

    expect(item?.calls[0]?.properties).toEqual({ order_id: 'o-1' })
    expect(item?.notes[0]).toMatchObject({ kind: 'note', cure: 'write it as 1234.50' })
  })
})
