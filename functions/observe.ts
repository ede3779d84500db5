/** The Lambda handler of the step `observe`. */
export const handler = async (): Promise<void> => {}
