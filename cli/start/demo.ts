/**
 * The sample customers of a first `npm start`: five people in five languages of name and two of mail, one of
 * whom left a cart behind. They come in through the same door as anybody's, `/v1`, with the server key.
 */
interface Sample {
  userId: string
  traits: Record<string, unknown>
  topics?: string[]
}

const samples: Sample[] = [
  {
    userId: 'mia',
    traits: {
      firstName: 'Mia',
      lastName: 'Lindqvist',
      email: 'mia@example.com',
      locale: 'en',
      timezone: 'Europe/Stockholm',
      birthday: '1991-06-21',
      interests: ['linen', 'gardening'],
    },
  },
  {
    userId: 'nusrat',
    traits: {
      firstName: 'নুসরাত',
      lastName: 'জাহান',
      email: 'nusrat@example.com',
      locale: 'bn-BD',
      timezone: 'Asia/Dhaka',
      birthday: '1996-02-29',
    },
  },
  {
    userId: 'jose',
    traits: {
      firstName: "José 'Pepe'",
      lastName: 'Núñez',
      email: 'jose@example.com',
      locale: 'es-MX',
      timezone: 'America/Mexico_City',
      birthday: '1984-11-02',
    },
    topics: ['loyalty'],
  },
  {
    userId: 'noor',
    traits: {
      firstName: 'نور',
      lastName: 'حداد',
      email: 'noor@example.com',
      locale: 'ar',
      timezone: 'Asia/Beirut',
    },
  },
  { userId: 'sam', traits: { email: 'sam@example.com', locale: 'en', timezone: 'Europe/London' } },
]

const cart = {
  cart_id: 'cart-of-mia',
  currency: 'EUR',
  value: 107.5,
  products: [
    { product_id: 'fen-cardigan', name: 'Fen cardigan', category: 'Wear', price: 89, quantity: 1 },
    { product_id: 'morning-mug', name: 'Morning mug', category: 'Table', price: 18.5, quantity: 1 },
  ],
}

type Call = Record<string, unknown> & { type: string }

/** What is said about them. */
function calls(url: string): Call[] {
  const linked = {
    ...cart,
    url: `${url}/shop/cart`,
    products: cart.products.map((one) => ({ ...one, ...linksOf(url, one) })),
  }
  return [
    ...samples.map(({ userId, traits }) => ({ type: 'identify', userId, traits })),
    ...samples
      .filter(({ userId }) => userId !== 'sam')
      .map(({ userId, topics }) => ({
        type: 'track',
        event: 'Consent Given',
        userId,
        properties: { source: 'sign-up form', ...(topics && { topics }) },
      })),
    {
      type: 'track',
      event: 'Order Completed',
      userId: 'jose',
      context: { history: true },
      properties: {
        order_id: 'order-of-jose',
        currency: 'EUR',
        total: 129,
        products: [
          { product_id: 'harvest-quilt', name: 'Harvest quilt', category: 'Home', price: 129, quantity: 1 },
        ],
      },
    },
    { type: 'track', event: 'Cart Updated', userId: 'mia', properties: linked },
  ].map((call, index) => ({ messageId: `demo-${index}`, ...call }))
}

const linksOf = (url: string, product: { product_id: string }) => ({
  url: `${url}/shop/p/${product.product_id}`,
  image_url: `${url}/pictures/${product.product_id}.svg`,
})

/** Lets the sample customers come in. Safe to repeat. Fails with what was answered. */
export async function addSamples(runtime: { url: string; serverKey: string }): Promise<number> {
  const response = await fetch(`${runtime.url}/v1/batch`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${runtime.serverKey}:`).toString('base64')}`,
    },
    body: JSON.stringify({ batch: calls(runtime.url) }),
  })
  const answer = (await response.json().catch(() => ({}))) as { success?: boolean }
  if (!response.ok || answer.success === false)
    throw new Error(`the sample customers were not taken: ${response.status} ${JSON.stringify(answer)}`)
  return samples.length
}
