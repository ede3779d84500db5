/** The flags by which every command that works on a stage is told which one. */
import type { Arguments, Flag } from '#cli/terminal/arguments'

export const whereFlags: Record<string, Flag> = {
  stack: { value: 'NAME', about: 'a deployed stack, such as homeward-prod (else the running npm start)' },
  data: { value: 'DIR', about: 'the data folder of the running npm start (.homeward)' },
}

export interface Where {
  stack: string | undefined
  data: string
}

export const whereOf = (given: Arguments): Where => ({
  stack: given.value.stack,
  data: given.value.data ?? '.homeward',
})

/** A command as it is typed for a stage. */
export const forStage = (stage: { name: string; isLocal: boolean }, words: string): string =>
  stage.isLocal ? words : `${words}${words.includes(' -- ') ? '' : ' --'} --stack ${stage.name}`
