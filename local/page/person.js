/**
 * Who is at this browser, as the shop beside says it: kept by the shop's page in this browser, so that a reload
 * knows you. The timeline follows her, and all times are shown in her zone.
 */
import { useZone } from './words.js'

const stored = 'homeward.person'
const state = { person: undefined, dataId: '', print: '' }

/** Who is at this browser; undefined for a visitor nobody can write to. */
export const person = () => state.person

/** Whether she is somebody else than before; what other data knew of her is forgotten. */
function read() {
  const print = localStorage.getItem(stored) ?? ''
  if (print === state.print) return false
  state.print = print
  const before = JSON.stringify(state.person)
  try {
    const kept = JSON.parse(print)
    state.person = kept.of === state.dataId ? (kept.person ?? undefined) : undefined
  } catch {
    state.person = undefined
  }
  if (state.person !== undefined) useZone(state.person.timeZone)
  return JSON.stringify(state.person) !== before
}

/**
 * Follows who is at the shop. `dataId` tells one data folder of the runtime from another; `somebodyElse` is
 * called when it becomes another, `happened` after anything happened in the shop.
 */
export function startPerson({ dataId, somebodyElse, happened }) {
  state.dataId = dataId
  read()
  const look = () => (read() ? somebodyElse() : happened())
  new BroadcastChannel('homeward.shop').addEventListener('message', look)
  addEventListener('storage', (change) => change.key === stored && look())
}
