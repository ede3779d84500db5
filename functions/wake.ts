/** The Lambda handler of the step `wake`. */
export const handler = async (): Promise<void> => {}
