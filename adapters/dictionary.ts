/**
 * What the deflated values of rows have in common, so that a small row is smaller still: a preset dictionary
 * (RFC 1951 windows primed as zlib's `deflateSetDictionary` does). It holds names and phrases, no facts.
 *
 * This text never changes: rows written with it can only be read with it. Another one needs a mark in the row.
 * What is met most often stands last. Read `adapters/dynamo-row.ts` next.
 */
const browser =
  '"campaign":{"source":"newsletter","medium":"email","name":""},"timezone":"Asia/Dhaka","referrer":"https://www.google.com/",' +
  '"search":"?utm_source=&utm_medium=&utm_campaign=","title":"","locale":"en-GB","userAgent":"Mozilla/5.0 (iPhone; CPU iPhone ' +
  'OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1","Mozilla/5.0 (Linux; ' +
  'Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36","Mozilla/5.0 (Windows NT 10.0; Win64; ' +
  'x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36","(Macintosh; Intel Mac OS X 10_15_7)",' +
  '"context":{"page":{"path":"/products/","url":"https://www.","library":{"name":"analytics.js","version":"npm:next-1.84.3"},' +
  '"ip":"0.0.0.0","@segment/analytics-node"'

const events =
  '"Products Searched","Product List Viewed","Checkout Started","Cart Viewed","Order Completed","Order Refunded","Consent Given",' +
  '"Consent Withdrawn","Identified","Page Viewed","Product Removed","Product Added","Cart Updated","Product Viewed","order_id":"",' +
  '"total":,"revenue":,"value":,"cart_id":"cart-","currency":"USD","products":[{"product_id":"","sku":"","name":"","price":,' +
  '"quantity":1,"category":"","image_url":"https://cdn.","url":"https://"}],"messageId":"ajs-next-","type":"track","name":"",' +
  '"anonymousId":"","userId":"","occurredAt":"2026-","receivedAt":"2026-","source":"browser","source":"server","source":"homeward",' +
  '"properties":{},"traits":{"email":"","firstName":"","lastName":"","phone":"","address":{"city":"","country":""},"Email Sent"'

const state =
  '{"schema":1,"customerId":"c","now":"2026-01-01T00:00:00.000Z","traits":{"email":{"value":"","at":"2026-"},"firstName":{"value":"",' +
  '"lastName":{"value":"","locale":{"value":"","timezone":{"value":"","gender":{"value":"","birthday":{"value":"","region":{"value":""},' +
  '"totals":{"orderCount":0,"paidMinor":{"BDT":0},"points":0,"firstOrderAt":"2026-","lastOrderAt":"2026-","lastSeenAt":"2026-","since":' +
  '"2026-"},"orders":[{"id":"","at":"2026-","currency":"BDT","totalMinor":,"totalAt":"2026-","refundedMinor":0,"cancelled":false,' +
  '"points":0}],"categories":{"":{"weight":1,"at":"2026-"}},"cart":{"snapshot":{"id":"","currency":"BDT","url":"https://",' +
  '"totalMinor":,"items":[],"at":"2026-"},"deltas":[{"key":"","at":"2026-","change":"added","item":{"emptiedAt":"2026-"},"recent":[{"item":' +
  '{"id":"","sku":"","name":"","url":"https://","image":"https://cdn.","priceMinor":,"currency":"BDT","quantity":1,"category":""},' +
  '"at":"2026-"}],"consent":{"givenAt":"2026-"},"runs":[{"runId":"r","journey":"abandoned-cart","key":"","release":1,"startedAt":' +
  '"2026-","touchedAt":"2026-","eventId":"","event":{"name":"Cart Updated","properties":{}},"position":1,"waiting":{"for":"quiet",' +
  '"until":"2026-","ms":3600000}}],"entered":{"abandoned-cart":"2026-","welcome":"2026-"},"schedule":{"birthday":{"at":"2026-","by":""},' +
  '"loyalty-statement":{"at":"2026-"},"refused":{"welcome":{"at":"2026-","code":"condition-false","eventId":""}},"outstanding":[{' +
  '"messageId":"m","runId":"r","journey":"","step":"reminder","round":1,"phase":"planned","settleAt":"2026-","notAfter":"2026-"}],' +
  '"applied":[""],"visitors":[{"visitorId":"v","foldedAt":"2026-","sweepAt":"2026-"}],"minute":{"at":"2026-","count":1}}'

const mails =
  '"customer":{"firstName":"","lastName":"","locale":"en","timeZone":"Asia/Dhaka","interests":[],"since":"2026-","orderCount":0,' +
  '"favouriteCategories":[],"lifetimeValue":0},"cart":{"id":"","url":"https://","items":[],"count":1,"total":,"currency":"BDT"},' +
  '"loyalty":{"points":0},"products":[],"recent":[],"shop":{"name":"","url":"https://","address":"","currency":"BDT"},"links":{' +
  '"unsubscribe":"https://","preferences":"https://"},"journey":{"id":"abandoned-cart","name":"Abandoned cart","step":"reminder"},' +
  '"now":"2026-"},"consent":{"*":{"given":true,"at":"2026-","source":""}},"softBounces":0,"ring":[{"messageId":"m","at":"2026-"}],' +
  '"owner":"c","eventIds":[""],"release":1,"decisions":[{"journey":"abandoned-cart","runId":"r","outcome":"entered","reason":{"code":' +
  '"entered","explanation":"entered by Cart Updated"}},{"step":"reminder","messageId":"m","outcome":"planned","reason":{"code":"plan-due",' +
  '"explanation":"its step was due"}},{"outcome":"finished","reason":{"code":"finished","explanation":"walked to the end of the journey"}}],' +
  '"journey":"abandoned-cart","step":"reminder","mail":"reminder","runId":"r","key":"cart-","runStartedAt":"2026-","release":1,' +
  '"urgent":true,"exitsOnOrder":true,"event":{"name":"Cart Updated","properties":{"plannedAt":"2026-","notAfter":"2026-","inputs":{"links":['

/** The dictionary, as bytes. */
export const dictionary = Buffer.from(browser + events + mails + state)
