/** The Lambda handler of the step `decide`. */
export const handler = async (): Promise<void> => {}
