/**
 * Seeds of worlds in which something once went wrong, in the product or in what judges it, and what it was.
 * They are lived again with every `npm test`.
 */
export const pastFailures: readonly { seed: number; was: string }[] = [
  {
    seed: 1046,
    was: 'a guest was erased by her address and later signed up anew by a user id: the account is another person to us, its address stays refused',
  },
]
