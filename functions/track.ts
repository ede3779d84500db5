/** The Lambda handler of the step `track`. */
export const handler = async (): Promise<void> => {}
