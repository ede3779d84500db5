/**
 * Every bound of the system, with its unit in its name. Nothing that grows is without a line here:
 * a list, batch, retry, wait or payload that has no limit is a defect.
 */
export const limits = {
  /** One event as JSON, and one request body. */
  eventBytes: 32 * 1024,
  batchBytes: 500 * 1024,
  batchEvents: 100,
  eventDepth: 8,
  idCharacters: 256,
  nameCharacters: 256,
  textCharacters: 2000,
  customTraits: 50,
  /** Items of a cart or order that are kept; the rest only counts towards its totals. */
  cartItems: 100,
  cartDeltas: 50,
  recentProducts: 12,
  rememberedPurchases: 50,
  /** Products that a mail is offered to show next. */
  nextProducts: 6,
  interests: 20,
  favouriteCategories: 10,
  /** Orders whose single amounts are remembered, so that a refund can be taken out of the sums. */
  rememberedOrders: 50,
  rememberedRefunds: 16,
  appliedEvents: 128,
  liveRuns: 32,
  outstandingMessages: 64,
  /** Of a visitor's log: events folded in, and pages of as many that are read to find the last ones. */
  visitorEvents: 500,
  /** Events of one log that a view reads, and entries of a timeline that it shows. */
  viewedEvents: 1000,
  viewedPages: 100,
  timelineEntries: 500,
  visitorPages: 4,
  linkedVisitors: 8,
  /** A state as JSON: about 32 KB deflated, and what strangers make of it still fits a row. */
  stateCharacters: 120_000,
  explanationCharacters: 400,
  eventsPerMinute: 300,
  stepsPerWalk: 64,
  commitAttempts: 6,
  /** Message rows changed in one transaction (of at most 100 actions). */
  effectsPerCommit: 40,
  decisionEventIds: 10,
  claimAttempts: 3,
  /** How long a container waits for its turn under the granted rate before it gives the mail back. */
  rateWaitMs: 20_000,
  /** How old what is known of releases and switches may be when a mail is claimed. */
  liveKnownMs: 5_000,
  /** How often it looks whether the line of turns has room for its batch, and for how long, its turns included. */
  roomPauseMs: 1_000,
  roomAndTurnMs: 35_000,
  notSentBackoffMs: 30_000,
  stoppedBackoffMs: 15 * 60_000,
  /** Mails of each kind (service, other) that an inbox remembers; more than any cap counts. */
  inboxRing: 64,
  softBounces: 5,
  wakeCustomers: 10_000,
  decideConcurrency: 8,
  ingestConcurrency: 8,
  deliverConcurrency: 10,
  visitorSweepMs: 5 * 60_000,
  /** How long before its log was folded in an event may have been received and not yet stored. */
  visitorInFlightMs: 60_000,
  /** After which whatever `ingest` began has ended, stored or not: its time is over after 15 s. */
  ingestEndsMs: 20_000,
  browseKeptDays: 400,
  /** A click this soon after delivery, or this soon after another one, is a machine's. */
  clickAfterDeliveryMs: 2_000,
  clickBurstMs: 1_000,
  /** A no said again within this is the same no. */
  sameChoiceMs: 60_000,
  /** A choice whose event was lost is told by the next one within this. */
  toldWithinMs: 24 * 3_600_000,
  /** An address that is said again counts as said then, noted this often at most. */
  inboxSaidMs: 3_600_000,
  /** A form posted to one of our own pages. */
  formBytes: 32 * 1024,
  stuckMs: 15 * 60_000,
  unknownClosesMs: 72 * 3_600_000,
  sendAfterClaimMs: 10_000,
  sendTimeoutMs: 8_000,
  /** Of it, to connect: a first packet that is lost is sent again after a second. */
  sendConnectMs: 3_000,
  dispatchDelayMs: 15 * 60_000,
  /** How soon a mail that waits without a known end is looked at again: after a share of its age, within bounds. */
  lookAgain: { share: 0.25, leastMs: 15 * 60_000, mostMs: 4 * 3_600_000 },
  /** How long a name server has to answer `npm run doctor`. */
  dnsTimeoutMs: 3_000,
  /** How much of the day's quota marketing mail may use, by whether somebody waits for it; service mail: all. */
  quotaShare: { urgent: 0.97, bulk: 0.9 },
  /** What a warm-up's ceiling held back yesterday goes out within so long after midnight. */
  warmUpSpreadMs: 3_600_000,
  /**
   * Orders are missing when so many are known and none came for `leastMs` and for so many usual gaps. Orders
   * within `beatMs` of the last are one beat of the shop's pulse.
   */
  silence: { orders: 10, gaps: 6, leastMs: 24 * 3_600_000, leastGapMs: 60_000, beatMs: 1_000 },
  messageLivesMs: 24 * 3_600_000,
  freshForMs: 3_600_000,
  morningSpreadMs: 10 * 60_000,
  attributionDays: 5,
  /** Reminders to an address that only a browser gave. */
  unverified: { mails: 2, within: 7 * 86_400_000 },
  /** New addresses that one browser key may name in an hour; what goes beyond is kept without its address. */
  strangersPerHour: 300,
  /** Mails that ask one customer whether she wants mail: whoever types her address into a form makes one. */
  confirmations: { mails: 3, within: 7 * 86_400_000 },
  surveyCommentCharacters: 1000,
  /** Carts whose fate a state remembers, and how far back a report looks at them. */
  rememberedCarts: 10,
  rememberedReminders: 4,
  cartReportDays: 30,
  /** How long after its end a day of the report is counted anew: its mails have ended by then, orders have come. */
  reportOpenDays: 14,
  /** The most days of one report, journeys it counts, and releases it reads anew in one go. */
  reportDays: 400,
  reportJourneys: 500,
  reportReleases: 20,
  /** Rows counted at once, and shards asked side by side. */
  reportPageRows: 100,
  /** What is left of a function's time when the report lays its work down until the next hour. */
  reportSpareMs: 10_000,
  /** People merged into others are followed so many steps. */
  mergesFollowed: 32,
  /** What `templates/` may hold, and how long one file may be. */
  templateFiles: 1000,
  templateBytes: 256 * 1024,
  /** Database calls: time to connect and to answer, tries of the SDK, tries of what met another's write. */
  connectMs: 1_000,
  databaseTimeoutMs: 5_000,
  databaseAttempts: 4,
  conflictAttempts: 8,
  conflictPauseMs: 10,
  inflatedBytes: 8 * 1024 * 1024,
  /** One part of a value that is too large for one row (a row takes 400 KB). */
  rowPartBytes: 350 * 1024,
  /** Files that are imported: one cell, one row; rows taken in side by side, and before progress is noted. */
  batchKeys: 100,
  csvCellCharacters: 64 * 1024,
  csvColumns: 500,
  importConcurrency: 32,
  importChunkRows: 256,
  /** Rows taken out side by side when somebody is erased. */
  removesAtOnce: 16,
  queueBatch: 10,
  queueAttempts: 5,
  queueConcurrency: 4,
  cachedReleases: 20,
  cachedMails: 200,
  quotaKeptMs: 60_000,
  /** Containers that begin together ask for the quota together, and SES answers one a second. */
  quotaAttempts: 6,
  quotaAgainMs: 5_000,
  linkKeysKeptMs: 5 * 60_000,
  /** The least time between two looks for a link key that is not known. */
  linkKeysAgainMs: 10_000,
  queuePauseMs: 50,
  parkedEvents: 100,
  parkedListed: 10_000,
  shardsAtOnce: 16,
  template: {
    sourceCharacters: 256 * 1024,
    expressions: 2000,
    elements: 2000,
    elementDepth: 32,
    /** Layouts of one section whose columns depend on tests. */
    layouts: 16,
    blockDepth: 12,
    loopDepth: 3,
    /** Elements of one list that a mail walks, and of all its lists together. */
    listItems: 100,
    loopTurns: 2000,
    /** Gmail cuts a mail off at about 102 KB; what comes near is told. */
    htmlBytes: 102 * 1024,
    nearBytes: 90 * 1024,
    compiledCharacters: 300_000,
    compileMs: 10_000,
    messageCharacters: 4000,
    subjectGraphemes: 150,
    formatters: 500,
    /** Amounts of one currency and locale whose words are kept. */
    amounts: 2_000,
  },
} as const
