/** The Lambda handler of the step `console`. */
export const handler = async (): Promise<void> => {}
