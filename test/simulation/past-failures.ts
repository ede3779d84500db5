/**
 * Seeds of worlds in which something once went wrong, in the product or in what judges it, and what it was.
 * They are lived again with every `npm test`.
 * A seed's world changes when the simulator draws otherwise: 27 and 53 no longer come to what they found, which
 * is held by a directed scenario since; 43 still does.
 */
export const pastFailures: readonly { seed: number; was: string }[] = [
  {
    seed: 43,
    was: 'an order was told again while its guest became an account, and was thanked for twice',
  },
  {
    seed: 27,
    was: 'the end of a mail that was handed over ended the one that took its place, which stayed CLAIMED',
  },
  {
    seed: 53,
    was: 'the same: her run went on, her mail was never settled',
  },
  {
    seed: 1046,
    was: 'a guest was erased by her address and later signed up anew by a user id: the account is another person to us, its address stays refused',
  },
  {
    seed: 660,
    was: 'the judge wanted a mail sent that may have been: claimed on the guest’s record, the reply lost, and planned again on the account’s',
  },
  {
    seed: 1178,
    was: 'a guest who was erased while her account took her over was given a state again',
  },
  {
    seed: 1767,
    was: 'a hold that was told again ended the care for a mail that went on since: it stayed UNKNOWN for ever',
  },
  {
    seed: 1936,
    was: 'the judge took the other telling of a call that a client told twice, with another time',
  },
  {
    seed: 2228,
    was: 'an order told of a guest and of her account at once lost that the television it came from is hers',
  },
  {
    seed: 2186,
    was: 'a guest who became an account while she was looked up to be erased kept the account and what it took over',
  },
  {
    seed: 247,
    was: 'the judge took an order for news when its client, unanswered, told it once more: it was stored before she looked around',
  },
  {
    seed: 51678,
    was: 'a no that was said again kept its first time, and a yes from between, told late, undid it',
  },
  {
    seed: 80224,
    was: 'a sign-in that the stream brought twice was taken for the sweep of her device, minutes too early: what was in flight was lost',
  },
  {
    seed: 300060,
    was: 'the judge held a zone against a mail that was told while it was on the wire, seconds after its claim',
  },
  {
    seed: 500272,
    was: 'the operator gave up an erasure that had failed 200 times within hours, and nobody began it again',
  },
  {
    seed: 503526,
    was: 'the operator took a journey for paused that the live release did not have',
  },
  {
    seed: 525551,
    was: 'a look that was being stored while its device was erased stayed on the log of the device',
  },
  {
    seed: 538381,
    was: 'an order told of a guest and of her account: the guest’s mail was rejected, the account’s was skipped as sent already',
  },
  {
    seed: 541677,
    was: 'the same, while the guest’s mail was on the wire: it was given back, and nobody was thanked',
  },
  {
    seed: 554234,
    was: 'care for a mail that guest and account had both planned was dropped when the guest’s went out: the account’s stayed HELD for ever',
  },
]
