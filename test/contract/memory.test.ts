/** The in-memory ports keep the contract. */
import { describe } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { everyContract } from './suites.ts'

const open = async () => memoryPorts()

describe('in memory', () => everyContract(open, open))
