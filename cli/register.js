/**
 * Lets Node 20 run this repository's TypeScript without a build: `node --import ./cli/register.js file.ts`.
 * From 22.18 on Node strips types itself and this file does nothing. Worker threads inherit `--import`, so
 * they run TypeScript too. The translation itself is in `cli/ts-hook.js`.
 */
import { register } from 'node:module'

if (!process.features.typescript) register('./ts-hook.js', import.meta.url)
